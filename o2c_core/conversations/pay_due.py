"""What is due now of what may be paid: of instalments and agreed plans no more than the part whose day it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.paid_since import paid_for_plan
from o2c_core.cases.plan import PaymentPlan, parts_open
from o2c_core.conversations.pay_links import ToPay
from o2c_core.invoices.account import parts_of, read_instalments
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.posting import open_of
from o2c_core.money import Money


def due_now(session: Session, now: ToPay, today: date) -> Money:
    """What is asked of somebody who was not asked for a part: whole invoices whole, whatever day they are due, and of what
    is paid in parts those whose day has come, or else the next one. Never more than may be asked.

    Units: `today` is the day where the seller is.
    """
    free = {invoice.id: amount.minor for invoice, amount in now.items}
    planned, minor = _of_plans(session, now, free, today)
    invoices = [invoice for invoice, _ in now.items if invoice.id not in planned]
    read_instalments(session, invoices)
    left = open_of(session, [invoice.id for invoice in invoices if invoice.is_in_instalments])
    for invoice in invoices:
        minor += (
            min(free[invoice.id], _of_instalments(invoice, left, today)) if invoice.id in left else free[invoice.id]
        )
    return Money(minor, now.asked.amount.currency)


def _of_instalments(invoice: Invoice, left: Mapping[UUID, int], today: date) -> int:
    return first_due(parts_of(invoice, invoice.instalments, left[invoice.id]), today)


def _of_plans(session: Session, now: ToPay, free: Mapping[UUID, int], today: date) -> tuple[set[UUID], int]:
    """The invoices that are paid by a plan, and what is due now of those plans."""
    query = (
        select(PaymentPlan, paid_for_plan())
        .where(
            PaymentPlan.customer_id == now.customer.id,
            PaymentPlan.currency == now.asked.amount.currency,
            PaymentPlan.state == "active",
        )
        .options(selectinload(PaymentPlan.parts), selectinload(PaymentPlan.invoices))
        .order_by(PaymentPlan.id)
    )
    planned: set[UUID] = set()
    minor = 0
    for plan, paid in session.execute(query):
        here = {one.invoice_id for one in plan.invoices} & free.keys() - planned
        due = first_due([(part.due_on, part.left_minor) for part in parts_open(plan, int(paid))], today)
        minor += min(due, sum(free[invoice_id] for invoice_id in here))
        planned |= here
    return planned, minor


def first_due(parts: list[tuple[date, int]], today: date) -> int:
    """What is left of the parts whose day has come; of the next one where none has."""
    waiting = sorted(part for part in parts if part[1] > 0)
    due = sum(minor for due_on, minor in waiting if due_on <= today)
    return due or (waiting[0][1] if waiting else 0)
