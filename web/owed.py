"""What each customer owes at the end of a day, per currency, for many customers in one query."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, distinct, func, select

from o2c_core.invoices.account import open_parts, unapplied_parts


def owed(on: date, *whose: ColumnElement[bool]) -> Subquery:
    """Rows of (customer_id, currency, open, overdue, invoices, oldest_due_on) for what is open; minor units.

    It counts as the ageing does: nothing issued or allocated after that day, the due date itself is not late, and of
    an invoice in instalments those that were missed are.
    """
    each = open_parts(*whose, as_of=on).subquery()
    late = each.c.due_on < on
    return (
        select(
            each.c.customer_id,
            each.c.currency,
            func.sum(each.c.minor).label("open"),
            func.coalesce(func.sum(each.c.minor).filter(late), 0).label("overdue"),
            func.count(distinct(each.c.invoice_id)).label("invoices"),
            func.min(each.c.due_on).label("oldest_due_on"),
        )
        .group_by(each.c.customer_id, each.c.currency)
        .subquery()
    )


def held(on: date, customer_ids: list[UUID]) -> Subquery:
    """Rows of (customer_id, currency, held): those customers' money and credit neither set against an invoice nor paid back."""
    each = unapplied_parts(customer_ids, as_of=on).subquery()
    return (
        select(each.c.customer_id, each.c.currency, func.sum(each.c.minor).label("held"))
        .group_by(each.c.customer_id, each.c.currency)
        .having(func.sum(each.c.minor) != 0)
        .subquery()
    )
