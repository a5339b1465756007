"""The mail a document goes with: short, and true on whatever day it is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from o2c_core.customers.customer import Customer, locale_for
from o2c_core.customers.seller import Seller
from o2c_core.documents.asked_for import InvoiceCopy, StatementOfAccount
from o2c_core.documents.attach import file_name
from o2c_core.documents.figures import Figures
from o2c_core.documents.mail_frame import MailPage
from o2c_core.documents.wording import Wording, wording_in
from o2c_core.invoices.invoice import Invoice

_PAGE = MailPage(Path(__file__).parent, "cover")


@dataclass(frozen=True)
class Cover:
    """A mail as it is kept and sent. `receipts` has an id, the text and the source of every figure in it."""

    subject: str
    text: str
    html: str
    language: str
    receipts: list[dict[str, Any]]


@dataclass(frozen=True)
class _Page:
    language: str
    subject: str
    greeting: str
    opening: str
    more: str
    file: str
    answer: str
    closing: str
    seller: str
    assistant: str


@dataclass
class _Receipts:
    read_at: datetime
    kept: list[dict[str, Any]] = field(default_factory=list)

    def keep(self, key: str, text: str, **exact: object) -> str:
        source = f"{key}, read {self.read_at.isoformat(timespec='seconds')}"
        self.kept.append({"id": key, "text": text, "source": source, **exact})
        return text


def cover_for(
    document: InvoiceCopy | StatementOfAccount,
    seller: Seller,
    customer: Customer,
    language: str,
    read_at: datetime,
    invoice: Invoice | None = None,
) -> Cover:
    """The mail in its reader's language, from approved sentences.

    It says nothing about what is open: that is on the document, which is made when the mail is sent.
    """
    wording, figures = wording_in(language), Figures(locale_for(language, customer.country))
    receipts = _Receipts(read_at)
    if isinstance(document, InvoiceCopy):
        assert invoice is not None
        subject, opening, more = _about_invoice(invoice, seller, wording, figures, receipts)
    else:
        subject, opening, more = _about_statement(document, seller, wording, figures, receipts)
    name = file_name(document, wording, customer, invoice)
    phone = receipts.keep("seller.phone", seller.phone.replace(" ", "\xa0")) if seller.phone else None
    page = _Page(
        language=language,
        subject=" ".join(subject.split()),
        greeting=wording.say("mail.greeting"),
        opening=opening,
        more=more,
        file=wording.say("mail.file", name=name),
        answer=wording.say("mail.answer", phone=phone),
        closing=wording.say("mail.closing"),
        seller=seller.name,
        assistant=wording.say("mail.assistant", seller=seller.name),
    )
    html = _PAGE.html(language=language, subject=page.subject, seller=page.seller, under=page.assistant, cover=page)
    return Cover(page.subject, _text(page), html, language, receipts.kept)


def _about_invoice(
    invoice: Invoice, seller: Seller, wording: Wording, figures: Figures, receipts: _Receipts
) -> tuple[str, str, str]:
    about = f"invoice {invoice.number}"
    number = receipts.keep(f"{about}.number", invoice.number)
    day = receipts.keep(f"{about}.issued_on", figures.day(invoice.issued_on))
    amount = receipts.keep(f"{about}.total", figures.money(invoice.total), minor=invoice.total_minor)
    return (
        wording.say("mail.invoice_subject", seller=seller.name, number=number),
        wording.say("mail.invoice", number=number, date=day, amount=amount),
        wording.say("mail.invoice_more"),
    )


def _about_statement(
    document: StatementOfAccount, seller: Seller, wording: Wording, figures: Figures, receipts: _Receipts
) -> tuple[str, str, str]:
    since = receipts.keep("statement.from_on", figures.day(document.from_on))
    currency = receipts.keep("statement.currency", document.currency)
    return (
        wording.say("mail.statement_subject", seller=seller.name, currency=currency),
        wording.say("mail.statement", **{"currency": currency, "from": since}),
        wording.say("mail.statement_more"),
    )


def _text(page: _Page) -> str:
    said = (
        page.greeting,
        page.opening,
        page.more,
        page.file,
        page.answer,
        f"{page.closing}\n{page.seller}",
        page.assistant,
    )
    return "\n\n".join(said) + "\n"
