"""Hearing stop or start from an address: noted for everybody who has it, and what was about to leave is taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.consent import PURPOSES, UNLESS_REFUSED, Consent, check_note, has_consent
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.stop_words import TEXTED, is_providers_own
from o2c_core.reminders.answer import No, Reason
from o2c_core.reminders.withdraw import withdraw, withdraw_overtaken
from o2c_core.trail import note

# What a stop is about when nothing else is said: all that we send of our own accord. Invoices and answers stay.
UNASKED = ("reminders", "marketing")
# Said by the person themselves a moment ago, or the one word that their stop was heard: these still leave.
_STILL_LEAVE = ("answer", "code", "confirmation")
_ADDRESS_CHANNEL = {"email": "email", "sms": "sms", "whatsapp": "sms"}


def hear(
    session: Session,
    heard: Literal["stop", "start", "help"],
    *,
    channel: str,
    address: str,
    contact_ids: Collection[UUID],
    words: str,
    how: str,
    message_id: UUID | None,
    now: datetime,
    purposes: Collection[str] | None = None,
) -> list[Consent]:
    """The notes that were added: one per purpose for each contact with that address, or for the address where nobody is known.

    The same message heard once more adds nothing. Asking for help says nothing about consent.

    Raises: ConsentNeedsProof.
    """
    if heard == "help":
        return []
    people = _people(session, channel, address, contact_ids)
    nobody: list[UUID | None] = [None]
    about = purposes if purposes is not None else _purposes(session, heard, channel, address, people, words)
    notes = []
    for purpose in about:
        check_note(channel, purpose, how, words)
        for contact_id in people or nobody:
            said = Consent(
                contact_id=contact_id, address=address, channel=channel, purpose=purpose, is_given=heard == "start",
                at=now, how=how, words=words, message_id=message_id,
            )  # fmt: skip
            if not _is_noted(session, said):
                notes.append(said)
    add_notes(session, notes, by="customer", now=now)
    return notes


def is_stopped(session: Session, channel: str, address: str, contact_ids: Collection[UUID]) -> bool:
    """Whether something that silence would allow was refused there, and not allowed again since."""
    said = select(Consent).where(
        Consent.channel == channel,
        or_(Consent.address == address, Consent.contact_id.in_(_people(session, channel, address, contact_ids))),
    )
    notes = session.scalars(said).all()
    return any(not has_consent(notes, channel, purpose) for purpose in UNLESS_REFUSED)


def add_notes(session: Session, notes: Collection[Consent], *, by: str, now: datetime) -> None:
    """Adds them with their lines in the trail, and withdraws what is queued and must not leave any more."""
    session.add_all(notes)
    session.flush()
    customers: set[UUID] = set()
    for one in notes:
        customer_id, seller_id = _whose(session, one)
        if customer_id:
            customers.add(customer_id)
        note(
            session,
            "consent given" if one.is_given else "consent refused",
            one,
            at=now,
            who=by,
            why=one.how,
            customer_id=customer_id,
            seller_id=seller_id,
            message_id=one.message_id,
            channel=one.channel,
            purpose=one.purpose,
        )
    for channel, address in sorted({(one.channel, one.address) for one in notes if one.address and not one.is_given}):
        refused = {one.purpose for one in notes if (one.channel, one.address) == (channel, address)}
        _withdraw_queued(session, channel, address, refused, now)
    for customer_id in sorted(customers):
        withdraw_overtaken(session, customer_id, now)


def _people(session: Session, channel: str, address: str, contact_ids: Collection[UUID]) -> list[UUID]:
    """Everybody who has the address, and those who are known to write from it."""
    having = select(Address.contact_id).where(
        Address.channel == _ADDRESS_CHANNEL.get(channel, channel), Address.value == address
    )
    return sorted({*session.scalars(having), *contact_ids})


def _purposes(
    session: Session, heard: str, channel: str, address: str, people: Collection[UUID], words: str
) -> tuple[str, ...]:
    """What the words are about.

    The provider's own stop word blocks all it carries to that number, so a note that still allowed service by text would
    be untrue. Whoever starts again gets back what silence allows, and offers only if they once agreed to them.
    Source: 47 CFR 64.1200(a)(10); Directive 2002/58/EC art. 13.
    """
    if heard == "stop":
        return PURPOSES if channel in TEXTED and is_providers_own(words) else UNASKED
    agreed = select(Consent.id).where(
        Consent.channel == channel,
        Consent.purpose == "marketing",
        Consent.is_given,
        or_(Consent.address == address, Consent.contact_id.in_(people)),
    )
    return PURPOSES if session.execute(agreed.limit(1)).first() else UNLESS_REFUSED


def _is_noted(session: Session, said: Consent) -> bool:
    """Whether this very message said so before, or, without a message, nothing would change by it."""
    same = select(Consent).where(
        Consent.contact_id == said.contact_id if said.contact_id else Consent.contact_id.is_(None),
        Consent.address == said.address,
        Consent.channel == said.channel,
        Consent.purpose == said.purpose,
    )
    if said.message_id is not None:
        same = same.where(Consent.message_id == said.message_id, Consent.is_given == said.is_given)
        return session.execute(same.limit(1)).first() is not None
    last = session.scalars(same.order_by(Consent.at.desc(), Consent.id.desc()).limit(1)).first()
    return last is not None and last.is_given == said.is_given


def _whose(session: Session, one: Consent) -> tuple[UUID | None, UUID | None]:
    """The customer and the seller a note belongs to; of one about a bare address, the seller it was said to."""
    if one.contact_id is not None:
        query = (
            select(Customer.id, Customer.seller_id)
            .join(Contact, Contact.customer_id == Customer.id)
            .where(Contact.id == one.contact_id)
        )
        customer_id, seller_id = session.execute(query).one()
        return customer_id, seller_id
    said_to = (
        select(Conversation.seller_id)
        .join(Message, Message.conversation_id == Conversation.id)
        .where(Message.id == one.message_id)
    )
    return None, session.scalar(said_to)


def _withdraw_queued(session: Session, channel: str, address: str, refused: Iterable[str], now: datetime) -> None:
    """What waits for that address and is neither an answer nor asked for; who is in nobody's book is looked up by it too."""
    waiting = select(Message).where(
        Message.delivery == "queued",
        Message.direction == "out",
        Message.channel == channel,
        Message.address == address,
        Message.purpose.not_in(_STILL_LEAVE),
    )
    for message in session.scalars(waiting.order_by(Message.id)).all():
        if ("reminders" if message.purpose == "reminder" else "service") in set(refused):
            withdraw(session, message, No(Reason.OPTED_OUT), now, was="queued")
