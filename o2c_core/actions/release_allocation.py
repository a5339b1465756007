"""Taking an allocation back: the invoice is open again and the money unapplied, and a write-off is undone."""

from __future__ import annotations

from uuid import UUID

from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.allocation import check_above_zero, check_left
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Allocation, Payment, WriteOff
from o2c_core.invoices.posting import Change, ledger_day, locked, locked_invoices, standing, take_back
from o2c_core.money import Money
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note


class AlreadyReleased(Refused):
    """That has already been taken back."""


def release_allocation(
    allocation_id: UUID, why: str, *, store: Store, amount: Money | None = None, by: str = "system"
) -> tuple[Change, ...]:
    """Take an allocation back, or only `amount` of it; the rest is set against the invoice anew.

    An early-payment discount that is no longer earned is taken back with it.

    Raises: NotFound; AlreadyReleased; NotAboveZero; MoreThanIsLeft when the amount is above the allocation's.
    """
    now = store.clock.now()
    with store.session() as session:
        allocation = session.get(Allocation, allocation_id)
        if allocation is None:
            raise NotFound("There is no such allocation.", allocation=str(allocation_id))
        for noun, source_id in (
            (Payment, allocation.payment_id),
            (CreditNote, allocation.credit_note_id),
            (WriteOff, allocation.write_off_id),
        ):
            if source_id is not None:
                locked(session, noun, source_id)
        (invoice,) = locked_invoices(session, Invoice.id == allocation.invoice_id)
        if not standing(session, Allocation.id == allocation_id):
            raise AlreadyReleased(allocation=str(allocation_id))
        whole = Money(allocation.amount_minor, invoice.currency)
        if amount is not None:
            check_above_zero(amount)
            check_left(amount, whole)
        on = ledger_day(session, invoice.seller_id, store.clock)
        changes = take_back(session, [allocation], (amount or whole).minor, on)
        note(
            session, "allocation released", allocation, at=now, who=by, why=why, customer_id=invoice.customer_id,
            seller_id=invoice.seller_id, amount=str(amount or whole),
            released=[change.to_json() for change in changes],
        )  # fmt: skip
        withdraw_overtaken(session, invoice.customer_id, now)
        session.commit()
        return tuple(changes)
