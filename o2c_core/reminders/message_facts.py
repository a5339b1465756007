"""The facts about sending one message, of whatever purpose, as the ledger has them now."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, lazyload

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.reminders.heard import ADDRESS_CHANNEL, last_question, purpose_of, refusals, whatsapp_at
from o2c_core.reminders.may_contact import Facts, Reach
from o2c_core.reminders.opening import opening_for

# What somebody's own words bring about. Everything else that is not a reminder is written because they did something
# that very moment.
_ANSWERING = ("answer", "document", "notice")


def all_about(session: Session, message_id: UUID) -> tuple[Message, Conversation, Seller, Customer | None] | None:
    """The message with its thread, seller, and customer with all their people, read at once; None when it is gone.

    A session forgets what nobody holds: whoever holds these until they are done has the rules read them no second time.
    """
    people = joinedload(Customer.contacts).joinedload(Contact.addresses)
    query = (
        select(Message, Conversation, Seller, Customer)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Seller, Seller.id == Conversation.seller_id)
        .outerjoin(Customer, Customer.id == Conversation.customer_id)
        .where(Message.id == message_id)
        # Where its money goes stands in the message already.
        .options(people, lazyload(Seller.bank_accounts))
    )
    found = session.execute(query).unique().one_or_none()
    return None if found is None else (found[0], found[1], found[2], found[3])


def facts_about(session: Session, message: Message, now: datetime) -> Facts:
    """What speaks for and against sending the message where it is addressed; for a reminder without what is owed."""
    thread = session.get_one(Conversation, message.conversation_id)
    seller = session.get_one(Seller, thread.seller_id)
    customer = session.get(Customer, thread.customer_id) if thread.customer_id else None
    place = (message.channel, message.address or "")
    contacts = customer.contacts if customer else []
    refused_at = refusals(session, contacts, purpose_of(message.purpose), place).get(place)
    asked_at = _asked_at(session, message, thread)
    addresses = [address for contact in contacts for address in contact.addresses]
    country, zone = (customer.country, customer.time_zone) if customer else (seller.country, seller.time_zone)
    return Facts(
        currency=customer.currency if customer else seller.currency,
        purpose=message.purpose,
        channel=message.channel,
        reach=_reach(addresses, message, asked_at),
        has_refused=refused_at is not None and not _confirms(message, asked_at, refused_at),
        refused_at=refused_at,
        opening=opening_for(country, zone, message.channel, message.address, day_of(session, message, now)),
        asked_at=asked_at,
        whatsapp_at=whatsapp_at(session, message.address) if message.channel == "whatsapp" else None,
    )


def day_of(session: Session, message: Message, now: datetime) -> date:
    """The day it is where the seller of that message is."""
    thread = session.get_one(Conversation, message.conversation_id)
    return now.astimezone(ZoneInfo(session.get_one(Seller, thread.seller_id).time_zone)).date()


def _asked_at(session: Session, message: Message, thread: Conversation) -> datetime | None:
    if message.purpose == "reminder" or "informs" in message.understanding:
        # News of an order or an account comes of our own accord, whatever they asked lately.
        return None
    if message.purpose not in _ANSWERING or "code" in message.understanding:
        return message.created_at
    if message.answers_id is not None:
        return session.scalar(select(Message.created_at).where(Message.id == message.answers_id))
    return last_question(session, thread, message.created_at)


def _confirms(message: Message, asked_at: datetime | None, refused_at: datetime) -> bool:
    """Whether it is the one message that may follow a stop: it says to who said it that it was heard.

    Source: 47 CFR 64.1200(a)(12).
    """
    return message.purpose == "confirmation" and asked_at is not None and asked_at >= refused_at


def _reach(addresses: list[Address], message: Message, asked_at: datetime | None) -> Reach:
    """An address nobody noted is taken to work: somebody wrote from it. One that failed and wrote since works again."""
    if not message.address:
        return "none"
    failed = [
        address.failed_at
        for address in addresses
        if address.value == message.address and address.channel == ADDRESS_CHANNEL.get(message.channel)
    ]
    broken = [at for at in failed if at is not None and (asked_at is None or asked_at <= at)]
    return "failed" if failed and len(broken) == len(failed) else "usable"
