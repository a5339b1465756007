"""Bookkeeping that is old, settled and hangs together with nothing younger: it goes as one or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute, DisputeLine
from o2c_core.cases.document_problem import DocumentProblem
from o2c_core.cases.hold import Hold
from o2c_core.cases.payment_said import PaymentSaid, SaidInvoice
from o2c_core.cases.plan import PaymentPlan, PlannedInvoice, PlanPart
from o2c_core.cases.promise import Promise, PromisedInvoice
from o2c_core.invoices.account import open_minor, unapplied_minor
from o2c_core.invoices.bank import BankTransaction
from o2c_core.invoices.invoice import CreditNote, CreditNoteLine, Instalment, Invoice, InvoiceLine, TaxSubtotal
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn, WriteOff
from o2c_core.notices.formal_notice import FormalNotice, FormalNoticeLine
from o2c_core.reminders.reminder import LadderChoice, Reminder, ReminderSkip


@dataclass
class Book:
    """Documents of one customer that hang together: invoices, payments, credit notes."""

    invoices: set[UUID] = field(default_factory=set)
    payments: set[UUID] = field(default_factory=set)
    credit_notes: set[UUID] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.invoices) + len(self.payments) + len(self.credit_notes)


class _Together:
    """Which documents hang together, joined two by two; a whole that has one thing in it to keep is kept."""

    def __init__(self) -> None:
        self._leader: dict[UUID, UUID] = {}
        self._kept: set[UUID] = set()

    def lead(self, one: UUID) -> UUID:
        leader = self._leader.setdefault(one, one)
        while leader != self._leader[leader]:
            self._leader[leader] = self._leader[self._leader[leader]]
            leader = self._leader[leader]
        self._leader[one] = leader
        return leader

    def join(self, one: UUID, other: UUID | None) -> None:
        if other is not None:
            self._leader[self.lead(one)] = self.lead(other)

    def keep(self, one: UUID) -> None:
        self._kept.add(one)

    def loose(self) -> dict[UUID, list[UUID]]:
        wholes: dict[UUID, list[UUID]] = defaultdict(list)
        for one in self._leader:
            wholes[self.lead(one)].append(one)
        return {leader: all_ for leader, all_ in wholes.items() if not self._kept.intersection(all_)}


def settled_book(session: Session, customer_id: UUID, before: date) -> Book:
    """The customer's documents that may go: nothing in them, or joined to them, is open or of that day or later."""
    together = _Together()
    kinds: dict[UUID, set[UUID]] = {}
    book = Book()
    for source, day, left, ids in (
        (Invoice, Invoice.issued_on, open_minor(), book.invoices),
        (Payment, Payment.received_on, unapplied_minor(Payment), book.payments),
        (CreditNote, CreditNote.issued_on, unapplied_minor(CreditNote), book.credit_notes),
    ):
        for id_, on, minor in session.execute(select(source.id, day, left).where(source.customer_id == customer_id)):
            together.lead(id_)
            kinds[id_] = ids
            if on >= before or minor != 0:
                together.keep(id_)
    _join_allocated(session, together, customer_id, before)
    _keep_open_cases(session, together, customer_id)
    for all_ in together.loose().values():
        for id_ in all_:
            kinds[id_].add(id_)
    return book


def _join_allocated(session: Session, together: _Together, customer_id: UUID, before: date) -> None:
    money = select(Allocation.invoice_id, Allocation.payment_id, Allocation.credit_note_id, Allocation.allocated_on)
    for invoice_id, payment_id, credit_id, on in session.execute(
        money.join(Invoice, Invoice.id == Allocation.invoice_id).where(Invoice.customer_id == customer_id)
    ):
        together.join(invoice_id, payment_id)
        together.join(invoice_id, credit_id)
        if on >= before:
            together.keep(invoice_id)
    credited = select(CreditNote.id, CreditNote.invoice_id).where(CreditNote.customer_id == customer_id)
    for note_id, against_id in session.execute(credited):
        together.join(note_id, against_id)
    given_back = select(PaymentReturn.payment_id, PaymentReturn.credit_note_id)
    late = (PaymentReturn.customer_id == customer_id, PaymentReturn.returned_on >= before)
    for returned in session.execute(given_back.where(*late)):
        together.keep(returned.payment_id or returned.credit_note_id)


