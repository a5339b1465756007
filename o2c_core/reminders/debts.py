"""What customers owe and what speaks against asking for it, read for a batch of customers at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.agreed import agreed_with
from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.invoices.account import open_minor, unapplied_parts
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Allocation
from o2c_core.reminders.contact_rules import contact_rules
from o2c_core.reminders.heard import Heard, heard_of
from o2c_core.reminders.ladder import LADDER
from o2c_core.reminders.may_contact import ASKED_HOURS, Claim, Facts, Reason
from o2c_core.reminders.opening import opening_for
from o2c_core.reminders.recipient import Choice, PassedOver, Recipient, choose, reach
from o2c_core.reminders.reminder import Reminder

# A paid invoice is still named, as paid, while its ladder would run and for as long again; after that it is history.
PAID_SHOWN_DAYS = 2 * LADDER[-1].days


@dataclass(frozen=True)
class Debt:
    """What one customer owes in one currency, who would be written to about it and who was `passed_over`, and why."""

    customer: Customer
    facts: Facts
    recipient: Recipient | None
    passed_over: tuple[PassedOver, ...] = ()
    heard: Heard = field(default_factory=Heard)

    def facts_for(self, channel: str, address: str | None, on: date) -> Facts:
        """The facts about writing to that address on that channel, whoever would be chosen now."""
        return replace(
            self.facts,
            channel=channel,
            reach=reach(self.customer.contacts, only=address, channel=channel),
            has_refused=(refused_at := self.heard.refused_at.get((channel, address or ""))) is not None,
            refused_at=refused_at,
            opening=opening_for(self.customer.country, self.customer.time_zone, channel, address, on),
            back_on=self.heard.back_on.get(address or "") if channel == "email" else None,
            whatsapp_at=self.heard.whatsapp_at.get(address or ""),
        )


def next_customers(session: Session, seller_id: UUID, after: UUID | None, limit: int) -> list[UUID]:
    """The next customers of the seller by id, so that a run walks through them batch by batch."""
    query = select(Customer.id).where(Customer.seller_id == seller_id).order_by(Customer.id).limit(limit)
    if after is not None:
        query = query.where(Customer.id > after)
    return list(session.scalars(query))


def debts_of(session: Session, customer_ids: Sequence[UUID], on: date, now: datetime) -> list[Debt]:
    """What those customers owe, by customer and currency; a customer with nothing open or lately paid is left out.

    What they said lately is looked at as of `now`.
    """
    recent = on - timedelta(days=PAID_SHOWN_DAYS)
    invoices = _claims(Invoice.customer_id.in_(customer_ids), Invoice.issued_on <= on).subquery()
    query = select(invoices).where(or_(invoices.c.open_minor > 0, invoices.c.due_on >= recent))
    return _debts(session, query.order_by(invoices.c.due_on, invoices.c.number), on, now)


def debt_behind(session: Session, message_id: UUID, on: date, now: datetime) -> Debt | None:
    """What is owed on the invoices a reminder speaks of, as if that reminder had not been written yet.

    `on` is the day that promises, plans and holds are looked at for.
    """
    written = select(Reminder.invoice_id).where(Reminder.message_id == message_id)
    invoices = _claims(Invoice.id.in_(written), besides=message_id).subquery()
    query = select(invoices).order_by(invoices.c.due_on, invoices.c.number)
    found = _debts(session, query, on, now, besides=message_id)
    return found[0] if found else None


def debt_on(session: Session, customer_id: UUID, numbers: Collection[str], on: date, now: datetime) -> Debt | None:
    """What is owed on the customer's invoices of those numbers, which are in one currency."""
    invoices = _claims(Invoice.customer_id == customer_id, Invoice.number.in_(numbers)).subquery()
    found = _debts(session, select(invoices).order_by(invoices.c.due_on, invoices.c.number), on, now)
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


def _debts(
    session: Session, query: Select[tuple[object, ...]], on: date, now: datetime, besides: UUID | None = None
) -> list[Debt]:
    rows = session.execute(query).all()
    agreed = agreed_with(session, {row.customer_id for row in rows}, on)
    claims: dict[tuple[UUID, str], list[Claim]] = {}
    for row in rows:
        promised, plan = agreed.promised.get(row.id), agreed.plans.get(row.id)
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
                promised_minor=promised.minor if promised else 0,
                promised_on=promised.promised_on if promised else None,
                promised_until=promised.until_on if promised else None,
                plan_part_on=plan.part_on if plan else None,
                plan_until=plan.until_on if plan else None,
                held_until=agreed.held(row.id, row.customer_id),
            )
        )
    ids = {customer_id for customer_id, _ in claims}
    customers = _customers(session, ids)
    unapplied = _unapplied(session, ids)
    contacts = [contact for customer in customers.values() for contact in customer.contacts]
    heard = heard_of(session, ids, contacts, on, now, besides=besides)
    return [
        _debt(
            customers[customer_id],
            currency,
            tuple(of_customer),
            unapplied.get((customer_id, currency), 0),
            heard,
            on,
            now,
        )
        for (customer_id, currency), of_customer in sorted(claims.items())
    ]


def _debt(
    customer: Customer, currency: str, claims: tuple[Claim, ...], unapplied: int, heard: Heard, on: date, now: datetime
) -> Debt:
    day_ago = now - timedelta(hours=ASKED_HOURS)
    on_whatsapp = {address for address, at in heard.whatsapp_at.items() if at > day_ago}
    choice = choose(customer, refused=heard.refused_at, on_whatsapp=on_whatsapp)
    facts = Facts(
        currency=currency,
        claims=claims,
        is_walk_in=customer.is_walk_in,
        agent_speaks=customer.id in heard.agent_speaks,
        unapplied_minor=max(0, unapplied),
        cap=contact_rules().cap_for(customer.country, on),
        heard_at=heard.heard_at.get(customer.id),
        unanswered_at=heard.unanswered_at.get(customer.id),
        reminded_on=heard.reminded_on.get(customer.id, ()),
    )
    debt = Debt(customer, facts, choice.recipient, choice.passed_over, heard)
    return replace(debt, facts=_facts_of(debt, choice, on))


def _facts_of(debt: Debt, choice: Choice, on: date) -> Facts:
    if choice.recipient is not None:
        return debt.facts_for(choice.recipient.channel, choice.recipient.address, on)
    refused = choice.reason is Reason.OPTED_OUT
    return replace(debt.facts, has_refused=refused, reach="failed" if choice.reason is Reason.BOUNCED else "none")


def _customers(session: Session, ids: set[UUID]) -> dict[UUID, Customer]:
    everyone = selectinload(Customer.contacts).selectinload(Contact.addresses)
    return {
        customer.id: customer
        for customer in session.scalars(select(Customer).where(Customer.id.in_(ids)).options(everyone))
    }


def _unapplied(session: Session, ids: set[UUID]) -> dict[tuple[UUID, str], int]:
    """Money and credit neither set against an invoice nor paid back, in minor units, of many customers at once."""
    each = unapplied_parts(ids).subquery()
    query = select(each.c.customer_id, each.c.currency, func.sum(each.c.minor)).group_by(
        each.c.customer_id, each.c.currency
    )
    return {(customer_id, currency): int(minor) for customer_id, currency, minor in session.execute(query)}
