"""The money that counts for a promise or a plan: what arrived after it was made, less what was taken back."""

from __future__ import annotations

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.sql.elements import SQLCoreOperations

from o2c_core.cases.dispute import Dispute
from o2c_core.cases.plan import PaymentPlan, PlannedInvoice
from o2c_core.cases.promise import Promise, PromisedInvoice
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn


def _after(
    day: SQLCoreOperations[object], id_: SQLCoreOperations[object], since: SQLCoreOperations[object], key: object
) -> ColumnElement[bool]:
    """After it was made: on a later day, or on that day with a later key, since keys are ordered by time."""
    return or_(day > since, and_(day == since, id_ > key))


def paid_for_promise() -> ColumnElement[int]:
    """What counts for the promise of the enclosing query, in minor units: money received by its last day, grace included.

    Where invoices are named it is what was set against them; else every payment of the customer in that currency, less
    what left again.
    """
    until = cast(Promise.promised_on + cast(Promise.grace_days, Integer), Date)
    by_payment = (
        select(func.sum(Allocation.amount_minor).label("came"))
        .join(PromisedInvoice, PromisedInvoice.invoice_id == Allocation.invoice_id)
        .join(Payment, Payment.id == Allocation.payment_id)
        .where(
            PromisedInvoice.promise_id == Promise.id,
            _after(Allocation.allocated_on, Allocation.id, Promise.made_on, Promise.id),
            Payment.received_on <= until,
        )
        .group_by(Allocation.payment_id)
        .correlate(Promise)
        .lateral()
    )
    named = _what_came(by_payment).correlate(Promise).scalar_subquery()
    left_again = (
        select(func.coalesce(func.sum(PaymentReturn.amount_minor), 0))
        .where(PaymentReturn.payment_id == Payment.id)
        .correlate(Payment)
        .scalar_subquery()
    )
    any_money = (
        select(func.coalesce(func.sum(Payment.amount_minor - left_again), 0))
        .where(
            Payment.customer_id == Promise.customer_id,
            Payment.currency == Promise.currency,
            _after(Payment.received_on, Payment.id, Promise.made_on, Promise.id),
            Payment.received_on <= until,
        )
        .correlate(Promise)
        .scalar_subquery()
    )
    return case((_names_invoices(), named), else_=any_money)


def open_for_promise() -> ColumnElement[int]:
    """What is still open on what the promise of the enclosing query is about, in minor units."""
    left = func.coalesce(func.sum(func.greatest(open_minor(), 0)), 0)
    named = (
        select(left)
        .join(PromisedInvoice, PromisedInvoice.invoice_id == Invoice.id)
        .where(PromisedInvoice.promise_id == Promise.id)
        .correlate(Promise)
        .scalar_subquery()
    )
    everything = (
        select(left)
        .where(Invoice.customer_id == Promise.customer_id, Invoice.currency == Promise.currency)
        .correlate(Promise)
        .scalar_subquery()
    )
    return case((_names_invoices(), named), else_=everything)


def _names_invoices() -> ColumnElement[bool]:
    return exists().where(PromisedInvoice.promise_id == Promise.id).correlate(Promise)


def paid_for_plan() -> ColumnElement[int]:
    """What payments were set against the invoices of the enclosing query's plan since it started, in minor units."""
    by_payment = (
        select(func.sum(Allocation.amount_minor).label("came"))
        .join(PlannedInvoice, PlannedInvoice.invoice_id == Allocation.invoice_id)
        .where(
            PlannedInvoice.plan_id == PaymentPlan.id,
            Allocation.payment_id.is_not(None),
            _after(Allocation.allocated_on, Allocation.id, PaymentPlan.started_on, PaymentPlan.id),
        )
        .group_by(Allocation.payment_id)
        .correlate(PaymentPlan)
        .lateral()
    )
    return _what_came(by_payment).correlate(PaymentPlan).scalar_subquery()


def _what_came(by_payment: FromClause) -> Select[tuple[int]]:
    """The sum over payments of what each brought since, which is never less than nothing.

    Counted by payment, because taking back a part of older money releases its allocation and sets the rest again: that
    brings nothing, and takes nothing off what came since.
    """
    return select(func.coalesce(func.sum(func.greatest(by_payment.c.came, 0)), 0))


def open_for_plan() -> ColumnElement[int]:
    """What is open on the invoices of the enclosing query's plan, in minor units."""
    return (
        select(func.coalesce(func.sum(func.greatest(open_minor(), 0)), 0))
        .join(PlannedInvoice, PlannedInvoice.invoice_id == Invoice.id)
        .where(PlannedInvoice.plan_id == PaymentPlan.id)
        .correlate(PaymentPlan)
        .scalar_subquery()
    )


def disputed_for_plan() -> ColumnElement[int]:
    """What is disputed of them, in minor units."""
    return (
        select(func.coalesce(func.sum(Dispute.amount_minor), 0))
        .join(PlannedInvoice, PlannedInvoice.invoice_id == Dispute.invoice_id)
        .where(PlannedInvoice.plan_id == PaymentPlan.id, Dispute.state == "open")
        .correlate(PaymentPlan)
        .scalar_subquery()
    )
