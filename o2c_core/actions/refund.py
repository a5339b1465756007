"""Paying back to a customer what we hold of theirs."""

from __future__ import annotations

from uuid import UUID

from o2c_core.invoices.allocation import check_above_zero, check_left
from o2c_core.invoices.payment import PaymentReturn
from o2c_core.invoices.posting import happened_on, ledger_day, left_of, locked_source
from o2c_core.invoices.returning import book_return, same_return
from o2c_core.keys import new_key
from o2c_core.money import Money
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note


def refund(
    source_id: UUID, amount: Money, *, reason: str, store: Store, source_key: str | None = None, by: str = "system"
) -> PaymentReturn:
    """Book that we pay back so much of the unapplied rest of a payment or credit note.

    With a `source_key`, refunding again under the same one changes nothing.

    Raises: NotFound; NotAboveZero; OtherCurrency; NothingLeft; MoreThanIsLeft; ReturnKnownDifferently.
    """
    now = store.clock.now()
    check_above_zero(amount)
    key = source_key or f"refund-{new_key()}"
    with store.session() as session:
        source = locked_source(session, source_id)
        known = same_return(session, source, "refund", amount, key)
        if known is not None:
            return known
        left = left_of(session, source)
        check_left(amount, left)
        on = max(ledger_day(session, source.seller_id, store.clock), happened_on(source))
        booked = book_return(session, source, "refund", amount, on, reason, key)
        note(
            session, "money refunded", source, at=now, who=by, why=reason, key=key, amount=str(amount),
            unapplied=str(left - amount), payment_return=str(booked.id),
        )  # fmt: skip
        withdraw_overtaken(session, source.customer_id, now)
        session.commit()
        return booked
