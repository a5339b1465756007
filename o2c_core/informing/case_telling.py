"""Telling a customer what came of their case: where they said it where that still reaches them, else where they are on record."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.case_status import CaseStatus
from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import LANGUAGES, Customer, locale_for
from o2c_core.customers.seller import Seller
from o2c_core.informing.case_said import CaseSaid, Outcome, say_outcome
from o2c_core.informing.threads import threads_for
from o2c_core.informing.to_whom import people_of
from o2c_core.keys import new_key
from o2c_core.money import Money
from o2c_core.reminders.heard import Place, last_question, whatsapp_at
from o2c_core.reminders.may_contact import ASKED_HOURS
from o2c_core.reminders.recipient import Recipient, choose
from o2c_core.store.jobs import ask_for

# Whoever wrote in the chat within this time still has it before them, as far as anybody can tell.
IN_THE_ROOM = timedelta(minutes=30)
_ROOMS = ("chat", "terminal")


@dataclass(frozen=True)
class Told:
    """What the customer is told, on which channel and where. In a chat there is no address."""

    channel: str
    address: str | None
    language: str
    text: str
    subject: str | None
    message_id: UUID


@dataclass(frozen=True)
class NotTold:
    """Nobody is told, and why, for people."""

    why: str


@dataclass(frozen=True)
class _Way:
    to: Recipient | None
    room: Conversation | None = None


def tell_outcome(
    session: Session,
    case: Dispute | Complaint,
    status: CaseStatus,
    *,
    by: str,
    now: datetime,
    invoice: str | None = None,
    still_due: Money | None = None,
    unapplied: Money | None = None,
    own_words: str = "",
) -> Told | NotTold:
    """Puts the words into the outbox, in the session's transaction, which is the one that decides the case: so that they
    are told once and never of something that was not decided.
    """
    customer = session.get_one(Customer, case.customer_id)
    seller = session.get_one(Seller, case.seller_id)
    if customer.erased_at is not None:
        return NotTold("This person asked to be forgotten.")
    way = _way(session, case, customer, now)
    if way is None:
        return NotTold("There is no address that works and may be written to.")
    language = _language(way, customer)
    said = say_outcome(
        Outcome(status, invoice, still_due, unapplied, own_words), seller_name=seller.name, language=language,
        locale=locale_for(language, customer.country), channel=way.to.channel if way.to else "chat", read_at=now,
    )  # fmt: skip
    message = _message(session, customer, way, said, case, by, now)
    session.add(message)
    session.flush()
    if way.to is not None:
        ask_for(session, "deliver_message", message_id=str(message.id))
    return Told(message.channel, message.address, said.language, said.text, said.subject, message.id)


def _way(session: Session, case: Dispute | Complaint, customer: Customer, now: datetime) -> _Way | None:
    people = people_of(session, customer, now)
    heard = _heard(session, case)
    room = None
    if heard is not None:
        _, thread = heard
        if thread.channel in _ROOMS:
            room = thread
            asked_at = last_question(session, thread, now)
            if thread.state != "closed" and asked_at is not None and asked_at > now - IN_THE_ROOM:
                return _Way(None, thread)
        elif (found := _still_reached(session, heard, customer, people.refused, now)) is not None:
            return _Way(found)
    contact = heard[1].contact_id if heard else None
    for only in (contact, None) if contact else (None,):
        choice = choose(customer, refused=people.refused, on_whatsapp=people.on_whatsapp, only=only)
        if choice.recipient is not None:
            return _Way(choice.recipient)
    # Who only ever wrote in the chat reads it there when they come back.
    return _Way(None, room) if room is not None else None


def _heard(session: Session, case: Dispute | Complaint) -> tuple[Message, Conversation] | None:
    """The message the case came from, with its conversation."""
    if case.message_id is None:
        return None
    query = (
        select(Message, Conversation)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.id == case.message_id, Conversation.customer_id == case.customer_id)
    )
    found = session.execute(query).one_or_none()
    return (found[0], found[1]) if found else None


def _still_reached(
    session: Session, heard: tuple[Message, Conversation], customer: Customer, refused: Collection[Place], now: datetime
) -> Recipient | None:
    """The address they wrote from, where it may be written to now. One that is on nobody's record is only theirs if they
    proved who they are."""
    message, thread = heard
    address, channel = message.address, message.channel
    if address is None or (channel, address) in refused:
        return None
    if channel == "whatsapp":
        wrote_at = whatsapp_at(session, address)
        if wrote_at is None or wrote_at <= now - timedelta(hours=ASKED_HOURS):
            return None
    written = message.language or customer.language or "en"
    for contact in customer.contacts:
        for one in contact.addresses:
            if one.value == address:
                usable = one.failed_at is None or one.failed_at <= message.created_at
                return (
                    Recipient(address, contact.language or written, channel, contact.id, contact.name)
                    if usable
                    else None
                )
    return Recipient(address, written, channel, message.contact_id) if thread.identity == "proven" else None


def _language(way: _Way, customer: Customer) -> str:
    said = (way.to.language if way.to else way.room.language if way.room else None) or customer.language
    return said if said in LANGUAGES else "en"


def _message(
    session: Session,
    customer: Customer,
    way: _Way,
    said: CaseSaid,
    case: Dispute | Complaint,
    by: str,
    now: datetime,
) -> Message:
    """Said in a chat it is there at once; everything else is queued in the thread of that address."""
    if way.to is None:
        assert way.room is not None
        thread, on_its_way = way.room, {"delivery": "sent", "carrier": way.room.channel, "sent_at": now}
        channel, address, contact_id = way.room.channel, way.room.address, way.room.contact_id
    else:
        (thread,) = threads_for(session, [(customer, way.to, said.subject)], now).of.values()
        channel, address, contact_id = way.to.channel, way.to.address, way.to.contact_id
        on_its_way = {"delivery": "queued"}
    thread.updated_at = now
    return Message(
        **on_its_way,
        id=new_key(), conversation_id=thread.id, direction="out", author=by, purpose="notice", channel=channel,
        address=address, contact_id=contact_id, subject=said.subject, text=said.text, html=said.html,
        language=said.language, receipts=said.receipts,
        understanding={"case": f"{case.__tablename__} {case.number}"}, created_at=now,
    )  # fmt: skip
