"""Where a message that came in belongs: which seller it is for, who may have written it, and in which conversation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.heard import Heard, HeardMail
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller, SenderIdentity

# Whoever writes again after this long without naming a thread begins a new conversation.
GOES_ON_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Writer:
    """Somebody at a customer who has the address a message came from; `is_verified` when it was verified and works."""

    customer_id: UUID
    contact_id: UUID
    address_id: UUID
    is_verified: bool


def address_channel(channel: str) -> str:
    """Under which channel an address of record is kept: WhatsApp reaches phone numbers, as texts do."""
    return "email" if channel == "email" else "sms"


def hold_writer(session: Session, channel: str, address: str) -> None:
    """Takes what one writer sends one at a time, until the transaction ends: two texts at once are one conversation."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{channel} {address}", 0))))


def named_thread(session: Session, mail: HeardMail | None) -> Conversation | None:
    """The conversation a mail belongs to by itself: its signed reply address, else the ids of the mails it answers."""
    if mail is None:
        return None
    if mail.thread is not None:
        named = session.get(Conversation, mail.thread)
        if named is not None:
            return named
    answered = [key for key in (mail.in_reply_to, *reversed(mail.references)) if key]
    if not answered:
        return None
    found = session.execute(
        select(Message.mail_id, Message.conversation_id).where(Message.mail_id.in_(answered)).order_by(Message.id)
    )
    where = {row.mail_id: row.conversation_id for row in found}
    nearest = next((where[key] for key in answered if key in where), None)
    return session.get(Conversation, nearest) if nearest else None


def seller_for(session: Session, heard: Heard, thread: Conversation | None) -> UUID | None:
    """Whose message it is: the thread's seller, else whose address it was sent to, else the only seller there is."""
    if thread is not None:
        return thread.seller_id
    to = heard.to_address.strip().lower()
    whose = select(SenderIdentity.seller_id).where(func.lower(SenderIdentity.value) == to)
    sellers = set(session.scalars(whose.where(SenderIdentity.channel == heard.channel)))
    if not sellers:
        sellers = set(session.scalars(whose))
    if not sellers and heard.channel == "email":
        sellers = set(session.scalars(select(Seller.id).where(func.lower(Seller.email) == to)))
    if not sellers:
        sellers = set(session.scalars(select(Seller.id).limit(2)))
    return sellers.pop() if len(sellers) == 1 else None


def own_mail_addresses(session: Session) -> set[str]:
    """Every mail address the sellers write from: a mail from one of them is our own come back."""
    senders = select(func.lower(SenderIdentity.value)).where(SenderIdentity.channel == "email")
    sellers = select(func.lower(Seller.email)).where(Seller.email.is_not(None))
    return {*session.scalars(senders), *session.scalars(sellers)}


def writers_of(session: Session, seller_id: UUID, channel: str, address: str) -> list[Writer]:
    """Everybody at a customer of the seller who has that address."""
    query = (
        select(Contact.customer_id, Contact.id, Address.id, Address.verified_at, Address.failed_at)
        .join(Contact, Contact.id == Address.contact_id)
        .join(Customer, Customer.id == Contact.customer_id)
        .where(Customer.seller_id == seller_id, Customer.erased_at.is_(None))
        .where(Address.channel == address_channel(channel), Address.value == address)
        .order_by(Address.id)
    )
    return [
        Writer(customer, contact, key, verified is not None and failed is None)
        for customer, contact, key, verified, failed in session.execute(query)
    ]


def may_go_on(conversation: Conversation, seller_id: UUID, customers: Collection[UUID], address: str) -> bool:
    """Whether a writer who may be any of these customers' belongs in that conversation.

    A conversation with one customer is never gone on with by another. Somebody nobody knows may write in a thread they
    were shown, and is told nothing of the customer's; without a thread they only go on with what they began themselves.
    """
    if conversation.seller_id != seller_id:
        return False
    if conversation.customer_id is None or conversation.customer_id in customers:
        return True
    return conversation.proven_until is not None and conversation.address == address


def open_conversation(
    session: Session, seller_id: UUID, channel: str, address: str, customers: Sequence[UUID], now: datetime
) -> Conversation | None:
    """The newest conversation with that address on that channel that is still going on and that the writer belongs in."""
    ours = exists().where(
        Message.conversation_id == Conversation.id, Message.channel == channel, Message.address == address
    )
    query = (
        select(Conversation)
        .where(Conversation.seller_id == seller_id, Conversation.state != "closed")
        .where(or_(Conversation.customer_id.in_(customers), Conversation.address == address))
        .where(or_((Conversation.channel == channel) & (Conversation.address == address), ours))
        .where(Conversation.updated_at > now - GOES_ON_FOR)
        .order_by(Conversation.updated_at.desc(), Conversation.id.desc())
        .limit(5)
    )
    found = session.scalars(query).all()
    return next((one for one in found if may_go_on(one, seller_id, customers, address)), None)
