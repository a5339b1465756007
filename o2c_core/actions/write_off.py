"""No longer asking for a part of an invoice, within the authority of who decides it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from o2c_core.customers.authority import authority_of, check_amount
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.allocation import MoreThanIsOpen, OtherCurrency, check_above_zero
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import WRITE_OFF_REASONS, Allocation, WriteOff
from o2c_core.invoices.posting import DISCOUNT, ledger_day, locked_invoices, open_of, write_down
from o2c_core.money import Money
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note

REASONS = tuple(reason for reason in WRITE_OFF_REASONS if reason != DISCOUNT)


class NoSuchReason(Refused):
    """That is not a reason to write something off."""


def write_off(
    invoice_id: UUID, amount: Money, *, reason: str, words: str, by: str, role: str, store: Store
) -> WriteOff:
    """Write off so much of what is open on the invoice. Releasing its allocation undoes it.

    What the role may decide is meant for all that is written off from the invoice together, so that many small ones
    are not a way around it; a discount for paying early follows from the terms and does not count.

    Raises: NotFound; NoSuchReason; NotAboveZero; OtherCurrency; MoreThanIsOpen; BeyondAuthority.
    """
    now = store.clock.now()
    check_above_zero(amount)
    if reason not in REASONS:
        raise NoSuchReason(f"'{reason}' is not a reason to write something off: {', '.join(REASONS)}.", reason=reason)
    with store.session() as session:
        invoices = locked_invoices(session, Invoice.id == invoice_id)
        if not invoices:
            raise NotFound("There is no such invoice.", invoice=str(invoice_id))
        (invoice,) = invoices
        if amount.currency != invoice.currency:
            raise OtherCurrency(f"Invoice {invoice.number} is in {invoice.currency}, not in {amount.currency}.")
        left = Money(open_of(session, [invoice.id])[invoice.id], invoice.currency)
        if amount > left:
            raise MoreThanIsOpen(f"{amount} is more than is open on invoice {invoice.number}, which is {left}.")
        before = session.scalars(
            select(func.coalesce(func.sum(Allocation.amount_minor), 0))
            .join(WriteOff, WriteOff.id == Allocation.write_off_id)
            .where(Allocation.invoice_id == invoice.id, WriteOff.reason != DISCOUNT)
        ).one()
        seller = session.get_one(Seller, invoice.seller_id)
        together = amount + Money(int(before), invoice.currency)
        check_amount(together, authority_of(role, seller).write_off_max, role, "write-off")
        on = ledger_day(session, invoice.seller_id, store.clock)
        written, _ = write_down(session, invoice, amount.minor, reason=reason, words=words, by=by, role=role, on=on)
        note(
            session, "written off", written, at=now, who=by, why=reason, role=role, words=words,
            invoice=invoice.number, amount=str(amount), open=str(left - amount),
        )  # fmt: skip
        withdraw_overtaken(session, invoice.customer_id, now)
        session.commit()
        return written
