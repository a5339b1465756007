"""What is known of customers that bears on writing to them: what they said, refused and got, for many at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Select, Text, Uuid, and_, any_, bindparam, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.consent import Consent, has_consent
from o2c_core.customers.contact import Contact
from o2c_core.reminders.contact_rules import contact_rules
from o2c_core.reminders.may_contact import UNANSWERED_HOURS
from o2c_core.reminders.reminder import Reminder
from o2c_core.store.many import is_one_of

# WhatsApp reaches the phone numbers that texts are sent to.
ADDRESS_CHANNEL = {"email": "email", "sms": "sms", "whatsapp": "sms"}

# An automatic mail of longer ago says nothing about today.
AWAY_MAILS_DAYS = 90

Place = tuple[str, str]
"""A channel and an address on it."""


@dataclass(frozen=True)
class Heard:
    """Per customer: who speaks with them and what was last heard; per place: when it was refused, and what it told us."""

    agent_speaks: frozenset[UUID] = frozenset()
    heard_at: Mapping[UUID, datetime] = field(default_factory=dict)
    unanswered_at: Mapping[UUID, datetime] = field(default_factory=dict)
    reminded_on: Mapping[UUID, tuple[date, ...]] = field(default_factory=dict)
    refused_at: Mapping[Place, datetime] = field(default_factory=dict)
    back_on: Mapping[str, date] = field(default_factory=dict)
    whatsapp_at: Mapping[str, datetime] = field(default_factory=dict)


def purpose_of(message_purpose: str) -> str:
    """What of the consents a message needs."""
    return "reminders" if message_purpose == "reminder" else "service"


def heard_of(
    session: Session,
    ids: Collection[UUID],
    contacts: Collection[Contact],
    on: date,
    now: datetime,
    *,
    purpose: str = "reminders",
    besides: UUID | None = None,
) -> Heard:
    """All of it for those customers and their contacts, as if the message `besides` had not been written.

    `on` is the day somebody would be reminded, `now` the moment at which this is asked.
    """
    agents, heard, unanswered, whatsapp = _conversations(session, ids, now)
    return Heard(
        agent_speaks=agents,
        heard_at=heard,
        unanswered_at=unanswered,
        reminded_on=_reminded(session, ids, on, besides),
        refused_at=refusals(session, contacts, purpose),
        back_on=away_until(session, ids, now),
        whatsapp_at=whatsapp,
    )


def refusals(session: Session, contacts: Collection[Contact], purpose: str, *places: Place) -> dict[Place, datetime]:
    """Where those people do not want to be written to, with the moment they said so; `places` besides are asked about too.

    A person who said no is not written to at any of their addresses of that channel. An address that two people share
    is refused as soon as one of them did; and what was said from an address counts for whoever has it.
    """
    having: dict[Place, set[UUID]] = {place: set() for place in places}
    for contact in contacts:
        for address in contact.addresses:
            for channel, kind in ADDRESS_CHANNEL.items():
                if kind == address.channel:
                    having.setdefault((channel, address.value), set()).add(contact.id)
    if not having:
        return {}
    values = {value for _, value in having}
    about = or_(
        is_one_of(Consent.contact_id, [contact.id for contact in contacts]),
        Consent.address == any_(literal(list(values), ARRAY(Text))),
    )
    by_person: dict[tuple[str, UUID], list[Consent]] = {}
    by_place: dict[Place, list[Consent]] = {}
    for note in session.scalars(select(Consent).where(Consent.purpose == purpose, about)):
        if note.contact_id is not None:
            by_person.setdefault((note.channel, note.contact_id), []).append(note)
        if note.address is not None:
            by_place.setdefault((note.channel, note.address), []).append(note)
    refused: dict[Place, datetime] = {}
    for (channel, value), people in having.items():
        said = [by_place.get((channel, value), []), *(by_person.get((channel, person), []) for person in people)]
        refusing = [notes for notes in said if notes and not has_consent(notes, channel, purpose)]
        if refusing:
            refused[channel, value] = max(note.at for notes in refusing for note in notes)
    return refused


def last_question(session: Session, conversation: Conversation, before: datetime) -> datetime | None:
    """When the writer of that conversation, or the customer anywhere, last asked something before that moment."""
    theirs = Message.conversation_id == conversation.id
    if conversation.customer_id is not None:
        # One list of conversations, not "this one or any of those": that way the index is used.
        whole = or_(Conversation.id == conversation.id, Conversation.customer_id == conversation.customer_id)
        theirs = Message.conversation_id.in_(select(Conversation.id).where(whole))
    return session.scalar(
        select(func.max(Message.created_at)).where(
            theirs, Message.direction == "in", Message.purpose == "question", Message.created_at <= before
        )
    )


def _conversations(
    session: Session, ids: Collection[UUID], now: datetime
) -> tuple[frozenset[UUID], dict[UUID, datetime], dict[UUID, datetime], dict[str, datetime]]:
    """Whom an agent speaks with; the last question and the last without an answer; the last WhatsApp of a number."""
    many = {"customers": list(ids)}
    agents = session.scalars(_AGENTS, many)
    heard: dict[UUID, datetime] = {}
    unanswered: dict[UUID, datetime] = {}
    whatsapp: dict[str, datetime] = {}
    for row in session.execute(_LATELY, many | {"since": now - timedelta(hours=UNANSWERED_HOURS)}):
        for found, at in ((heard, row.heard_at), (unanswered, row.unanswered_at)):
            if at is not None:
                found[row.customer_id] = max(at, found.get(row.customer_id, at))
        if row.channel == "whatsapp" and row.address:
            whatsapp[row.address] = max(row.any_at, whatsapp.get(row.address, row.any_at))
    return frozenset(found for found in agents if found), heard, unanswered, whatsapp


def _lately() -> Select[*tuple[Any, ...]]:
    """By customer and place, since a moment: the last they wrote, the last question, the last one without an answer."""
    reply = aliased(Message)
    is_answered = or_(
        Message.answered_at.is_not(None),
        exists().where(
            reply.conversation_id == Message.conversation_id,
            reply.id > Message.id,
            reply.direction == "out",
            reply.purpose == "answer",
            reply.delivery.not_in(("failed", "withdrawn")),
        ),
    )
    is_question = Message.purpose == "question"
    # Who writes "stop" and nothing else is not in conversation with anybody.
    noted = select(Consent.message_id).where(Consent.message_id.is_not(None))
    said_stop = and_(Message.answered_at.is_not(None), Message.id.in_(noted))
    return (
        select(
            Conversation.customer_id,
            Message.channel,
            Message.address,
            func.max(Message.created_at).label("any_at"),
            func.max(Message.created_at).filter(and_(is_question, ~said_stop)).label("heard_at"),
            func.max(Message.created_at).filter(and_(is_question, ~is_answered)).label("unanswered_at"),
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Conversation.customer_id == any_(_CUSTOMERS),
            Message.direction == "in",
            Message.created_at > bindparam("since", type_=DateTime(timezone=True)),
        )
        .group_by(Conversation.customer_id, Message.channel, Message.address)
    )


# Built once: they are asked at every send, and building one takes longer than asking it.
_CUSTOMERS = bindparam("customers", type_=ARRAY(Uuid))
_AGENTS = select(Conversation.customer_id).where(
    Conversation.customer_id == any_(_CUSTOMERS), Conversation.speaker == "agent", Conversation.state != "closed"
)
_LATELY = _lately()


def _reminded(session: Session, ids: Collection[UUID], on: date, besides: UUID | None) -> dict[UUID, tuple[date, ...]]:
    """The days of the reminders that went out or are about to, by customer; each message counts once."""
    longest = timedelta(days=max(cap.days for cap in contact_rules().caps))
    query = (
        select(Reminder.customer_id, Reminder.message_id, func.max(Reminder.on).label("on"))
        .join(Message, Message.id == Reminder.message_id)
        .where(is_one_of(Reminder.customer_id, ids), Reminder.on > on - longest)
        .where(Message.delivery.not_in(("failed", "withdrawn")))
        .group_by(Reminder.customer_id, Reminder.message_id)
    )
    reminded: dict[UUID, tuple[date, ...]] = {}
    for row in session.execute(query):
        if row.message_id != besides:
            reminded[row.customer_id] = (*reminded.get(row.customer_id, ()), row.on)
    return reminded


def away_until(session: Session, ids: Collection[UUID], now: datetime) -> dict[str, date]:
    """Until when the writers of automatic mails said they are away, by the latest from each address."""
    said = Message.mail["back_on"].astext
    # Ids rise with time, so the highest is the latest.
    latest = func.row_number().over(partition_by=Message.address, order_by=Message.id.desc()).label("latest")
    mails = (
        select(Message.address, said.label("back_on"), latest)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(is_one_of(Conversation.customer_id, ids), Message.direction == "in", said.is_not(None))
        .where(Message.created_at > now - timedelta(days=AWAY_MAILS_DAYS))
        .subquery()
    )
    query = select(mails.c.address, mails.c.back_on).where(mails.c.latest == 1)
    return {row.address: date.fromisoformat(row.back_on[:10]) for row in session.execute(query) if row.address}


def whatsapp_at(session: Session, address: str | None) -> datetime | None:
    """When that number last wrote on WhatsApp."""
    return session.scalar(
        select(func.max(Message.created_at)).where(
            Message.direction == "in", Message.channel == "whatsapp", Message.address == address
        )
    )