def _keep_open_cases(session: Session, together: _Together, customer_id: UUID) -> None:
    promised = select(PromisedInvoice.invoice_id).join(Promise, Promise.id == PromisedInvoice.promise_id)
    said = select(SaidInvoice.invoice_id).join(PaymentSaid, PaymentSaid.id == SaidInvoice.payment_said_id)
    planned = select(PlannedInvoice.invoice_id).join(PaymentPlan, PaymentPlan.id == PlannedInvoice.plan_id)
    for query in (
        select(Dispute.invoice_id).where(Dispute.customer_id == customer_id, Dispute.state == "open"),
        select(Complaint.invoice_id).where(Complaint.customer_id == customer_id, Complaint.state == "open"),
        select(Hold.invoice_id).where(
            Hold.customer_id == customer_id, Hold.ended_on.is_(None), Hold.invoice_id.is_not(None)
        ),
        promised.where(Promise.customer_id == customer_id, Promise.state == "open"),
        planned.where(PaymentPlan.customer_id == customer_id, PaymentPlan.state.in_(("proposed", "active"))),
        select(DocumentProblem.invoice_id).where(
            DocumentProblem.customer_id == customer_id, DocumentProblem.state == "open"
        ),
        said.where(PaymentSaid.customer_id == customer_id, PaymentSaid.state == "open"),
    ):
        for invoice_id in session.scalars(query):
            if invoice_id is not None:
                together.keep(invoice_id)
    # A dispute joins the invoice with the credit note it ended in.
    for invoice_id, credit_id in session.execute(
        select(Dispute.invoice_id, Dispute.credit_note_id).where(Dispute.customer_id == customer_id)
    ):
        together.join(invoice_id, credit_id)


def delete_book(session: Session, book: Book) -> list[UUID]:
    """Deletes those documents with everything that is part of them; the messages that reminded of them."""
    invoices, payments, credit_notes = book.invoices, book.payments, book.credit_notes
    reminded = list(session.scalars(select(Reminder.message_id).where(Reminder.invoice_id.in_(invoices)).distinct()))
    lines = select(Dispute.id).where(Dispute.invoice_id.in_(invoices))
    _delete(session, Reminder.invoice_id, invoices)
    _delete(session, ReminderSkip.invoice_id, invoices)
    _delete(session, LadderChoice.invoice_id, invoices)
    _delete(session, DocumentProblem.invoice_id, invoices)
    _delete_with_last(session, SaidInvoice.payment_said_id, SaidInvoice.invoice_id, PaymentSaid.id, invoices)
    _delete_with_last(session, FormalNoticeLine.notice_id, FormalNoticeLine.invoice_id, FormalNotice.id, invoices)
    _delete_with_last(session, PromisedInvoice.promise_id, PromisedInvoice.invoice_id, Promise.id, invoices)
    for plan_id in _delete_last(session, PlannedInvoice.plan_id, PlannedInvoice.invoice_id, invoices):
        _delete(session, PlanPart.plan_id, [plan_id])
        _delete(session, PaymentPlan.id, [plan_id])
    session.execute(update(Complaint).where(Complaint.invoice_id.in_(invoices)).values(invoice_id=None))
    session.execute(update(Hold).where(Hold.invoice_id.in_(invoices)).values(invoice_id=None))
    session.execute(delete(DisputeLine).where(DisputeLine.dispute_id.in_(lines)))
    _delete(session, Dispute.invoice_id, invoices)
    session.execute(
        delete(Allocation).where(
            or_(
                Allocation.invoice_id.in_(invoices),
                Allocation.payment_id.in_(payments),
                Allocation.credit_note_id.in_(credit_notes),
            )
        )
    )
    _delete(session, WriteOff.invoice_id, invoices)
    _delete(session, PaymentReturn.payment_id, payments)
    _delete(session, PaymentReturn.credit_note_id, credit_notes)
    _delete(session, BankTransaction.payment_id, payments)
    _delete(session, TaxSubtotal.invoice_id, invoices)
    _delete(session, TaxSubtotal.credit_note_id, credit_notes)
    _delete(session, CreditNoteLine.credit_note_id, credit_notes)
    _delete(session, CreditNote.id, credit_notes)
    _delete(session, InvoiceLine.invoice_id, invoices)
    _delete(session, Instalment.invoice_id, invoices)
    _delete(session, Invoice.id, invoices)
    _delete(session, Payment.id, payments)
    return reminded


def _delete_with_last(
    session: Session,
    whole: InstrumentedAttribute[UUID],
    part: InstrumentedAttribute[UUID],
    key: InstrumentedAttribute[UUID],
    invoices: Iterable[UUID],
) -> None:
    """Deletes the lines about those invoices; what they are the lines of goes with the last of its own."""
    _delete(session, key, _delete_last(session, whole, part, invoices))


def _delete_last(
    session: Session, whole: InstrumentedAttribute[UUID], part: InstrumentedAttribute[UUID], invoices: Iterable[UUID]
) -> list[UUID]:
    """Deletes the lines about those invoices; what they were the lines of and has none left."""
    found = list(session.scalars(select(whole).where(part.in_(invoices)).distinct()))
    _delete(session, part, invoices)
    left = set(session.scalars(select(whole).where(whole.in_(found))))
    return [id_ for id_ in found if id_ not in left]


def _delete(
    session: Session, column: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None], ids: Iterable[UUID]
) -> None:
    session.execute(delete(column.class_).where(column.in_(ids)), execution_options={"synchronize_session": False})
