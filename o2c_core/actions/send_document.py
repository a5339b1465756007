"""Send a customer a copy of an invoice or a statement of account by email."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2c_core.cases.dispute import Dispute
from o2c_core.clock import today
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.documents.asked_for import InvoiceCopy, StatementOfAccount
from o2c_core.documents.cover import Cover, cover_for
from o2c_core.documents.payment import Disputed
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.statement import DaysReversed, first_day
from o2c_core.keys import new_key
from o2c_core.money import Money, exponent
from o2c_core.reminders.heard import refusals
from o2c_core.reminders.recipient import recipient_of
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store
from o2c_core.trail import note


class NoSuchDocument(NotFound):
    """I can't find that number on your account."""


class NoAddressToSendTo(Refused):
    """There is no email address on record to send the document to."""


class EmailRefused(Refused):
    """The customer asked not to be written to by email."""


@dataclass(frozen=True)
class DocumentRequest:
    """What is to be sent. With `invoice_id` it is that invoice's copy, else a statement of account.

    `key` is the request's own: the same document under the same key is sent once. `message_id` is the customer's
    message that asked for it, where it was the customer. With `address` it goes there, which has to be an address of the
    customer's on record; else to whoever gets their documents. A statement runs to the day it is sent, from `from_on` or from
    far enough back to show all that is open, in `currency` or the customer's own.
    """

    customer_id: UUID
    key: str
    invoice_id: UUID | None = None
    currency: str | None = None
    from_on: date | None = None
    who: str = "assistant"
    message_id: UUID | None = None
    address: str | None = None


def send_document(request: DocumentRequest, *, store: Store) -> UUID:
    """Queue an email to the customer's contact with the document; the id of the message.

    The message keeps which document goes with it and not the document: that is made when it is sent, with what is open
    then. Asking twice gives the first message.

    Raises: NoSuchDocument, also for another customer's invoice; NoAddressToSendTo; EmailRefused; DaysReversed;
    UnknownCurrency.
    """
    now = store.clock.now()
    with store.session() as session:
        customer = session.get(Customer, request.customer_id)
        if customer is None:
            raise NoSuchDocument(customer=str(request.customer_id))
        seller = session.get_one(Seller, customer.seller_id)
        invoice = _invoice(session, request)
        document = _document(session, request, customer, today(store.clock, seller.time_zone))
        sender_key = f"document:{customer.id}:{document.key}:{request.key}"
        already = _queued_before(session, sender_key)
        if already is not None:
            return already
        recipient = recipient_of(customer, only=request.address)
        if recipient is None:
            raise NoAddressToSendTo(customer=customer.ref)
        if request.message_id is None and not _may_email(session, customer, recipient.address):
            raise EmailRefused(customer=customer.ref)
        cover = cover_for(document, seller, customer, recipient.language, now, invoice)
        thread = _thread(session, store, customer, cover.language, request.message_id)
        message_id = _queue(session, store, thread, cover, recipient.address, document, sender_key)
        if message_id is None:
            # Somebody else asked for the same at the same moment, and their message is there now.
            session.rollback()
            found = _queued_before(session, sender_key)
            assert found is not None
            return found
        message = session.get_one(Message, message_id)
        note(
            session, "document queued", message, at=now, who=request.who, why="asked for",
            customer_id=customer.id, message_id=request.message_id, **document.stored(),
        )  # fmt: skip
        ask_for(session, "deliver_message", message_id=str(message_id))
        session.commit()
        return message_id


def open_disputes(session: Session, customer_id: UUID) -> Sequence[Disputed]:
    """The customer's open objections, for the documents that name them."""
    query = (
        select(Dispute.number, Invoice.number, Dispute.amount_minor, Dispute.currency)
        .join(Invoice, Invoice.id == Dispute.invoice_id)
        .where(Dispute.customer_id == customer_id, Dispute.state == "open")
        .order_by(Dispute.opened_at, Dispute.number)
    )
    return [
        Disputed(number, invoice, Money(minor, currency)) for number, invoice, minor, currency in session.execute(query)
    ]


def _invoice(session: Session, request: DocumentRequest) -> Invoice | None:
    if request.invoice_id is None:
        return None
    invoice = session.get(Invoice, request.invoice_id)
    if invoice is None or invoice.customer_id != request.customer_id:
        raise NoSuchDocument(invoice=str(request.invoice_id))
    return invoice


def _document(
    session: Session, request: DocumentRequest, customer: Customer, on: date
) -> InvoiceCopy | StatementOfAccount:
    if request.invoice_id is not None:
        return InvoiceCopy(request.invoice_id)
    currency = request.currency or customer.currency
    exponent(currency)
    from_on = request.from_on or first_day(session, customer.id, currency, on)
    if from_on > on:
        raise DaysReversed(from_on=from_on, to_on=on)
    return StatementOfAccount(customer.id, currency, from_on)


def _queued_before(session: Session, sender_key: str) -> UUID | None:
    return session.scalar(select(Message.id).where(Message.channel == "email", Message.sender_key == sender_key))


def _may_email(session: Session, customer: Customer, address: str) -> bool:
    """Whether nobody at that address said no to mail about their account."""
    place = ("email", address)
    return place not in refusals(session, customer.contacts, "service", place)


def _thread(session: Session, store: Store, customer: Customer, language: str, asked_id: UUID | None) -> Conversation:
    """The newest open conversation by email that no person holds, locked because its version rises; else a new one.

    Where the document was asked for in that very conversation its version stays: the answer that goes with it must not
    be taken for overtaken.
    """
    now = store.clock.now()
    query = (
        select(Conversation)
        .where(
            Conversation.customer_id == customer.id,
            Conversation.channel == "email",
            Conversation.state == "open",
            Conversation.speaker == "assistant",
        )
        .order_by(Conversation.id.desc())
        .limit(1)
        .with_for_update(key_share=True)
    )
    thread = session.scalars(query).one_or_none()
    if thread is None:
        thread = Conversation(
            id=new_key(),
            seller_id=customer.seller_id,
            customer_id=customer.id,
            channel="email",
            identity="known",
            speaker="assistant",
            language=language,
            version=0,
            introduced=False,
            opened_at=now,
            updated_at=now,
        )
        session.add(thread)
    asked_in = session.scalar(select(Message.conversation_id).where(Message.id == asked_id)) if asked_id else None
    if asked_in is None or asked_in != thread.id:
        thread.version += 1
    thread.updated_at = now
    thread.introduced = True
    session.flush()
    return thread


def _queue(
    session: Session,
    store: Store,
    thread: Conversation,
    cover: Cover,
    address: str,
    document: InvoiceCopy | StatementOfAccount,
    sender_key: str,
) -> UUID | None:
    """The id of the message; None when one with that key is there already."""
    statement = (
        insert(Message)
        .values(
            id=new_key(),
            conversation_id=thread.id,
            direction="out",
            author="assistant",
            purpose="document",
            channel="email",
            address=address,
            subject=cover.subject,
            text=cover.text,
            html=cover.html,
            language=cover.language,
            delivery="queued",
            sender_key=sender_key,
            receipts=cover.receipts,
            understanding={},
            attachments=[document.stored()],
            created_at=store.clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["channel", "sender_key"], index_where=Message.sender_key.is_not(None))
        .returning(Message.id)
    )
    return session.scalar(statement)
