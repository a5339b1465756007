"""The files that go with a message, made on the day it is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.documents.asked_for import READ_BACK, InvoiceCopy, PayCode, StatementOfAccount, read_back
from o2c_core.documents.epc import Transfer, epc_png
from o2c_core.documents.invoice_copy import render_invoice
from o2c_core.documents.payment import Disputed
from o2c_core.documents.statement_copy import render_statement
from o2c_core.documents.wording import Wording, wording_in
from o2c_core.invoices.invoice import Invoice

# Who knows a customer's open objections; they are cases, of which documents know nothing.
DisputesOf = Callable[[Session, UUID], Sequence[Disputed]]

FILE_NAME_CHARACTERS_MAX = 100
_NOT_IN_A_FILE_NAME = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')


# By what name a mail's own text points to the code to pay with.
PAY_CODE_ID = "pay-code@parley"


@dataclass(frozen=True)
class Attachment:
    """A file as a carrier sends it; one with a `content_id` is shown in the mail itself, where its text names that."""

    name: str
    media_type: str
    content: bytes
    content_id: str | None = None


class Attaching(Protocol):
    """What is read of a message: its language and the documents that go with it."""

    @property
    def language(self) -> str | None: ...

    @property
    def attachments(self) -> list[dict[str, Any]]: ...


def attachments_of(session: Session, message: Attaching, today: date, *, disputes_of: DisputesOf) -> list[Attachment]:
    """The message's documents with what is open now, in the message's language.

    Every attempt to send makes them anew, so no document leaves with an amount that has been paid meanwhile. Others, such
    as letters that leave as they were approved, are put beside them by who knows them.
    """
    papers = [stored for stored in message.attachments if stored["document"] in READ_BACK]
    return [_made(session, read_back(stored), message.language, today, disputes_of) for stored in papers]


def file_name(
    document: InvoiceCopy | StatementOfAccount, wording: Wording, customer: Customer, invoice: Invoice | None
) -> str:
    """The file's name in its reader's language, the same on any day and without signs that any computer refuses."""
    if isinstance(document, InvoiceCopy):
        assert invoice is not None
        name = wording.say("file.invoice", number=invoice.number)
    else:
        name = wording.say("file.statement", customer=customer.ref, currency=document.currency)
    stem = _NOT_IN_A_FILE_NAME.sub("-", name.removesuffix(".pdf")).strip(". ")
    return stem[:FILE_NAME_CHARACTERS_MAX] + ".pdf"


def _made(
    session: Session,
    document: InvoiceCopy | StatementOfAccount | PayCode,
    language: str | None,
    today: date,
    disputes_of: DisputesOf,
) -> Attachment:
    if isinstance(document, PayCode):
        return pay_code(document)
    invoice = None
    if isinstance(document, InvoiceCopy):
        invoice = session.get_one(Invoice, document.invoice_id)
        customer = session.get_one(Customer, invoice.customer_id)
        disputed = [one for one in disputes_of(session, customer.id) if one.invoice == invoice.number]
        content = render_invoice(session, invoice, today, language=language, disputed=disputed)
    else:
        customer = session.get_one(Customer, document.customer_id)
        content = render_statement(
            session,
            customer,
            document.currency,
            min(document.from_on, today),
            today,
            language=language,
            disputed=disputes_of(session, customer.id),
        )
    spoken = next((one for one in (language, customer.language) if one in LANGUAGES), "en")
    name = file_name(document, wording_in(spoken), customer, invoice)
    return Attachment(name, "application/pdf", content)


def pay_code(document: PayCode) -> Attachment:
    """The code as a picture. Raises: NotPayableByCode."""
    transfer = Transfer(
        holder=document.holder, iban=document.iban, bic=document.bic, amount=document.amount, text=document.text
    )
    return Attachment("pay-code.png", "image/png", epc_png(transfer), PAY_CODE_ID)
