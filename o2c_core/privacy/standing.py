"""What stands between a customer and being forgotten: money and cases that are not over."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.document_problem import DocumentProblem
from o2c_core.cases.payment_said import PaymentSaid
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.invoices.account import open_minor, unapplied_of
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.notices.formal_notice import FormalNotice
from o2c_core.orders.order import Order, OrderLine
from o2c_core.privacy.holdings import Person

NAMED_MAX = 5
ON_ITS_WAY = ("ordered", "confirmed", "part_shipped")


def standing(session: Session, person: Person) -> list[str]:
    """What has to end before the customer can be erased, in words; nothing for one contact of a company, who owes nothing.

    Source: GDPR art. 17(3)(e), legal claims, and 6(1)(b), what was agreed is still to be carried out.
    """
    if person.contact_id is not None:
        return []
    here = person.customer_id
    found = [
        _named(session, Invoice.number, "invoice {} to be paid", Invoice.customer_id == here, open_minor() != 0),
        _named(session, Dispute.number, "dispute {} to be resolved", Dispute.customer_id == here, Dispute.state == "open"),
        _named(
            session, Complaint.number, "complaint {} to be answered", Complaint.customer_id == here, Complaint.state == "open"
        ),
        _named(
            session, PaymentPlan.number, "payment plan {} to end", PaymentPlan.customer_id == here,
            PaymentPlan.state.in_(("proposed", "active")),
        ),
        _named(
            session, FormalNotice.number, "formal notice {} to end", FormalNotice.customer_id == here,
            FormalNotice.state.in_(("proposed", "approved")),
        ),
        _named(
            session, Order.number, "order {} to arrive", Order.customer_id == here,
            Order.id.in_(select(OrderLine.order_id).where(OrderLine.state.in_(ON_ITS_WAY))),
        ),
    ]  # fmt: skip
    for of, words in (
        (Promise, "a promise to pay to be kept"),
        (PaymentSaid, "a payment they say they made to arrive"),
        (DocumentProblem, "a document to be put right"),
    ):
        if _has_open(session, of, person):
            found.append(words)
    found += [f"{Money(minor, currency)} of theirs to be settled" for currency, minor in _left(session, person)]
    return [words for words in found if words]


def _named(session: Session, number: InstrumentedAttribute[str], words: str, *which: ColumnElement[bool]) -> str:
    numbers = list(session.scalars(select(number).where(*which).order_by(number).limit(NAMED_MAX + 1)))
    if not numbers:
        return ""
    more = " and more" if len(numbers) > NAMED_MAX else ""
    return words.format(", ".join(numbers[:NAMED_MAX]) + more)


def _has_open(session: Session, of: type[Promise] | type[PaymentSaid] | type[DocumentProblem], person: Person) -> bool:
    query = select(of.id).where(of.customer_id == person.customer_id, of.state == "open").limit(1)
    return session.execute(query).first() is not None


def _left(session: Session, person: Person) -> list[tuple[str, int]]:
    return sorted(unapplied_of(session, person.customer_id).items())
