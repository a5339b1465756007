"""What customers owe and what speaks against asking for it, read for a batch of customers at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.conversations.conversation import Conversation
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Allocation, Payment
from o2c_core.reminders.ladder import LADDER
from o2c_core.reminders.may_contact import Claim, Facts
from o2c_core.reminders.recipient import Recipient, reach, recipient_of
from o2c_core.reminders.reminder import Reminder

# A paid invoice is still named, as paid, while its ladder would run and for as long again; after that it is history.
PAID_SHOWN_DAYS = 2 * LADDER[-1].days


@dataclass(frozen=True)
class Debt:
    """What one customer owes in one currency, and who would be written to about it."""

    customer: Customer
    facts: Facts
    recipient: Recipient | None


def next_customers(session: Session, seller_id: UUID, after: UUID | None, limit: int) -> list[UUID]:
    """The next customers of the seller by id, so that a run walks through them batch by batch."""
    query = select(Customer.id).where(Customer.seller_id == seller_id).order_by(Customer.id).limit(limit)
    if after is not None:
        query = query.where(Customer.id > after)
    return list(session.scalars(query))


def debts_of(session: Session, customer_ids: Sequence[UUID], on: date) -> list[Debt]:
    """What those customers owe, by customer and currency; a customer with nothing open or lately paid is left out."""
    recent = on - timedelta(days=PAID_SHOWN_DAYS)
    invoices = _claims(Invoice.customer_id.in_(customer_ids), Invoice.issued_on <= on).subquery()
    query = select(invoices).where(or_(invoices.c.open_minor > 0, invoices.c.due_on >= recent))
    return _debts(session, query.order_by(invoices.c.due_on, invoices.c.number))


def debt_behind(session: Session, message_id: UUID) -> Debt | None:
    """What is owed now on the invoices a reminder speaks of, as if that reminder had not been written yet."""
    written = select(Reminder.invoice_id).where(Reminder.message_id == message_id)
    invoices = _claims(Invoice.id.in_(written), besides=message_id).subquery()
    found = _debts(session, select(invoices).order_by(invoices.c.due_on, invoices.c.number))
    return found[0] if found else None


def _claims(*which: ColumnElement[bool], besides: UUID | None = None) -> Select[tuple[object, ...]]:
    """The one query: every invoice with its open and disputed amount and the steps already used."""
    of_invoice = Dispute.invoice_id == Invoice.id
    open_dispute = and_(of_invoice, Dispute.state == "open")
    earlier = Reminder.invoice_id == Invoice.id
    if besides is not None:
        earlier = and_(earlier, Reminder.message_id != besides)
    about_it = or_(
        Complaint.invoice_id == Invoice.id,
        and_(Complaint.invoice_id.is_(None), Complaint.order_id == Invoice.order_id),
    )
    complaint = exists().where(Complaint.customer_id == Invoice.customer_id, Complaint.state == "open", about_it)
    credited = select(func.sum(Allocation.amount_minor)).where(
        Allocation.invoice_id == Invoice.id, Allocation.credit_note_id.is_not(None)
    )
    return select(
        Invoice.id,
        Invoice.customer_id,
        Invoice.number,
        Invoice.due_on,
        Invoice.currency,
        Invoice.total_minor,
        open_minor().label("open_minor"),
        func.coalesce(credited.correlate(Invoice).scalar_subquery(), 0).label("credited_minor"),
        select(func.sum(Dispute.amount_minor))
        .where(open_dispute)
        .correlate(Invoice)
        .scalar_subquery()
        .label("disputed"),
        select(func.array_agg(Dispute.number))
        .where(open_dispute)
        .correlate(Invoice)
        .scalar_subquery()
        .label("disputes"),
        complaint.correlate(Invoice).label("has_open_complaint"),
        select(func.jsonb_object_agg(Reminder.rung, Reminder.on))
        .where(earlier)
        .correlate(Invoice)
        .scalar_subquery()
        .label("used"),
    ).where(*which)


def _debts(session: Session, query: Select[tuple[object, ...]]) -> list[Debt]:
    claims: dict[tuple[UUID, str], list[Claim]] = {}
    for row in session.execute(query):
        claims.setdefault((row.customer_id, row.currency), []).append(
            Claim(
                invoice_id=row.id,
                number=row.number,
                due_on=row.due_on,
                total_minor=row.total_minor,
                open_minor=int(row.open_minor),
                credited_minor=int(row.credited_minor),
                disputed_minor=int(row.disputed or 0),
                disputes=tuple(sorted(row.disputes or ())),
                has_open_complaint=row.has_open_complaint,
                used={rung: date.fromisoformat(day) for rung, day in (row.used or {}).items()},
            )
        )
    ids = {customer_id for customer_id, _ in claims}
    customers = _customers(session, ids)
    unapplied = _unapplied(session, ids)
    held = set(
        session.scalars(
            select(Conversation.customer_id).where(
                Conversation.customer_id.in_(ids), Conversation.speaker == "agent", Conversation.state != "closed"
            )
        )
    )
    return [
        Debt(
            customer := customers[customer_id],
            Facts(
                currency=currency,
                claims=tuple(of_customer),
                reach=reach(customer.contacts),
                is_walk_in=customer.is_walk_in,
                agent_speaks=customer_id in held,
                unapplied_minor=max(0, unapplied.get((customer_id, currency), 0)),
            ),
            recipient_of(customer),
        )
        for (customer_id, currency), of_customer in sorted(claims.items())
    ]


def _customers(session: Session, ids: set[UUID]) -> dict[UUID, Customer]:
    everyone = selectinload(Customer.contacts).selectinload(Contact.addresses)
    return {
        customer.id: customer
        for customer in session.scalars(select(Customer).where(Customer.id.in_(ids)).options(everyone))
    }


def _unapplied(session: Session, ids: set[UUID]) -> dict[tuple[UUID, str], int]:
    """Money and credit not set against an invoice, in minor units, of many customers at once."""
    left: dict[tuple[UUID, str], int] = {}
    for source, amount, used_by in (
        (Payment, Payment.amount_minor, Allocation.payment_id),
        (CreditNote, CreditNote.total_minor, Allocation.credit_note_id),
    ):
        used = select(func.coalesce(func.sum(Allocation.amount_minor), 0)).where(used_by == source.id)
        query = (
            select(source.customer_id, source.currency, func.sum(amount - used.correlate(source).scalar_subquery()))
            .where(source.customer_id.in_(ids))
            .group_by(source.customer_id, source.currency)
        )
        for customer_id, currency, minor in session.execute(query):
            left[customer_id, currency] = left.get((customer_id, currency), 0) + int(minor)
    return left
