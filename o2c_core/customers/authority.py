"""Authority: what the assistant, an agent, finance or a manager may concede without asking somebody above them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from o2c_core import money
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.money import Money, exponent


class BeyondAuthority(Refused):
    """That is more than this role may decide; somebody with more authority has to."""


@dataclass(frozen=True)
class Authority:
    """The limits of one role. Amounts are in major units of the seller's currency, days are calendar days.

    `cancel_state_max` is how far an order line may be for the role to cancel it: see CANCEL_STATES. `approve_max` is what
    a reminder may ask for at most when the role approves, changes or skips it; with 0 the role approves none.
    """

    write_off_max: int
    credit_max: int
    plan_max: int
    plan_months_max: int
    promise_days_max: int
    promises_again_max: int
    hold_days_max: int
    cancel_state_max: int
    approve_max: int = 0


# Refusals are sentences in English, and so are the amounts in them where nobody in particular reads them.
LOCALE = "en_GB"
# With 0 somebody else cancels; with 1 what was only ordered may be cancelled, with 2 also what was confirmed and is being
# prepared. What has left is never cancelled, by nobody: it comes back.
CANCEL_STATES = {"ordered": 1, "confirmed": 2, "part_shipped": 2}
# What holds where the seller's settings say nothing. The assistant concedes no money, as nobody answers for it.
DEFAULTS: dict[str, Authority] = {
    "assistant": Authority(0, 0, 2_500, 3, 14, 1, 7, 1),
    "agent": Authority(25, 100, 5_000, 4, 21, 2, 14, 2),
    "finance": Authority(250, 1_000, 25_000, 6, 30, 3, 30, 2, 250_000),
    "manager": Authority(5_000, 25_000, 250_000, 12, 60, 5, 90, 2, 1_000_000_000),
}
ROLES = tuple(DEFAULTS)


def authority_of(role: str, seller: Seller) -> Authority:
    """The role's limits at that seller: the defaults, with what its settings say under "authority" put over them.

    Raises: BeyondAuthority for a role that has none.
    """
    if role not in DEFAULTS:
        raise BeyondAuthority(f"'{role}' is not a role with any authority: {', '.join(ROLES)}.", role=role)
    said: dict[str, Any] = (seller.settings or {}).get("authority", {}).get(role, {})
    known = {field.name for field in fields(Authority)}
    return replace(DEFAULTS[role], **{name: int(limit) for name, limit in said.items() if name in known})


def check_amount(amount: Money, limit_major: int, role: str, what: str, locale: str = LOCALE) -> None:
    """Raises: BeyondAuthority when the amount is above the limit, taken at face value in the amount's own currency.

    `locale` is that of whoever reads the refusal.
    """
    limit = Money(limit_major * 10 ** exponent(amount.currency), amount.currency)
    if amount > limit:
        beyond, most = money.show(amount, locale), money.show(limit, locale)
        raise BeyondAuthority(
            f"A {what} of {beyond} is more than the role {role} may decide, which is {most}.", role=role
        )
