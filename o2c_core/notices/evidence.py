"""Everything on record that shows a claim, gathered for who has to prove it: an index and the papers behind it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.dispute import Dispute
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.customers.customer import Customer, locale_for
from o2c_core.customers.seller import Seller
from o2c_core.days import days_late
from o2c_core.documents.figures import Figures
from o2c_core.documents.invoice_copy import render_invoice
from o2c_core.documents.payment import Disputed
from o2c_core.documents.statement_copy import render_statement
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.account import OpenInvoice, invoices_of
from o2c_core.invoices.invoice import InvoiceLine
from o2c_core.invoices.statement import first_day
from o2c_core.money import Money, total
from o2c_core.notices.evidence_text import Teller, cases_text, messages_text, notices_text, order_text
from o2c_core.notices.formal_notice import FormalNotice
from o2c_core.notices.page import letter_wording
from o2c_core.orders.order import Order, OrderLine

_NOT_IN_A_FILE_NAME = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
FILE_NAME_CHARACTERS_MAX = 100


class NothingOverdue(Refused):
    """Nothing of this customer's is past its due day, so there is no claim to show evidence for."""


@dataclass(frozen=True)
class EvidenceFile:
    """A paper of the pack; `what` is the line the index has about it."""

    name: str
    what: str
    content: bytes


@dataclass(frozen=True)
class Shown:
    """An invoice that is claimed, as the index names it."""

    number: str
    issued_on: date
    due_on: date
    days_late: int
    total: Money
    open: Money
    disputed: Money


@dataclass(frozen=True)
class Evidence:
    """The pack as it stood on a day, in the language of the seller, whose claim it is."""

    seller: Seller
    customer: Customer
    on: date
    language: str
    figures: Figures
    invoices: tuple[Shown, ...]
    files: tuple[EvidenceFile, ...]

    @property
    def open(self) -> dict[str, Money]:
        """What is open on those invoices, by currency."""
        currencies = sorted({shown.open.currency for shown in self.invoices})
        return {
            currency: total((one.open for one in self.invoices if one.open.currency == currency), currency)
            for currency in currencies
        }


def gather_evidence(
    session: Session,
    customer: Customer,
    on: date,
    *,
    invoice_ids: Collection[UUID] = (),
    only_late: bool = True,
    message_ids: Collection[UUID] = (),
) -> Evidence:
    """What is on record about those invoices; without any, about all that are late. Copies of documents are of that day.

    Where something is disputed and not claimed, an invoice need not be late (`only_late`); `message_ids` are messages whose
    files belong to it as they came.

    Raises: NothingOverdue; NotFound for another customer's invoice.
    """
    seller = session.get_one(Seller, customer.seller_id)
    language = seller.language if seller.language in ("en", "nl", "de", "fr") else "en"
    figures = Figures(locale_for(language, seller.country))
    claimed = _claimed(session, customer, on, invoice_ids, only_late=only_late or not invoice_ids)
    disputes = session.scalars(
        select(Dispute).where(Dispute.invoice_id.in_([one.invoice.id for one in claimed])).order_by(Dispute.opened_at)
    ).all()
    teller = Teller(letter_wording(language), figures, seller.time_zone)
    files = [
        *_orders(session, claimed, teller),
        *_invoices(session, claimed, disputes, on, language, teller),
        *_statements(session, customer, claimed, disputes, on, language, teller),
        *_words(session, customer, claimed, teller),
        *_letters(session, customer, teller),
        *_received(session, customer, message_ids, teller),
    ]
    return Evidence(
        seller, customer, on, language, figures, tuple(_shown(one, disputes, on) for one in claimed),
        tuple(_apart([file for file in files if file.content])),
    )  # fmt: skip


def _claimed(
    session: Session, customer: Customer, on: date, invoice_ids: Collection[UUID], *, only_late: bool
) -> list[OpenInvoice]:
    open_ = invoices_of(session, customer.id, on)
    if missing := set(invoice_ids) - {one.invoice.id for one in open_}:
        raise NotFound("That customer has no such invoice.", invoice=str(min(missing)))
    claimed = [
        one
        for one in open_
        if (one.overdue.minor > 0 or not only_late) and (not invoice_ids or one.invoice.id in invoice_ids)
    ]  # fmt: skip
    if not claimed:
        raise NothingOverdue(customer=customer.ref)
    return claimed


def _shown(one: OpenInvoice, disputes: Sequence[Dispute], on: date) -> Shown:
    invoice = one.invoice
    disputed = [part.amount for part in disputes if part.invoice_id == invoice.id and part.state == "open"]
    return Shown(
        invoice.number, invoice.issued_on, one.next_due_on, days_late(one.next_due_on, on), invoice.total, one.open,
        total(disputed, invoice.currency),
    )  # fmt: skip


