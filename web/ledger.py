"""The ledger's figures for one seller: who owes what, what was objected to, and what happened last."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, UnaryExpression, and_, func, or_, select
from sqlalchemy.orm import Session

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.days import days_late
from o2c_core.invoices.bank import BankTransaction
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.trail import TrailLine
from web.owed import owed
from web.reader import Reader

CUSTOMERS_SHOWN = 20
CASES_SHOWN = 20
SORTS = ("owed", "late", "days", "name")


@dataclass(frozen=True)
class Owing:
    """What one customer owes in one currency."""

    ref: str
    name: str
    place: str
    open: Money
    overdue: Money
    invoices: int
    days_late: int


@dataclass(frozen=True)
class OwingIn:
    """The customers that owe something in one currency: the few that are shown, and how many there are."""

    currency: str
    shown: Sequence[Owing]
    count: int


def owing(session: Session, seller_id: UUID, on: date, *, sort: str = "owed", words: str = "") -> list[OwingIn]:
    """Per currency, the customers that owe something: the first few in that order, of those whose name, number or
    place holds `words`."""
    debt = owed(on, Invoice.seller_id == seller_id)
    order = _order(sort, debt.c.open, debt.c.overdue, debt.c.oldest_due_on)
    ranked = (
        select(
            debt,
            Customer.ref,
            Customer.name,
            func.coalesce(Customer.city, Customer.country).label("place"),
            func.row_number().over(partition_by=debt.c.currency, order_by=(*order, Customer.ref)).label("rank"),
            func.count().over(partition_by=debt.c.currency).label("in_all"),
        )
        .join(Customer, Customer.id == debt.c.customer_id)
        .where(debt.c.open > 0, *_holding(words))
        .subquery()
    )
    query = select(ranked).where(ranked.c.rank <= CUSTOMERS_SHOWN).order_by(ranked.c.currency, ranked.c.rank)
    found: dict[str, tuple[list[Owing], int]] = {}
    for row in session.execute(query):
        found.setdefault(row.currency, ([], int(row.in_all)))[0].append(
            Owing(
                row.ref,
                row.name,
                row.place,
                Money(int(row.open), row.currency),
                Money(int(row.overdue), row.currency),
                int(row.invoices),
                days_late(row.oldest_due_on, on),
            )
        )
    return [OwingIn(currency, shown, count) for currency, (shown, count) in found.items()]


def owing_nothing(session: Session, seller_id: UUID, on: date, words: str) -> Sequence[Customer]:
    """The first few customers who owe nothing and whose name, number or place holds `words`; none without words."""
    if not words:
        return []
    debt = owed(on, Invoice.seller_id == seller_id)
    owes = select(debt.c.customer_id).where(debt.c.open > 0)
    query = select(Customer).where(Customer.seller_id == seller_id, Customer.id.not_in(owes), *_holding(words))
    return session.scalars(query.order_by(func.lower(Customer.name), Customer.ref).limit(CUSTOMERS_SHOWN)).all()


def _order(
    sort: str, open_: ColumnElement[int], overdue: ColumnElement[int], oldest_due_on: ColumnElement[date]
) -> tuple[UnaryExpression[Any], ...]:
    by_name = func.lower(Customer.name).asc()
    if sort == "name":
        return (by_name,)
    if sort == "late":
        return overdue.desc(), open_.desc()
    return (oldest_due_on.asc(), open_.desc()) if sort == "days" else (open_.desc(), by_name)


def _holding(words: str) -> list[ColumnElement[bool]]:
    if not words:
        return []
    places = (Customer.name, Customer.ref, Customer.city)
    return [or_(*(place.icontains(words, autoescape=True) for place in places))]


def waiting_count(session: Session, seller_id: UUID) -> int:
    """How many amounts on the bank account wait for a person to say what they are for."""
    waits = (BankTransaction.seller_id == seller_id, BankTransaction.state == "waiting")
    return session.execute(select(func.count()).select_from(BankTransaction).where(*waits)).scalar_one()


@dataclass(frozen=True)
class Case:
    """A dispute or complaint as a list shows it; only a dispute has an amount, only a complaint a day to answer by."""

    kind: str
    number: str
    customer: str
    about: str
    state: str
    opened_at: datetime
    ref: str
    amount: Money | None = None
    answer_by: date | None = None

    @property
    def path(self) -> str:
        return f"/cases/{'disputes' if self.kind == 'Objection' else 'complaints'}/{self.number}"


def cases(session: Session, seller_id: UUID, limit: int = CASES_SHOWN) -> list[Case]:
    """The newest disputes and complaints, open ones first."""
    found: list[Case] = []
    disputes = select(Dispute, Customer.name, Customer.ref, Invoice.number).join(
        Customer, Customer.id == Dispute.customer_id
    )
    disputes = disputes.join(Invoice, Invoice.id == Dispute.invoice_id).where(Dispute.seller_id == seller_id)
    newest_dispute = disputes.order_by(Dispute.state, Dispute.opened_at.desc()).limit(limit)
    for dispute, customer, ref, invoice in session.execute(newest_dispute):
        about = f"{invoice}: {dispute.description}"
        found.append(
            Case("Objection", dispute.number, customer, about, dispute.state, dispute.opened_at, ref, dispute.amount)
        )
    complaints = select(Complaint, Customer.name, Customer.ref).join(Customer, Customer.id == Complaint.customer_id)
    complaints = complaints.where(Complaint.seller_id == seller_id)
    newest_complaint = complaints.order_by(Complaint.state, Complaint.opened_at.desc()).limit(limit)
    for complaint, customer, ref in session.execute(newest_complaint):
        found.append(
            Case(
                "Complaint",
                complaint.number,
                customer,
                complaint.about,
                complaint.state,
                complaint.opened_at,
                ref,
                answer_by=complaint.answer_by,
            )
        )
    found.sort(key=lambda case: (case.state != "open", -case.opened_at.timestamp()))
    return found[:limit]


@dataclass(frozen=True)
class Happening:
    """One line of the trail in words."""

    at: datetime
    who: str
    what: str
    customer: str | None
    why: str
    ref: str | None = None


def happenings(session: Session, seller_id: UUID, reader: Reader, limit: int) -> list[Happening]:
    """The last lines of the trail about this seller's customers, newest first."""
    about = func.coalesce(TrailLine.customer_id, Conversation.customer_id)
    query = (
        select(TrailLine, Customer.name, Customer.ref)
        .outerjoin(Message, and_(TrailLine.subject == "message", Message.id == TrailLine.subject_id))
        .outerjoin(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(Customer, Customer.id == about)
        .where(or_(about.is_(None), Customer.seller_id == seller_id))
        .order_by(TrailLine.id.desc())  # keys are ordered by time
        .limit(limit)
    )
    return [_happening(line, customer, ref, reader) for line, customer, ref in session.execute(query)]


# Of these the trail's why is the name of a step or a role, for `parley why` to put in words.
_WHY_IS_A_CODE = ("reminder queued", "reminder drafted", "reminder approved", "call asked for")
_AMOUNT = re.compile(r"(-?\d+(?:\.\d+)?) ([A-Z]{3})")


def _happening(line: TrailLine, customer: str | None, ref: str | None, reader: Reader) -> Happening:
    named = []
    for value in (line.details.get(key) for key in ("number", "invoice", "invoices", "amount")):
        for one in value if isinstance(value, list) else [value]:
            if one is None:
                continue
            amount = _AMOUNT.fullmatch(str(one))
            named.append(reader.money(Money.of(Decimal(amount[1]), amount[2])) if amount else str(one))
    what = line.what[:1].upper() + line.what[1:]
    why = "" if line.what in _WHY_IS_A_CODE else line.why
    return Happening(line.at, line.who, f"{what}: {', '.join(named)}" if named else what, customer, why, ref)
