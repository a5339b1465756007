"""Which figures may be said in a conversation with a receipt: those of this customer's ledger and of what was said there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.hold import Hold
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.figures_said import FigureSaid, figures_in
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.invoices.account import balances, invoices_of
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Payment
from o2c_core.money import Money
from o2c_core.orders.order import Order

ORDERS_MAX = 50
INVOICES_MAX = 200
MESSAGES_MAX = 60


class Known(dict[str, str]):
    """From a figure's key (see figures_said) to where it was read; the first place a figure was found in stays."""

    def money(self, amount: Money, source: str) -> None:
        self.setdefault(f"{abs(amount.major):.2f}", source)

    def day(self, on: date | None, source: str) -> None:
        if on is not None:
            self.setdefault(on.isoformat(), source)

    def number(self, number: str | None, source: str) -> None:
        # A number of digits alone is written as it is kept, and read as an amount would be.
        for figure in figures_in(number or ""):
            self.setdefault(figure.key, source)
        if number:
            self.setdefault(number.upper(), source)


def known_figures(session: Session, conversation: Conversation, today: date) -> Known:
    """Of somebody nobody knows, only what was said in the conversation itself."""
    known = Known()
    if conversation.customer_id is not None:
        customer_id = conversation.customer_id
        _account(session, known, customer_id, today)
        _cases(session, known, customer_id)
        _orders(session, known, customer_id)
    _said(session, known, conversation.id)
    return known


def receipts_for(said: Sequence[FigureSaid], known: Mapping[str, str], at: datetime) -> list[dict[str, Any]]:
    """The receipts of the figures that have one, as messages keep them."""
    days = {key[5:]: source for key, source in known.items() if len(key) == 10 and key[4] == "-"}
    found = [(one, known.get(one.key) or days.get(one.key.removeprefix("--"))) for one in said]
    return [
        {"id": f"f{place}", "text": one.text, "source": f"{source} at {at:%Y-%m-%dT%H:%M:%SZ}"}
        for place, (one, source) in enumerate(((one, source) for one, source in found if source), 1)
    ]


def _account(session: Session, known: Known, customer_id: UUID, today: date) -> None:
    customer = session.get_one(Customer, customer_id)
    for balance in balances(session, customer_id, today):
        for name in ("open", "overdue", "unapplied", "owed"):
            known.money(getattr(balance, name), f"account {customer.ref}.{name}")
    if customer.credit_limit_minor is not None:
        known.money(Money(customer.credit_limit_minor, customer.currency), f"account {customer.ref}.credit limit")
    known.number(customer.ref, f"account {customer.ref}")
    for found in invoices_of(session, customer_id, today, last=INVOICES_MAX):
        invoice, source = found.invoice, f"invoice {found.invoice.number}"
        known.number(invoice.number, source)
        known.number(invoice.purchase_order, f"{source}.purchase order")
        known.money(found.open, f"{source}.open")
        known.money(invoice.total, f"{source}.total")
        known.day(invoice.issued_on, f"{source}.issued")
        known.day(found.next_due_on, f"{source}.due")
        known.day(invoice.due_on, f"{source}.due")
        if found.days_late > 0:
            known.setdefault(f"{found.days_late}.00", f"{source}.days late")
    lines = select(Invoice).where(Invoice.customer_id == customer_id).options(selectinload(Invoice.lines))
    for invoice in session.scalars(lines.order_by(Invoice.issued_on.desc()).limit(ORDERS_MAX)):
        for line in invoice.lines:
            source = f"invoice {invoice.number} line {line.position}"
            known.setdefault(f"{line.quantity:.2f}", f"{source}.quantity")
            known.setdefault(f"{line.unit_price:.2f}", f"{source}.price")
            known.money(Money(line.amount_minor, invoice.currency), f"{source}.amount")
            known.number(line.sku, f"{source}.article")
    notes = select(CreditNote).where(CreditNote.customer_id == customer_id).order_by(CreditNote.issued_on.desc())
    for one in session.scalars(notes.limit(ORDERS_MAX)):
        source = f"credit note {one.number}"
        known.number(one.number, source)
        known.money(Money(one.total_minor, one.currency), f"{source}.total")
        known.day(one.issued_on, f"{source}.issued")
    payments = select(Payment).where(Payment.customer_id == customer_id).order_by(Payment.received_on.desc())
    for paid in session.scalars(payments.limit(ORDERS_MAX)):
        source = f"payment of {paid.received_on.isoformat()}"
        known.money(Money(paid.amount_minor, paid.currency), f"{source}.amount")
        known.day(paid.received_on, f"{source}.received")


