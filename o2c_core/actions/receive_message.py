"""Store what somebody wrote, once, and say what the conversation looks like with it in."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2c_core.cards import mask_across
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.keys import new_key
from o2c_core.store.store import Store

TEXT_CHARACTERS_MAX = 8000
HISTORY_MESSAGES = 12
# Over how many messages of theirs a card number may be spread and still be found.
CARD_MESSAGES = 4


class NothingWritten(Refused):
    """There is no text in that message."""


class TooLong(Refused):
    """That message is too long; please keep it under 8,000 characters."""


# Every message runs these, so they are put together once.
_BEGIN = insert(Conversation)
_STORE_ONCE = (
    insert(Message)
    .on_conflict_do_nothing(index_elements=["channel", "sender_key"], index_where=Message.sender_key.is_not(None))
    .returning(Message.id)
)
_PARTIES = (
    select(Seller, Customer)
    .outerjoin(Customer, Customer.id == bindparam("customer_id"))
    .where(Seller.id == bindparam("seller_id"))
)


@dataclass(frozen=True)
class Incoming:
    """A message at the door. The door has already made sure of the customer; nothing in the text can change who it is."""

    seller_id: UUID
    channel: str
    text: str
    customer_id: UUID | None = None
    identity: str = "stranger"
    conversation_id: UUID | None = None
    sender_key: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Received:
    """The stored message and everything a turn starts from; `pending` are the texts nobody has answered yet, oldest first.

    `asked` is the intent whose detail our last answer asked for.

    `reply` is set when this very message was received before and has been answered. Of a text that `hid_card` a payment
    card's number was hidden before it was kept; nobody further on has seen it.
    """

    conversation: Conversation
    message_id: UUID
    seller: Seller
    customer: Customer | None
    pending: tuple[str, ...]
    asked: str | None = None
    is_repeat: bool = False
    reply: Message | None = None
    hid_card: bool = False

    @property
    def version(self) -> int:
        return self.conversation.version


def tidy_text(text: str) -> str:
    """The text as it can be kept: control characters and halves of surrogate pairs are taken out, line ends are one kind.

    Raises: NothingWritten; TooLong.
    """
    if len(text) > 4 * TEXT_CHARACTERS_MAX:
        raise TooLong
    kept = "".join(map(_tidy_sign, text.replace("\r\n", "\n").replace("\r", "\n"))).strip()
    if not kept:
        raise NothingWritten
    if len(kept) > TEXT_CHARACTERS_MAX:
        raise TooLong
    return kept


def _tidy_sign(sign: str) -> str:
    if sign in "\n\t\u200d":  # the last one joins emoji
        return sign
    kind = unicodedata.category(sign)
    if kind.startswith("Z"):
        return " "
    return "" if kind.startswith("C") else sign


def receive_message(incoming: Incoming, *, store: Store) -> Received:
    """Keeps the message in its conversation (a new one when none is named) and returns where things stand.

    A message with the same channel and sender's id as one received before is not stored again.

    Raises: NothingWritten; TooLong; NotFound when the conversation is not this writer's.
    """
    text = tidy_text(incoming.text)
    now = store.clock.now()
    with store.session() as session:
        conversation = _conversation(session, incoming, now)
        before = _before(session, conversation) if incoming.conversation_id else []
        kept, hidden = _without_cards(before, text)
        message_id = _store_once(session, incoming, conversation, kept, now)
        if message_id is None:
            return _repeat(session, incoming)
        for earlier_id, shown in hidden.items():
            session.execute(update(Message).where(Message.id == earlier_id).values(text=shown))
        seller, customer = _parties(session, conversation)
        pending, asked = _pending(before, hidden)
        session.commit()
        return Received(conversation, message_id, seller, customer, (*pending, kept), asked, hid_card=kept != text)


def _conversation(session: Session, incoming: Incoming, now: datetime) -> Conversation:
    if incoming.conversation_id is None:
        begun: dict[str, Any] = {
            "id": new_key(),
            "seller_id": incoming.seller_id,
            "customer_id": incoming.customer_id,
            "channel": incoming.channel,
            "identity": incoming.identity,
            "speaker": "assistant",
            "state": "open",
            "version": 1,
            "introduced": False,
            "opened_at": now,
            "updated_at": now,
        }
        session.connection().execute(_BEGIN, begun)
        return Conversation(**begun)
    found = session.scalars(
        update(Conversation)
        .where(Conversation.id == incoming.conversation_id, Conversation.channel == incoming.channel)
        .where(Conversation.customer_id.is_not_distinct_from(incoming.customer_id))
        .values(version=Conversation.version + 1, updated_at=now)
        .returning(Conversation)
    ).one_or_none()
    if found is None:
        raise NotFound("That conversation is not here.")
    return found


def _store_once(
    session: Session, incoming: Incoming, conversation: Conversation, text: str, now: datetime
) -> UUID | None:
    kept = {
        "id": new_key(),
        "conversation_id": conversation.id,
        "direction": "in",
        "author": "customer",
        "purpose": "question",
        "channel": incoming.channel,
        "address": incoming.address,
        "text": text,
        "delivery": "received",
        "sender_key": incoming.sender_key,
        "receipts": [],
        "understanding": {},
        "created_at": now,
    }
    return session.connection().execute(_STORE_ONCE, kept).scalar_one_or_none()


def _repeat(session: Session, incoming: Incoming) -> Received:
    """The same message came before: what was made of it. The new conversation or version is rolled back."""
    session.rollback()
    first = session.scalars(
        select(Message).where(Message.channel == incoming.channel, Message.sender_key == incoming.sender_key)
    ).one()
    conversation = session.get_one(Conversation, first.conversation_id)
    if conversation.customer_id != incoming.customer_id:
        raise NotFound("That conversation is not here.")
    seller, customer = _parties(session, conversation)
    reply = session.scalars(select(Message).where(Message.answers_id == first.id)).one_or_none()
    return Received(conversation, first.id, seller, customer, (first.text,), is_repeat=True, reply=reply)


def _parties(session: Session, conversation: Conversation) -> tuple[Seller, Customer | None]:
    asked = {"seller_id": conversation.seller_id, "customer_id": conversation.customer_id}
    seller, customer = session.execute(_PARTIES, asked).one()
    return seller, customer


@dataclass(frozen=True)
class _Earlier:
    """A message of before in the conversation; `asks` is what an answer of ours asked for."""

    id: UUID
    direction: str
    text: str
    asks: str | None


def _before(session: Session, conversation: Conversation) -> list[_Earlier]:
    """The latest messages so far, the newest first."""
    query = (
        select(Message.id, Message.direction, Message.text, Message.understanding["asks"].astext)
        .where(Message.conversation_id == conversation.id)
        .order_by(Message.id.desc())
        .limit(HISTORY_MESSAGES)
    )
    return [_Earlier(*row) for row in session.execute(query)]


def _without_cards(before: list[_Earlier], text: str) -> tuple[str, dict[UUID, str]]:
    """The text without card numbers, and the earlier messages that have to change because a number began in them."""
    theirs = [message for message in before if message.direction == "in"][: CARD_MESSAGES - 1][::-1]
    *masked, kept = mask_across([*(message.text for message in theirs), text])
    changed = zip(theirs, masked, strict=True)
    return kept, {message.id: shown for message, shown in changed if shown != message.text}


def _pending(before: list[_Earlier], hidden: dict[UUID, str]) -> tuple[tuple[str, ...], str | None]:
    """Texts that were never answered (whoever writes in pieces is answered once), oldest first, and what we asked."""
    unanswered: list[str] = []
    for message in before:
        if message.direction == "out":
            return tuple(reversed(unanswered)), message.asks
        unanswered.append(hidden.get(message.id, message.text))
    return tuple(reversed(unanswered)), None
