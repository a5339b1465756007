"""What is being dealt with for one customer: every case, agreement and word of theirs that is not over."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.hold import Hold
from o2c_core.cases.paid_since import paid_for_plan, paid_for_promise
from o2c_core.cases.plan import PaymentPlan, next_part
from o2c_core.cases.promise import Promise, PromisedInvoice
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from web.matter import Matter
from web.reader import Reader
from web.told_us import away, papers_missing, payments_said

# What each kind of hold keeps back.
_HOLDS = {"reminders": "No reminders", "credit": "No orders on account", "delivery": "No deliveries"}


def matters(session: Session, customer_id: UUID, reader: Reader) -> list[Matter]:
    """Everything that is open now, what waits longest first within each kind."""
    today = reader.today
    return [
        *_disputes(session, customer_id, today),
        *_complaints(session, customer_id, today),
        *papers_missing(session, customer_id, reader),
        *payments_said(session, customer_id, reader),
        *_promises(session, customer_id, reader),
        *_plans(session, customer_id, reader),
        *_holds(session, customer_id, today),
        *away(session, customer_id, reader),
    ]


def _disputes(session: Session, customer_id: UUID, today: date) -> list[Matter]:
    query = (
        select(Dispute, Invoice.number)
        .join(Invoice, Invoice.id == Dispute.invoice_id)
        .where(Dispute.customer_id == customer_id, Dispute.state == "open")
        .order_by(Dispute.opened_at, Dispute.number)
    )
    return [
        Matter("Objection", one.number, f"{invoice}: {one.description}", one.amount, "Answer by", one.answer_by,
               one.owner, one.message_id, one.answer_by is not None and one.answer_by < today)
        for one, invoice in session.execute(query)
    ]  # fmt: skip


def _complaints(session: Session, customer_id: UUID, today: date) -> list[Matter]:
    query = select(Complaint).where(Complaint.customer_id == customer_id, Complaint.state == "open")
    return [
        Matter("Complaint", one.number, one.about, None, "Answer by", one.answer_by, one.owner, one.message_id,
               one.answer_by < today)
        for one in session.scalars(query.order_by(Complaint.opened_at, Complaint.number))
    ]  # fmt: skip


def _promises(session: Session, customer_id: UUID, reader: Reader) -> list[Matter]:
    named = (
        select(PromisedInvoice.promise_id, Invoice.number)
        .join(Invoice, Invoice.id == PromisedInvoice.invoice_id)
        .join(Promise, Promise.id == PromisedInvoice.promise_id)
        .where(Promise.customer_id == customer_id, Promise.state == "open")
        .order_by(Invoice.number)
    )
    numbers: dict[UUID, list[str]] = {}
    for promise_id, number in session.execute(named):
        numbers.setdefault(promise_id, []).append(number)
    query = select(Promise, paid_for_promise()).where(Promise.customer_id == customer_id, Promise.state == "open")
    found = []
    for one, paid in session.execute(query.order_by(Promise.promised_on, Promise.id)):
        about = ", ".join(numbers.get(one.id, ())) or "the account"
        came = f", {reader.minor(int(paid), one.currency)} of it has come" if paid else ""
        words = f": “{' '.join(one.words.split())}”" if one.words else ""
        found.append(
            Matter("Promise", "", f"{about}{came}{words}", one.amount, "Pays by", one.promised_on, None, one.message_id,
                   one.promised_on < reader.today)
        )  # fmt: skip
    return found


def _plans(session: Session, customer_id: UUID, reader: Reader) -> list[Matter]:
    query = (
        select(PaymentPlan, paid_for_plan())
        .where(PaymentPlan.customer_id == customer_id, PaymentPlan.state.in_(("proposed", "active")))
        .options(selectinload(PaymentPlan.parts))
        .order_by(PaymentPlan.proposed_at, PaymentPlan.number)
    )
    found = []
    for one, paid in session.execute(query):
        part = next_part(one, int(paid) if one.state == "active" else 0)
        standing = (
            f"{reader.minor(int(paid), one.currency)} paid"
            if one.state == "active"
            else "proposed, waits for an answer"
        )
        following = f"; next {reader.minor(part.amount_minor, one.currency)}" if part else ""
        about = f"{len(one.parts)} parts, {standing}{following}"
        found.append(
            Matter("Plan", one.number, about, Money(one.total_minor, one.currency), "Next part",
                   part.due_on if part else None, one.by,
                   one.message_id, part is not None and part.due_on < reader.today)
        )  # fmt: skip
    return found


def _holds(session: Session, customer_id: UUID, today: date) -> list[Matter]:
    query = (
        select(Hold, Invoice.number)
        .outerjoin(Invoice, Invoice.id == Hold.invoice_id)
        .where(
            Hold.customer_id == customer_id,
            Hold.until_on >= today,
            or_(Hold.ended_on.is_(None), Hold.ended_on > today),
        )
        .order_by(Hold.until_on, Hold.id)
    )
    return [
        Matter("Hold", "", f"{_HOLDS.get(one.kind, one.kind)}{f' for {invoice}' if invoice else ''}: {one.reason}", None,
               "Ends after" if one.from_on <= today else "Begins", one.until_on if one.from_on <= today else one.from_on,
               one.owner, one.message_id)
        for one, invoice in session.execute(query)
    ]  # fmt: skip