def _cases(session: Session, known: Known, customer_id: UUID) -> None:
    for dispute in session.scalars(select(Dispute).where(Dispute.customer_id == customer_id)):
        source = f"dispute {dispute.number}"
        known.number(dispute.number, source)
        known.money(dispute.amount, f"{source}.amount")
        known.day(dispute.answer_by, f"{source}.answer by")
    for complaint in session.scalars(select(Complaint).where(Complaint.customer_id == customer_id)):
        known.number(complaint.number, f"complaint {complaint.number}")
        known.day(complaint.answer_by, f"complaint {complaint.number}.answer by")
    for promise in session.scalars(select(Promise).where(Promise.customer_id == customer_id)):
        known.money(Money(promise.amount_minor, promise.currency), f"promise of {promise.made_on.isoformat()}.amount")
        known.day(promise.promised_on, f"promise of {promise.made_on.isoformat()}.day")
    plans = select(PaymentPlan).where(PaymentPlan.customer_id == customer_id).options(selectinload(PaymentPlan.parts))
    for plan in session.scalars(plans):
        known.number(plan.number, f"plan {plan.number}")
        for part in plan.parts:
            known.money(Money(part.amount_minor, plan.currency), f"plan {plan.number} part {part.position}.amount")
            known.day(part.due_on, f"plan {plan.number} part {part.position}.due")
    for hold in session.scalars(select(Hold).where(Hold.customer_id == customer_id)):
        known.day(hold.until_on, f"hold of {hold.from_on.isoformat()}.until")


def _orders(session: Session, known: Known, customer_id: UUID) -> None:
    query = select(Order).where(Order.customer_id == customer_id).order_by(Order.id.desc()).limit(ORDERS_MAX)
    for order in session.scalars(query.options(selectinload(Order.lines), selectinload(Order.shipments))):
        source = f"order {order.number}"
        known.number(order.number, source)
        known.number(order.purchase_order, f"{source}.purchase order")
        known.day(order.ordered_on, f"{source}.ordered")
        known.day(order.expected_on, f"{source}.expected")
        for line in order.lines:
            known.setdefault(f"{line.quantity:.2f}", f"{source} line {line.position}.quantity")
            known.money(Money(line.amount_minor, order.currency), f"{source} line {line.position}.amount")
        for shipment in order.shipments:
            known.number(shipment.tracking_number, f"shipment {shipment.tracking_number}")
            for name in ("shipped_on", "expected_on", "delivered_on"):
                known.day(getattr(shipment, name), f"shipment {shipment.tracking_number}.{name.removesuffix('_on')}")


def _said(session: Session, known: Known, conversation_id: UUID) -> None:
    """What the customer wrote may be repeated to them, and what we told them before with a receipt."""
    query = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.id.desc())
    for message in session.scalars(query.limit(MESSAGES_MAX)):
        if message.direction == "in":
            for figure in figures_in(message.text):
                known.setdefault(figure.key, f"message {message.id}, as the customer wrote it")
        for receipt in message.receipts:
            source = str(receipt.get("source", "")).split(" at ")[0].split(", read ")[0]
            for figure in figures_in(str(receipt.get("text", ""))):
                known.setdefault(figure.key, source or f"message {message.id}")
