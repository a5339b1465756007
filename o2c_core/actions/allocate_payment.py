"""Setting unapplied money or credit against invoices."""

from __future__ import annotations

from uuid import UUID

from o2c_core.conversations.payments_said import money_came
from o2c_core.invoices.allocation import NothingLeft, check_above_zero
from o2c_core.invoices.payment import Payment
from o2c_core.invoices.posting import Change, Wanted, apply, happened_on, ledger_day, left_of, locked_source
from o2c_core.money import Money, total
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note


def allocate_payment(
    source_id: UUID,
    wanted: Wanted = "oldest first",
    *,
    store: Store,
    amount: Money | None = None,
    by: str = "system",
    why: str = "",
) -> tuple[Change, ...]:
    """Set what is left of a payment or credit note (at most `amount` of it) against invoices, and say what was set.

    Of two who allocate the same money at once the second is refused what is no longer left.

    Raises: NotFound; NothingLeft; MoreThanIsLeft; NotAboveZero; OtherCurrency; NotTheirInvoice; MoreThanIsOpen.
    """
    now = store.clock.now()
    with store.session() as session:
        source = locked_source(session, source_id)
        left = left_of(session, source)
        if left.minor <= 0:
            raise NothingLeft(source=str(source_id))
        if amount is not None:
            check_above_zero(amount)
        on = max(ledger_day(session, source.seller_id, store.clock), happened_on(source))
        changes = apply(session, source, wanted, amount or left, on, by)
        if not changes:
            return ()
        is_payment = isinstance(source, Payment)
        set_ = total((change.amount for change in changes if not change.is_discount), source.currency)
        note(
            session, "payment allocated" if is_payment else "credit note allocated", source, at=now, who=by, why=why,
            amount=str(set_), unapplied=str(left_of(session, source)),
            allocated=[change.to_json() for change in changes],
        )  # fmt: skip
        money_came(session, source.customer_id, now)
        withdraw_overtaken(session, source.customer_id, now)
        session.commit()
        return tuple(changes)
