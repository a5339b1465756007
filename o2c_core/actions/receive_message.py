"""Store what somebody wrote, once, and say what the conversation looks like with it in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2c_core.conversations.business_hours import heard_again
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.heard import HeardFile
from o2c_core.conversations.identity import Identity
from o2c_core.conversations.keeping import (
    NothingWritten,
    TooLong,
    hide_earlier,
    keep_files,
    said_before,
    store_once,
    tidy_text,
    unanswered,
    without_cards,
)
from o2c_core.conversations.message import Message
from o2c_core.conversations.received import Received, is_proven_by_code, parties
from o2c_core.conversations.remembered import remembered, with_proposals
from o2c_core.errors import NotFound
from o2c_core.keys import new_key
from o2c_core.store.store import Store

__all__ = ["Incoming", "NothingWritten", "Received", "TooLong", "receive_message"]

_BEGIN = insert(Conversation)
_MOVE_ON = (
    update(Conversation)
    .where(Conversation.id == bindparam("conversation"), Conversation.channel == bindparam("door"))
    .values(version=Conversation.version + 1, updated_at=bindparam("now"))
    .returning(Conversation)
    .execution_options(synchronize_session=False)
)
_THEIRS = Conversation.customer_id.is_not_distinct_from(bindparam("customer"))
# The door still calls them a stranger, but in this conversation they wrote the code that says who they are.
_OF_CUSTOMER, _OF_STRANGER = (
    _MOVE_ON.where(_THEIRS),
    _MOVE_ON.where(or_(_THEIRS, Conversation.proven_until.is_not(None))),
)


@dataclass(frozen=True)
class Incoming:
    """A message at the door. The door has already made sure of the customer; nothing in the text can change who it is.

    `about` is what they were looking at when they began, and `contact_id` who of the customer's people it is, where the
    door knows that. With `files` there need be no text.
    """

    seller_id: UUID
    channel: str
    text: str
    customer_id: UUID | None = None
    identity: str = "stranger"
    conversation_id: UUID | None = None
    sender_key: str | None = None
    address: str | None = None
    contact_id: UUID | None = None
    about: str | None = None
    files: tuple[HeardFile, ...] = ()


def receive_message(incoming: Incoming, *, store: Store) -> Received:
    """Keeps the message in its conversation (a new one when none is named) and returns where things stand.

    A message with the same channel and sender's id as one received before is not stored again.

    Raises: NothingWritten; TooLong; NotFound when the conversation is not this writer's.
    """
    text = tidy_text(incoming.text) if incoming.text.strip() or not incoming.files else ""
    now = store.clock.now()
    with store.session() as session:
        conversation = _conversation(session, incoming, now)
        before = said_before(session, conversation.id) if incoming.conversation_id else []
        kept, hidden = without_cards(before, text)
        identity = _identity(conversation, incoming, now)
        message_id = store_once(
            session,
            conversation.id,
            incoming.channel,
            kept,
            address=incoming.address,
            sender_key=incoming.sender_key,
            understanding={"identity": identity},
            created_at=now,
        )
        if message_id is None:
            return _repeat(session, incoming)
        hide_earlier(session, hidden)
        keep_files(session, incoming.files, message_id, now)
        heard_again(session, conversation, now)
        seller, customer = parties(session, conversation)
        lying = unanswered(before)
        pending = tuple(hidden.get(one.id, one.text) for one in lying)
        # Of a chat there is one writer, whatever address the door gave.
        known = with_proposals(
            session, remembered(before, any_address=True, page=conversation.about), conversation,
            unanswered=[one.id for one in lying], any_address=True,
        )  # fmt: skip
        session.commit()
        return Received(
            conversation,
            message_id,
            seller,
            customer if identity != "stranger" else None,
            (*pending, kept),
            identity,
            incoming.channel,
            incoming.address,
            before=known,
            files=len(incoming.files),
            hid_card=kept != text,
        )


def _identity(conversation: Conversation, incoming: Incoming, now: datetime) -> Identity:
    """What was proven with a code here; else the door's word for who has a customer there, and who has none is unknown."""
    if is_proven_by_code(conversation, incoming.address, now):
        return "proven"
    if incoming.customer_id is None:
        return "stranger"
    return "known" if incoming.identity == "known" else cast(Identity, conversation.identity)


def _conversation(session: Session, incoming: Incoming, now: datetime) -> Conversation:
    if incoming.conversation_id is None:
        begun: dict[str, Any] = {
            "id": new_key(),
            "seller_id": incoming.seller_id,
            "customer_id": incoming.customer_id,
            "channel": incoming.channel,
            "address": incoming.address,
            "contact_id": incoming.contact_id,
            "identity": incoming.identity,
            "speaker": "assistant",
            "state": "open",
            "version": 1,
            "introduced": False,
            "about": incoming.about,
            "opened_at": now,
            "updated_at": now,
        }
        session.connection().execute(_BEGIN, begun)
        return Conversation(**begun)
    asked = {
        "conversation": incoming.conversation_id,
        "door": incoming.channel,
        "customer": incoming.customer_id,
        "now": now,
    }
    found = session.scalars(_OF_STRANGER if incoming.customer_id is None else _OF_CUSTOMER, asked).one_or_none()
    if found is None:
        raise NotFound("That conversation is not here.")
    return found


def _repeat(session: Session, incoming: Incoming) -> Received:
    """The same message came before: what was made of it. The new conversation or version is rolled back."""
    session.rollback()
    first = session.scalars(
        select(Message).where(Message.channel == incoming.channel, Message.sender_key == incoming.sender_key)
    ).one()
    conversation = session.get_one(Conversation, first.conversation_id)
    is_theirs = conversation.customer_id == incoming.customer_id or (
        incoming.customer_id is None and conversation.proven_until is not None
    )
    if not is_theirs:
        raise NotFound("That conversation is not here.")
    seller, customer = parties(session, conversation)
    reply = session.scalars(select(Message).where(Message.answers_id == first.id)).one_or_none()
    identity = cast(Identity, first.understanding.get("identity", conversation.identity))
    return Received(
        conversation, first.id, seller, customer, (first.text,), identity, first.channel, is_repeat=True, reply=reply
    )
