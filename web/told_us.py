"""What a customer told us that is not over: payments on their way, papers they miss, and who of them is away."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.cases.document_problem import DocumentProblem, waiting_on
from o2c_core.cases.payment_said import PaymentSaid, SaidInvoice, came_for_said
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.masked import masked
from o2c_core.invoices.invoice import Invoice
from o2c_core.reminders.heard import away_until
from web.matter import Matter
from web.reader import Reader

_MISSING = {
    "purchase_order": "their order number is missing or wrong",
    "not_received": "they did not get the invoice",
    "delivery_note": "the proof of delivery is missing",
    "other": "something they need with it is missing",
}


def payments_said(session: Session, customer_id: UUID, reader: Reader) -> list[Matter]:
    """What they say they paid and has not come in full, also where it was looked for in vain."""
    waiting = PaymentSaid.state.in_(("open", "not_arrived"))
    named = (
        select(SaidInvoice.payment_said_id, Invoice.number)
        .join(Invoice, Invoice.id == SaidInvoice.invoice_id)
        .join(PaymentSaid, PaymentSaid.id == SaidInvoice.payment_said_id)
        .where(PaymentSaid.customer_id == customer_id, waiting)
        .order_by(Invoice.number)
    )
    numbers: dict[UUID, list[str]] = {}
    for said_id, number in session.execute(named):
        numbers.setdefault(said_id, []).append(number)
    query = select(PaymentSaid, came_for_said()).where(PaymentSaid.customer_id == customer_id, waiting)
    found = []
    for one, came in session.execute(query.order_by(PaymentSaid.said_on, PaymentSaid.id)):
        about = ", ".join(numbers.get(one.id, ())) or "the account"
        paid = f" on {reader.day(one.paid_on)}" if one.paid_on else ""
        part = f"; {reader.minor(int(came), one.currency)} of it has come" if came else ""
        traced = f"; looked for since {reader.day(one.traced_on)}" if one.traced_on else ""
        words = f": “{' '.join(one.words.split())}”" if one.words else ""
        is_late = one.state == "not_arrived" or one.until_on < reader.today
        found.append(
            Matter("Said to be paid", "", f"{about}, paid{paid} by what they say{part}{traced}{words}", one.amount,
                   "Should be here by" if is_late else "Looked out for until", one.until_on, None, one.message_id, is_late)
        )  # fmt: skip
    return found


def papers_missing(session: Session, customer_id: UUID, reader: Reader) -> list[Matter]:
    """What an invoice lacks, until it is put right and they have had the time to book it."""
    query = (
        select(DocumentProblem, Invoice.number)
        .join(Invoice, Invoice.id == DocumentProblem.invoice_id)
        .where(DocumentProblem.customer_id == customer_id, waiting_on(reader.today))
        .order_by(DocumentProblem.opened_at, DocumentProblem.id)
    )
    found = []
    for one, number in session.execute(query):
        wanted = f" ({one.wanted})" if one.wanted else ""
        about = f"{number}: {_MISSING.get(one.kind, one.kind)}{wanted}"
        if one.state == "open":
            found.append(Matter("Papers", "", about, None, "Open since", one.opened_on, one.by, one.message_id))
        else:
            about += f"; put right{f': {one.resolution}' if one.resolution else ''}"
            found.append(
                Matter("Papers", "", about, None, "No reminders until", one.rests_until, one.by, one.message_id)
            )
    return found


def away(session: Session, customer_id: UUID, reader: Reader) -> list[Matter]:
    """Who of them is away by an automatic mail, which puts reminders to that address off until they are back."""
    found = []
    for address, back_on in sorted(away_until(session, [customer_id], reader.now).items()):
        if back_on <= reader.today:
            continue
        name = session.scalar(
            select(func.min(Contact.name))
            .join(Address, Address.contact_id == Contact.id)
            .where(Contact.customer_id == customer_id, Address.value == address)
        )
        mail = session.execute(
            select(Message.id, Message.mail["deputy"].astext.label("deputy"))
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Conversation.customer_id == customer_id, Message.address == address, Message.direction == "in")
            .where(Message.mail["back_on"].astext.is_not(None))
            .order_by(Message.id.desc())
            .limit(1)
        ).one_or_none()
        who = f"{name} ({masked(address)})" if name else masked(address)
        deputy = f"; they name {masked(mail.deputy)} instead" if mail and mail.deputy else ""
        found.append(
            Matter("Away", "", f"{who}, by an automatic answer{deputy}", None, "Back on", back_on, None,
                   mail.id if mail else None)
        )  # fmt: skip
    return found