def _orders(session: Session, claimed: Sequence[OpenInvoice], teller: Teller) -> Iterable[EvidenceFile]:
    """Each order the invoices are for, with what was ordered, what left and who took it in."""
    ids = {one.invoice.order_id for one in claimed if one.invoice.order_id is not None}
    lines = select(InvoiceLine.order_line_id).where(InvoiceLine.invoice_id.in_([one.invoice.id for one in claimed]))
    of_lines = select(OrderLine.order_id).where(OrderLine.id.in_(lines))
    for order in session.scalars(
        select(Order).where((Order.id.in_(ids)) | (Order.id.in_(of_lines))).order_by(Order.number)
    ):
        what = teller.say("order_file", number=order.number)
        yield _file("orders", f"{order.number}.txt", what, order_text(order, teller).encode())


def _invoices(
    session: Session,
    claimed: Sequence[OpenInvoice],
    disputes: Sequence[Dispute],
    on: date,
    language: str,
    teller: Teller,
) -> Iterable[EvidenceFile]:
    for one in claimed:
        number = one.invoice.number
        content = render_invoice(
            session, one.invoice, on, language=language, disputed=_disputed(disputes, claimed, number)
        )
        yield _file("invoices", f"{number}.pdf", teller.say("invoice_file", number=number), content)


def _statements(
    session: Session,
    customer: Customer,
    claimed: Sequence[OpenInvoice],
    disputes: Sequence[Dispute],
    on: date,
    language: str,
    teller: Teller,
) -> Iterable[EvidenceFile]:
    for currency in sorted({one.invoice.currency for one in claimed}):
        since = first_day(session, customer.id, currency, on)
        content = render_statement(
            session, customer, currency, since, on, language=language, disputed=_disputed(disputes, claimed)
        )
        what = teller.say("statement_file", currency=currency, date=teller.figures.day(since))
        yield _file("", f"{teller.say('statement_name')} {currency}.pdf", what, content)


def _words(
    session: Session, customer: Customer, claimed: Sequence[OpenInvoice], teller: Teller
) -> Iterable[EvidenceFile]:
    ids = [one.invoice.id for one in claimed]
    for name, text in (
        ("cases", cases_text(session, customer, ids, teller)),
        ("reminders", messages_text(session, customer, teller, reminders=True)),
        ("conversations", messages_text(session, customer, teller, reminders=False)),
        ("notices", notices_text(session, customer, teller)),
    ):
        yield _file("", f"{teller.say(f'{name}_name')}.txt", teller.say(f"{name}_file"), text.encode())


def _letters(session: Session, customer: Customer, teller: Teller) -> Iterable[EvidenceFile]:
    """The formal letters that left, as they left."""
    query = select(FormalNotice).where(
        FormalNotice.customer_id == customer.id, FormalNotice.sent_at.is_not(None), FormalNotice.file.is_not(None)
    )
    for notice in session.scalars(query.order_by(FormalNotice.sent_at)):
        what = teller.say("letter_file", number=notice.number)
        yield _file("notices", f"{notice.number}.pdf", what, notice.file or b"")


def _received(
    session: Session, customer: Customer, message_ids: Collection[UUID], teller: Teller
) -> Iterable[EvidenceFile]:
    """The files that came with those messages of the customer's, as they came."""
    query = (
        select(ReceivedFile)
        .join(Message, Message.id == ReceivedFile.message_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(ReceivedFile.message_id.in_(message_ids), Conversation.customer_id == customer.id)
        .order_by(ReceivedFile.id)
    )
    for one in session.scalars(query):
        what = teller.say("received_file", name=one.name, at=teller.moment(one.created_at))
        yield _file("received", one.name if "." in one.name else f"{one.name}.bin", what, one.content or b"")


def _disputed(disputes: Sequence[Dispute], claimed: Sequence[OpenInvoice], number: str | None = None) -> list[Disputed]:
    numbers = {one.invoice.id: one.invoice.number for one in claimed}
    return [
        Disputed(one.number, numbers[one.invoice_id], one.amount)
        for one in disputes
        if one.state == "open" and number in (None, numbers[one.invoice_id])
    ]


def _file(folder: str, name: str, what: str, content: bytes) -> EvidenceFile:
    """Names are ours and customers' numbers: nothing in them may leave the folder or trouble a computer."""
    stem, dot, ending = name.rpartition(".")
    safe = _NOT_IN_A_FILE_NAME.sub("-", stem).strip(". ")[:FILE_NAME_CHARACTERS_MAX] or "paper"
    safe += dot + ending
    return EvidenceFile(f"{folder}/{safe}" if folder else safe, what, content)


def _apart(files: Sequence[EvidenceFile]) -> Iterator[EvidenceFile]:
    """Two papers whose numbers differ only in signs no file name may have get names of their own."""
    seen: dict[str, int] = {}
    for file in files:
        key = file.name.casefold()
        seen[key] = seen.get(key, 0) + 1
        stem, dot, ending = file.name.rpartition(".")
        yield file if seen[key] == 1 else replace(file, name=f"{stem} ({seen[key]}){dot}{ending}")
