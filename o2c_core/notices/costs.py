"""What may be asked beside interest: fixed sums, collection costs by a scale, and the VAT on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from o2c_core.cases.plan import months_later
from o2c_core.errors import Refused
from o2c_core.money import Money, exponent, total
from o2c_core.notices.interest import OtherMoney, half_up
from o2c_core.notices.tables import Tables, late_payment_tables


class TooManySmallClaims(Refused):
    """The costs over small claims of this customer would come to more than the law may allow together; a person looks at it."""


def fixed_sum(
    debts: Sequence[Money], currency: str, *, country: str, kind: str, on: date, tables: Tables | None = None
) -> Money:
    """The fixed sum for those late debts, one per invoice, or once for all where the law counts them together.

    Raises: NotInTheTables, always for consumers; OtherMoney.
    """
    rule = (tables or late_payment_tables()).fixed_sum_rule(country, kind, on)
    if rule.currency != currency:
        raise OtherMoney
    counted = [total(debts, currency)] if rule.per == "notice" else list(debts)
    sums = [_step(rule.steps, debt) for debt in counted if debt.minor > 0]
    return total((Money.of(one, currency) for one in sums), currency)


def collection_costs(principal: Money, *, country: str, kind: str, on: date, tables: Tables | None = None) -> Money:
    """The costs of collecting by the scale, over everything asked together; rounded half up once, VAT not included.

    Raises: NotInTheTables; OtherMoney.
    """
    scale = (tables or late_payment_tables()).cost_scale(country, kind, on)
    if scale.currency != principal.currency:
        raise OtherMoney
    if principal.minor <= 0:
        return Money.zero(principal.currency)
    unit = 10 ** exponent(principal.currency)
    left, exact = Fraction(principal.minor), Fraction(0)
    for width, percent in scale.bands:
        taken = left if width is None else min(left, Fraction(width) * unit)
        exact += taken * Fraction(percent) / 100
        left -= taken
    bounded = min(max(exact, Fraction(scale.minimum) * unit), Fraction(scale.maximum) * unit)
    return Money(half_up(bounded), principal.currency)


def check_small_claims(
    costs: Money,
    principal: Money,
    before: Sequence[tuple[date, Money, Money]],
    *,
    country: str,
    kind: str,
    on: date,
    tables: Tables | None = None,
) -> None:
    """Whether the costs may be announced beside those of earlier claims, each with its day, principal and costs.

    Raises: TooManySmallClaims.
    """
    cap = (tables or late_payment_tables()).small_claims_cap(country, kind, on)
    if cap is None or principal.major >= cap.below:
        return
    since = months_later(on, -cap.months)
    counted = [earlier for at, claim, earlier in before if at > since and claim.major < cap.below]
    if total([costs, *counted], costs.currency).major > cap.sum:
        raise TooManySmallClaims(costs=str(costs), before=str(total(counted, costs.currency)), cap=str(cap.sum))


def vat_on(costs: Money, percent: Decimal, *, may_reclaim: bool) -> Money:
    """The VAT that is asked on top of collection costs: only where the seller cannot have it back from the tax office."""
    if may_reclaim:
        return Money.zero(costs.currency)
    return Money(half_up(costs.minor * Fraction(percent) / 100), costs.currency)


def _step(steps: Sequence[tuple[Decimal, Decimal]], debt: Money) -> Decimal:
    return max(sum_ for least, sum_ in steps if debt.major >= least)
