"""How disputes, complaints, promises, plans and holds are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.hold import Hold
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.invoices.invoice import CreditNote, Invoice, InvoiceLine
from o2c_core.orders.order import Order
from web.api.find import numbers_of, refs_of
from web.api.shapes import Amount, Moment, Told, amount, plain


class DisputeLineTold(Told):
    position: int = Field(description="The invoice's line.")
    quantity: str | None
    amount: Amount


class DisputeTold(Told):
    number: str
    customer: str
    invoice: str
    reason: str
    description: str
    amount: Amount
    lines: list[DisputeLineTold]
    state: str
    opened_at: Moment
    owner: str | None
    answer_by: date | None
    resolved_at: Moment | None
    outcome: str | None
    resolution: str | None
    cause: str | None
    cause_about: str | None
    credit_note: str | None


class ComplaintTold(Told):
    number: str
    customer: str
    order: str | None
    invoice: str | None
    about: str
    category: str
    severity: str
    owner: str | None
    state: str
    opened_at: Moment
    answer_by: date
    resolved_at: Moment | None
    resolution: str | None
    cause: str | None
    cause_about: str | None


class PromiseTold(Told):
    id: UUID
    customer: str
    amount: Amount
    promised_on: date
    grace_days: int
    state: str
    made_at: Moment
    settled_on: date | None
    channel: str | None
    invoices: list[str] = Field(description="Empty where the promise is about the account.")


class PlanPartTold(Told):
    position: int
    due_on: date
    amount: Amount


class PlanTold(Told):
    number: str
    customer: str
    state: str
    total: Amount
    grace_days: int
    parts: list[PlanPartTold]
    invoices: list[str]
    by: str
    role: str
    proposed_at: Moment
    answered_at: Moment | None
    started_on: date | None
    settled_on: date | None


class HoldTold(Told):
    id: UUID
    customer: str
    invoice: str | None
    kind: str
    reason: str
    owner: str
    from_on: date
    until_on: date
    stands: str = Field(description="coming, running or ended.")
    ended_on: date | None
    ended_why: str | None


def tell_disputes(session: Session, disputes: Sequence[Dispute]) -> list[DisputeTold]:
    customers = refs_of(session, [one.customer_id for one in disputes])
    invoices = numbers_of(session, Invoice, [one.invoice_id for one in disputes])
    credited = numbers_of(session, CreditNote, [one.credit_note_id for one in disputes])
    lines = [line.invoice_line_id for one in disputes for line in one.lines]
    places = select(InvoiceLine.id, InvoiceLine.position).where(InvoiceLine.id.in_(lines))
    positions = {row.id: row.position for row in session.execute(places)} if lines else {}
    return [
        DisputeTold(
            customer=customers[one.customer_id],
            invoice=invoices[one.invoice_id],
            amount=amount(one.amount_minor, one.currency),
            credit_note=credited.get(one.credit_note_id),
            lines=[
                DisputeLineTold(
                    position=positions[line.invoice_line_id],
                    quantity=plain(line.quantity),
                    amount=amount(line.amount_minor, one.currency),
                )
                for line in one.lines
            ],
            **_same(one, DisputeTold),
        )
        for one in disputes
    ]


def tell_complaints(session: Session, complaints: Sequence[Complaint]) -> list[ComplaintTold]:
    customers = refs_of(session, [one.customer_id for one in complaints])
    orders = numbers_of(session, Order, [one.order_id for one in complaints])
    invoices = numbers_of(session, Invoice, [one.invoice_id for one in complaints])
    return [
        ComplaintTold(
            customer=customers[one.customer_id],
            order=orders.get(one.order_id),
            invoice=invoices.get(one.invoice_id),
            **_same(one, ComplaintTold),
        )
        for one in complaints
    ]


def tell_promises(session: Session, promises: Sequence[Promise]) -> list[PromiseTold]:
    customers = refs_of(session, [one.customer_id for one in promises])
    numbers = numbers_of(session, Invoice, [about.invoice_id for one in promises for about in one.invoices])
    return [
        PromiseTold(
            customer=customers[one.customer_id],
            amount=amount(one.amount_minor, one.currency),
            invoices=sorted(numbers[about.invoice_id] for about in one.invoices),
            **_same(one, PromiseTold),
        )
        for one in promises
    ]


def tell_plans(session: Session, plans: Sequence[PaymentPlan]) -> list[PlanTold]:
    customers = refs_of(session, [one.customer_id for one in plans])
    numbers = numbers_of(session, Invoice, [about.invoice_id for one in plans for about in one.invoices])
    return [
        PlanTold(
            customer=customers[one.customer_id],
            total=amount(sum(part.amount_minor for part in one.parts), one.currency),
            parts=[
                PlanPartTold(position=part.position, due_on=part.due_on, amount=amount(part.amount_minor, one.currency))
                for part in one.parts
            ],
            invoices=sorted(numbers[about.invoice_id] for about in one.invoices),
            **_same(one, PlanTold),
        )
        for one in plans
    ]


def tell_holds(session: Session, holds: Sequence[Hold], day: date) -> list[HoldTold]:
    customers = refs_of(session, [one.customer_id for one in holds])
    invoices = numbers_of(session, Invoice, [one.invoice_id for one in holds])
    return [
        HoldTold(
            customer=customers[one.customer_id],
            invoice=invoices.get(one.invoice_id),
            stands=one.stands(day),
            **_same(one, HoldTold),
        )
        for one in holds
    ]


_TRANSLATED = {"customer", "invoice", "order", "invoices", "amount", "total", "lines", "parts", "credit_note", "stands"}


def _same(row: object, told: type[Told]) -> dict[str, Any]:
    """The fields that are called the same in the ledger."""
    return {name: getattr(row, name) for name in told.model_fields if name not in _TRANSLATED}
