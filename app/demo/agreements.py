"""What was agreed with customers in the demo: a promise kept, one broken, a plan and a hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo import cast
from o2c_core.cases.hold import Hold
from o2c_core.cases.numbers import next_number
from o2c_core.cases.plan import GRACE_DAYS, PaymentPlan, PlannedInvoice, PlanPart, even_parts
from o2c_core.cases.promise import Promise, PromisedInvoice
from o2c_core.customers.seller import Seller
from o2c_core.invoices.account import OpenInvoice, invoices_of
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Allocation, Payment
from o2c_core.keys import new_key
from o2c_core.store.rows import Row

# How many days before the day of the history the broken promise was made, and for which day.
BROKEN_MADE_DAYS, BROKEN_FOR_DAYS = 20, 12
KEPT_MADE_DAYS = 6
PLAN_PARTS, PLAN_FIRST_DAYS = 3, 5
HOLD_DAYS_BEFORE, HOLD_DAYS_AFTER = 2, 5
OWNER = "Noor de Vries"

PutOn = Callable[[date], datetime]


def agreements(
    session: Session, seller: Seller, customer_ids: dict[str, UUID], today: date, put_on: PutOn
) -> Sequence[Row]:
    """The rows, each with a key of the day it tells of; `put_on` moves the clock to a day and says its first moment."""
    paid_late, received_on = _last_paid(session, customer_ids[cast.PAYS_VERY_LATE])
    owed = invoices_of(session, customer_ids[cast.STOPPED_PAYING], today, only_open=True)
    kept = _promise(paid_late, paid_late.total_minor, received_on - timedelta(days=KEPT_MADE_DAYS), received_on, put_on)
    kept.state, kept.settled_on = "kept", received_on
    kept.words = "We maken het die dag over."
    made_on, promised_on = (today - timedelta(days=days) for days in (BROKEN_MADE_DAYS, BROKEN_FOR_DAYS))
    broken = _promise(owed[0].invoice, owed[0].open.minor, made_on, promised_on, put_on)
    broken.state, broken.settled_on = "broken", broken.until_on + timedelta(days=1)
    broken.words = "Volgende week is het geregeld."
    return [
        kept,
        broken,
        _hold(seller, customer_ids[cast.CAFE_DES_ARTS], today, put_on),
        _plan(
            session,
            seller,
            invoices_of(session, customer_ids[cast.PAYS_IN_PARTS], today, only_open=True),
            put_on(today),
            today,
        ),
    ]


def _last_paid(session: Session, customer_id: UUID) -> tuple[Invoice, date]:
    """The customer's invoice that was paid last, by one transfer, and the day that came in."""
    query = (
        select(Invoice, Payment.received_on)
        .join(Allocation, Allocation.invoice_id == Invoice.id)
        .join(Payment, Payment.id == Allocation.payment_id)
        .where(Invoice.customer_id == customer_id, Allocation.amount_minor == Invoice.total_minor)
        .order_by(Payment.received_on.desc(), Invoice.number.desc())
        .limit(1)
    )
    invoice, received_on = session.execute(query).one()
    return invoice, received_on


def _promise(invoice: Invoice, minor: int, made_on: date, promised_on: date, put_on: PutOn) -> Promise:
    made_at = put_on(made_on)
    return Promise(
        id=new_key(),
        seller_id=invoice.seller_id,
        customer_id=invoice.customer_id,
        amount_minor=minor,
        currency=invoice.currency,
        promised_on=promised_on,
        grace_days=GRACE_DAYS,
        made_at=made_at,
        made_on=made_on,
        channel="email",
        invoices=[PromisedInvoice(invoice_id=invoice.id)],
    )


def _hold(seller: Seller, customer_id: UUID, today: date, put_on: PutOn) -> Hold:
    from_on = today - timedelta(days=HOLD_DAYS_BEFORE)
    created_at = put_on(from_on)
    return Hold(
        id=new_key(),
        seller_id=seller.id,
        customer_id=customer_id,
        kind="reminders",
        reason="Their parcel is late; we find it first.",
        owner=OWNER,
        from_on=from_on,
        until_on=today + timedelta(days=HOLD_DAYS_AFTER),
        created_at=created_at,
    )


def _plan(session: Session, seller: Seller, owed: Sequence[OpenInvoice], at: datetime, today: date) -> PaymentPlan:
    total_minor = sum(each.open.minor for each in owed)
    schedule = even_parts(total_minor, PLAN_PARTS, today + timedelta(days=PLAN_FIRST_DAYS))
    return PaymentPlan(
        id=new_key(),
        seller_id=seller.id,
        customer_id=owed[0].invoice.customer_id,
        number=next_number(session, seller, "plan", today),
        currency=owed[0].open.currency,
        grace_days=GRACE_DAYS,
        state="active",
        by=OWNER,
        role="finance",
        proposed_at=at,
        answered_at=at,
        started_on=today,
        parts=[
            PlanPart(id=new_key(), position=position, due_on=due_on, amount_minor=minor)
            for position, (due_on, minor) in enumerate(schedule, 1)
        ],
        invoices=[PlannedInvoice(invoice_id=each.invoice.id) for each in owed],
    )
