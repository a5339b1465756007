"""Setting allocations anew where a file moved the day of a payment, credit note or invoice past them."""

from __future__ import annotations

from itertools import islice

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.orm import Session, aliased

from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Allocation, Payment
from o2c_core.keys import new_key

_BATCH = 1_000


def follow_days(session: Session, *which: ColumnElement[bool]) -> None:
    """Takes back those allocations that are older than what they are about, on their own day, and sets them anew.

    Otherwise a balance of the days between would count money against an invoice before one of the two was there. Rows are
    only added; the sources and invoices are the caller's to lock.
    """
    taken_back = aliased(Allocation)
    # The write-off of an invoice has no row of its own here: GREATEST passes over what is null.
    day = func.greatest(Invoice.issued_on, Payment.received_on, CreditNote.issued_on)
    query = (
        select(Allocation, day)
        .join(Invoice, Invoice.id == Allocation.invoice_id)
        .outerjoin(Payment, Payment.id == Allocation.payment_id)
        .outerjoin(CreditNote, CreditNote.id == Allocation.credit_note_id)
        .where(*which, Allocation.reverses_id.is_(None), Allocation.allocated_on < day)
        .where(~select(taken_back.id).where(taken_back.reverses_id == Allocation.id).exists())
        .order_by(Allocation.id)
    )
    found = iter(session.execute(query, execution_options={"yield_per": _BATCH}))
    while batch := list(islice(found, _BATCH)):
        rows = []
        for old, on in batch:
            same = {
                "invoice_id": old.invoice_id,
                "payment_id": old.payment_id,
                "credit_note_id": old.credit_note_id,
                "write_off_id": old.write_off_id,
            }
            back = {"reverses_id": old.id, "amount_minor": -old.amount_minor, "allocated_on": old.allocated_on}
            again = {"reverses_id": None, "amount_minor": old.amount_minor, "allocated_on": on}
            rows += [{"id": new_key(), **same, **each} for each in (back, again)]
        session.execute(insert(Allocation), rows)
