"""Everything there is to know about one case before somebody decides it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from o2c_core.cases.case_status import CaseStatus, case_status
from o2c_core.cases.causes import Cause, Seen, candidates, likely
from o2c_core.cases.collectable import Collectable, collectable
from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute, DisputeLine
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.authority import Authority, authority_of
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import CreditNote, Invoice, InvoiceLine
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment
from o2c_core.staff.user import User
from o2c_core.trail import TrailLine
from web.desk.case_lines import Matched, matched, of_order
from web.desk.case_words import KINDS, why_named
from web.reader import Reader
from web.received import FileShown, files_of

OTHERS_SHOWN = 6
CANDIDATES_SHOWN = 12
Case = Dispute | Complaint
NOUNS: Mapping[str, type[Dispute] | type[Complaint]] = {"dispute": Dispute, "complaint": Complaint}


@dataclass(frozen=True)
class OtherCase:
    """Another case of this customer, article or carrier, in one line."""

    kind: str
    number: str
    customer: str
    why: str
    state: str
    opened_at: datetime

    @property
    def path(self) -> str:
        return f"/cases/{self.kind}s/{self.number}"


@dataclass(frozen=True)
class History:
    """A line of the trail about the case."""

    at: datetime
    who: str
    what: str
    why: str
    told: UUID | None


@dataclass(frozen=True)
class CasePage:
    """What the page of a case shows."""

    case: Case
    status: CaseStatus
    seller: Seller
    customer: Customer
    invoice: Invoice | None
    order: Order | None
    standing: Collectable | None
    matched: Matched | None
    message: Message | None
    conversation: Conversation | None
    files: Sequence[FileShown]
    history: Sequence[History]
    of_customer: Sequence[OtherCase]
    of_article: Sequence[OtherCase]
    of_carrier: Sequence[OtherCase]
    credit: CreditNote | None
    causes: Sequence[Cause]
    likely: Sequence[str]
    authority: Authority

    @property
    def kind(self) -> str:
        return self.status.kind

    @property
    def title(self) -> str:
        return f"{KINDS[self.kind]} {self.case.number}"

    @property
    def why(self) -> str:
        return why_named(self.case.reason if isinstance(self.case, Dispute) else self.case.category)

    @property
    def words(self) -> str:
        return self.case.description if isinstance(self.case, Dispute) else self.case.about

    @property
    def path(self) -> str:
        return f"/cases/{self.kind}s/{self.case.number}"


def find_case(session: Session, kind: str, number: str, seller_ref: str) -> tuple[Case, Seller] | None:
    """The case of that number, of the seller of that reference or else of the first that has one."""
    if not (number + seller_ref).isprintable():
        return None
    noun: type[Any] = NOUNS[kind]
    query = select(noun.id, Seller).join(Seller, Seller.id == noun.seller_id).where(noun.number == number)
    if seller_ref:
        query = query.where(Seller.ref == seller_ref)
    found = session.execute(query.order_by(Seller.ref).limit(1)).one_or_none()
    if found is None:
        return None
    case: Case | None = session.get(noun, found[0])
    return (case, found[1]) if case is not None else None


def case_page(session: Session, case: Case, seller: Seller, role: str, reader: Reader) -> CasePage:
    """`role` is the one whose authority the looker has."""
    customer = session.get_one(Customer, case.customer_id)
    invoice = session.get(Invoice, case.invoice_id) if case.invoice_id else None
    order = session.get(Order, case.order_id) if isinstance(case, Complaint) and case.order_id else None
    looked = None
    if invoice is not None:
        looked = matched(session, invoice, case if isinstance(case, Dispute) else None)
    elif order is not None:
        looked = of_order(session, order.id)
    seen = Seen(looked.articles, looked.carriers, tuple(one.number for one in looked.orders)) if looked else Seen()
    reason = case.reason if isinstance(case, Dispute) else case.category
    credit = session.get(CreditNote, case.credit_note_id) if case.credit_note_id else None
    message, conversation = _message(session, case.message_id)
    return CasePage(
        case=case,
        status=case_status(case, today=reader.today, time_zone=seller.time_zone, credit=credit),
        seller=seller,
        customer=customer,
        invoice=invoice,
        order=order,
        standing=next(iter(collectable(session, Invoice.id == invoice.id)), None) if invoice else None,
        matched=looked,
        message=message,
        conversation=conversation,
        files=files_of(session, message.id) if message else (),
        history=_history(session, case),
        of_customer=_others(session, case, Dispute.customer_id == customer.id, Complaint.customer_id == customer.id),
        of_article=_of_article(session, case, looked.articles) if looked else (),
        of_carrier=_of_carrier(session, case, looked.carriers) if looked else (),
        credit=credit,
        causes=candidates(reason, seen)[:CANDIDATES_SHOWN],
        likely=likely(reason),
        authority=authority_of(role, seller),
    )


def colleagues(session: Session) -> Sequence[tuple[str, str]]:
    """Everybody a case can be given to, by name, with their role: whoever may not decide gives it to who may."""
    query = select(User.name, User.role).where(User.disabled_at.is_(None)).order_by(User.name, User.role)
    return [(name, role) for name, role in session.execute(query).unique()]


def _message(session: Session, message_id: UUID | None) -> tuple[Message | None, Conversation | None]:
    message = session.get(Message, message_id) if message_id else None
    return message, session.get(Conversation, message.conversation_id) if message else None


def _history(session: Session, case: Case) -> list[History]:
    query = select(TrailLine).where(TrailLine.subject_id == case.id, TrailLine.subject == case.__tablename__)
    return [
        History(one.at, one.who, _what(one), one.why, _key(one.details.get("told")))
        for one in session.scalars(query.order_by(TrailLine.id))
    ]


def _what(line: TrailLine) -> str:
    """The line in words, with whom or to which day where it says so."""
    _, _, verb = line.what.partition(" ")
    details = line.details
    if verb == "assigned":
        return f"Given to {details.get('owner')}"
    if verb == "deadline moved":
        return f"To be answered by {details.get('answer_by')}, no longer by {details.get('before') or 'any day'}"
    if verb == "resolved":
        posted = details.get("credit_note") or details.get("posted")
        return f"Resolved: {str(details.get('outcome') or 'done').replace('_', ' ')}" + (
            f", {posted}" if posted else ""
        )
    return line.what[:1].upper() + line.what[1:]


def _key(said: object) -> UUID | None:
    return UUID(said) if isinstance(said, str) else None


def _others(
    session: Session, case: Case, disputes: ColumnElement[bool], complaints: ColumnElement[bool] | None
) -> list[OtherCase]:
    """The newest of those cases besides this one, open ones first."""
    found: list[OtherCase] = []
    query = select(Dispute, Customer.name).join(Customer, Customer.id == Dispute.customer_id)
    query = query.where(disputes, Dispute.seller_id == case.seller_id, Dispute.id != case.id)
    for one, name in session.execute(query.order_by(Dispute.state, Dispute.opened_at.desc()).limit(OTHERS_SHOWN)):
        found.append(OtherCase("dispute", one.number, name, why_named(one.reason), one.state, one.opened_at))
    if complaints is not None:
        of_them = select(Complaint, Customer.name).join(Customer, Customer.id == Complaint.customer_id)
        of_them = of_them.where(complaints, Complaint.seller_id == case.seller_id, Complaint.id != case.id)
        newest = of_them.order_by(Complaint.state, Complaint.opened_at.desc()).limit(OTHERS_SHOWN)
        for other, name in session.execute(newest):
            found.append(
                OtherCase("complaint", other.number, name, why_named(other.category), other.state, other.opened_at)
            )
    found.sort(key=lambda one: (one.state != "open", -one.opened_at.timestamp()))
    return found[:OTHERS_SHOWN]


def _of_article(session: Session, case: Case, articles: Sequence[str]) -> list[OtherCase]:
    if not articles:
        return []
    named = (
        select(DisputeLine.dispute_id)
        .join(InvoiceLine, InvoiceLine.id == DisputeLine.invoice_line_id)
        .where(InvoiceLine.sku.in_(articles))
    )
    caused = Complaint.cause_about.in_(articles)
    return _others(session, case, or_(Dispute.id.in_(named), Dispute.cause_about.in_(articles)), caused)


def _of_carrier(session: Session, case: Case, carriers: Sequence[str]) -> list[OtherCase]:
    """Cases that a carrier was found to be behind, and open ones about deliveries it made."""
    if not carriers:
        return []
    carried = select(Shipment.order_id).where(Shipment.carrier.in_(carriers))
    delivered = select(Invoice.id).where(Invoice.order_id.in_(carried))
    about_delivery = Dispute.reason.in_(("DAMAGED", "NOT_RECEIVED", "LATE", "QTY_SHORT", "MISSING_POD"))
    return _others(
        session,
        case,
        or_(
            Dispute.cause_about.in_(carriers),
            (Dispute.state == "open") & about_delivery & Dispute.invoice_id.in_(delivered),
        ),
        or_(
            Complaint.cause_about.in_(carriers),
            (Complaint.state == "open") & (Complaint.category == "delivery") & Complaint.order_id.in_(carried),
        ),
    )


def is_day(written: str) -> date | None:
    """The day that was written; None for anything else."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
