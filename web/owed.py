"""What each customer owes at the end of a day, per currency, for many customers in one query."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Subquery, func, select
from sqlalchemy.orm import InstrumentedAttribute

from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Allocation, Payment

_Id = InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None]


def owed(on: date, *whose: ColumnElement[bool]) -> Subquery:
    """Rows of (customer_id, currency, open, overdue, invoices, oldest_due_on) for what is open; minor units.

    It counts as the ageing does: nothing issued or allocated after that day, and the due date itself is not late.
    """
    left = Invoice.total_minor - _used(Allocation.invoice_id, Invoice.id, on)
    each = (
        select(Invoice.customer_id, Invoice.currency, Invoice.due_on, left.label("left"))
        .where(Invoice.issued_on <= on, *whose)
        .subquery()
    )
    late = each.c.due_on < on
    return (
        select(
            each.c.customer_id,
            each.c.currency,
            func.sum(each.c.left).label("open"),
            func.coalesce(func.sum(each.c.left).filter(late), 0).label("overdue"),
            func.count().label("invoices"),
            func.min(each.c.due_on).label("oldest_due_on"),
        )
        .where(each.c.left != 0)
        .group_by(each.c.customer_id, each.c.currency)
        .subquery()
    )


def held(on: date, customer_ids: list[UUID]) -> Subquery:
    """Rows of (customer_id, currency, held): those customers' money and credit not set against any invoice."""
    money = select(
        Payment.customer_id,
        Payment.currency,
        (Payment.amount_minor - _used(Allocation.payment_id, Payment.id, on)).label("left"),
    ).where(Payment.customer_id.in_(customer_ids), Payment.received_on <= on)
    credit = select(
        CreditNote.customer_id,
        CreditNote.currency,
        (CreditNote.total_minor - _used(Allocation.credit_note_id, CreditNote.id, on)).label("left"),
    ).where(CreditNote.customer_id.in_(customer_ids), CreditNote.issued_on <= on)
    both = money.union_all(credit).subquery()
    return (
        select(both.c.customer_id, both.c.currency, func.sum(both.c.left).label("held"))
        .group_by(both.c.customer_id, both.c.currency)
        .having(func.sum(both.c.left) != 0)
        .subquery()
    )


def _used(by: _Id, of: InstrumentedAttribute[UUID], on: date) -> ScalarSelect[int]:
    return (
        select(func.coalesce(func.sum(Allocation.amount_minor), 0))
        .where(by == of, Allocation.allocated_on <= on)
        .correlate(of.class_)
        .scalar_subquery()
    )
