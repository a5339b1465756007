"""Whose word did not hold lately: promises and plans that were broken, or kept with money that was taken back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, func, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from o2c_core.cases.plan import PaymentPlan, PlannedInvoice
from o2c_core.cases.promise import Promise, PromisedInvoice
from o2c_core.store.many import is_one_of

# Older than this it says nothing any more about whether somebody's word holds.
LATELY_DAYS = 180


def promises_broken_lately(
    session: Session, customer_ids: Collection[UUID], on: date, *, days: int = LATELY_DAYS
) -> dict[UUID, int]:
    """How many promises and plans of each of those customers broke in so many days up to that one; who broke none is not
    in it. Asked once for a whole batch."""
    since = on - timedelta(days=days)
    each = union_all(
        *(_broken(noun, is_one_of(noun.customer_id, customer_ids)) for noun in (Promise, PaymentPlan))
    ).subquery()
    query = (
        select(each.c.customer_id, func.count())
        .where(each.c.broken_on > since, each.c.broken_on <= on)
        .group_by(each.c.customer_id)
    )
    return {row[0]: int(row[1]) for row in session.execute(query)}


def broken_on(session: Session, customer_ids: Collection[UUID], on: date) -> dict[UUID, date]:
    """The last day on which somebody's word about an invoice did not hold, by invoice; of a promise about the whole
    account, by customer. What was agreed about it since then takes its place."""
    whole = _broken(Promise, is_one_of(Promise.customer_id, customer_ids), ~_names_invoices()).subquery()
    # One statement for the three: it is asked of every message at the instant of sending too.
    each = union_all(
        _by_invoice(Promise, PromisedInvoice.invoice_id, PromisedInvoice.promise_id, customer_ids),
        _by_invoice(PaymentPlan, PlannedInvoice.invoice_id, PlannedInvoice.plan_id, customer_ids),
        select(whole.c.customer_id, whole.c.broken_on),
    ).subquery()
    query = select(each.c.about, func.max(each.c.broken_on)).where(_lately(each.c.broken_on, on)).group_by(each.c.about)
    return {row[0]: row[1] for row in session.execute(query)}


def _broken(noun: type[Promise | PaymentPlan], *which: ColumnElement[bool]) -> Select[UUID, UUID, date]:
    day = case((noun.undone_on.is_not(None), noun.undone_on), else_=noun.settled_on)
    return select(noun.id, noun.customer_id, day.label("broken_on")).where(
        (noun.state == "broken") | noun.undone_on.is_not(None), *which
    )


def _by_invoice(
    noun: type[Promise | PaymentPlan],
    invoice: InstrumentedAttribute[UUID],
    key: InstrumentedAttribute[UUID],
    customer_ids: Collection[UUID],
) -> Select[UUID, date]:
    each = _broken(noun, is_one_of(noun.customer_id, customer_ids)).subquery()
    return select(invoice.label("about"), each.c.broken_on).join(each, each.c.id == key)


def _lately(day: ColumnElement[date], on: date) -> ColumnElement[bool]:
    return (day > on - timedelta(days=LATELY_DAYS)) & (day <= on)


def _names_invoices() -> ColumnElement[bool]:
    return exists().where(PromisedInvoice.promise_id == Promise.id).correlate(Promise)
