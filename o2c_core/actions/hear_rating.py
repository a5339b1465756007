"""Hear a message as the rating that was asked for, where it is one and nothing else was asked since."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from o2c_core.actions.give_rating import give_rating
from o2c_core.conversations.asking_rating import CHOICES, HEARD_FOR
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.rating import Rating
from o2c_core.conversations.rating_words import rating_in
from o2c_core.errors import Refused
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine

_TURNS = ("resolved", "taken over", "handed back", "person called")


def hear_rating(message_id: UUID, *, store: Store) -> Rating | None:
    """The rating as it was given by that message, which then needs no answer; None when it is an ordinary message.

    It is heard within three days, on the channel and from the address that was asked, and never while something else of
    ours waits for a figure. A text that answers a conversation that was resolved comes in a new one: that is closed, and
    so is the old one again.
    """
    now = store.clock.now()
    with store.session() as session:
        message = session.get(Message, message_id)
        said = rating_in(message.text) if message is not None and message.direction == "in" else None
        if message is None or said is None or message.answered_at is not None:
            return None
        asked = _asked(session, message, now)
        if asked is None or _asks_since(session, asked, message):
            return None
        conversation_id = asked.conversation_id
    try:
        rating = give_rating(conversation_id, said.score, said.words, store=store, message_id=message_id)
    except Refused:
        return None
    with store.session() as session:
        heard = (
            update(Message)
            .where(Message.id == message_id, Message.answered_at.is_(None))
            .values(answered_at=now, purpose="rating")
        )
        session.execute(heard.execution_options(synchronize_session=False))
        for key in {message.conversation_id, conversation_id}:
            _close_again(session, key, conversation_id)
        session.commit()
    return rating


def _asked(session: Session, message: Message, now: datetime) -> Rating | None:
    here = session.get_one(Conversation, message.conversation_id)
    same_place = (
        (Conversation.channel == message.channel) & (Conversation.address == message.address)
        if message.address is not None
        else Conversation.id == here.id
    )
    query = (
        select(Rating)
        .join(Conversation, Conversation.id == Rating.conversation_id)
        .where(Conversation.seller_id == here.seller_id, Rating.given_at.is_(None), Rating.asked_at > now - HEARD_FOR)
        .where(or_(Conversation.id == here.id, same_place))
        .order_by(Rating.asked_at.desc())
    )
    return session.scalars(query.limit(1)).one_or_none()


def _asks_since(session: Session, rating: Rating, message: Message) -> bool:
    """Whether anything we wrote after the rating was asked for waits for an answer of its own."""
    since = select(Message).where(
        Message.conversation_id.in_((rating.conversation_id, message.conversation_id)),
        Message.direction == "out",
        Message.id != rating.message_id,
        Message.created_at >= rating.asked_at,
    )
    return any(
        one.understanding.get("offers") or one.understanding.get("asks") not in (None, CHOICES)
        for one in session.scalars(since)
    )


def _close_again(session: Session, conversation_id: UUID, rated_id: UUID) -> None:
    """Only what was closed before, or began with this very message, is closed: whoever waits goes on waiting."""
    last = select(TrailLine.what).where(TrailLine.subject_id == conversation_id, TrailLine.what.in_(_TURNS))
    was_resolved = session.scalar(last.order_by(TrailLine.at.desc(), TrailLine.id.desc()).limit(1)) == "resolved"
    is_only_this = conversation_id != rated_id and not session.scalar(
        select(exists().where(Message.conversation_id == conversation_id, Message.purpose != "rating"))
    )
    if was_resolved or is_only_this:
        session.execute(
            update(Conversation)
            .where(
                Conversation.id == conversation_id, Conversation.speaker == "assistant", Conversation.state == "open"
            )
            .values(state="closed")
            .execution_options(synchronize_session=False)
        )
