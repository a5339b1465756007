"""Pick up what came in and was left lying: arrivals nobody took in, questions nobody answered."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.received import AT_ONCE
from o2c_core.store.store import Store

ARRIVAL_WAITS = timedelta(minutes=1)
QUESTION_WAITS = timedelta(minutes=2)
ANSWER_TRIES_MAX = 5


def waiting_arrivals(*, store: Store, limit: int = 200) -> list[UUID]:
    """Arrivals that have waited for longer than a minute, oldest first."""
    query = select(Arrival.id).where(
        Arrival.state == "waiting", Arrival.received_at < store.clock.now() - ARRIVAL_WAITS
    )
    with store.session() as session:
        return list(session.scalars(query.order_by(Arrival.id).limit(limit)))


def pick_up_unanswered(*, store: Store, limit: int = 100) -> tuple[list[UUID], list[tuple[UUID, UUID]]]:
    """Questions to answer now, and (conversation, question) pairs to leave to a person as five tries came to nothing.

    A question is picked up two minutes after it came, when the assistant speaks in its conversation; each time counts
    as a try. On chat the answer travels with the response, so there is nothing to pick up.
    """
    now = store.clock.now()
    lying = (
        select(Message.id, Message.tries, Message.conversation_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Message.direction == "in",
            Message.purpose == "question",
            Message.answered_at.is_(None),
            Message.channel.not_in(AT_ONCE),
            Message.created_at < now - QUESTION_WAITS,
            Conversation.speaker == "assistant",
        )
        .order_by(Message.id)
        .limit(limit)
    )
    with store.session() as session:
        found = session.execute(lying).all()
        again = [message_id for message_id, tries, _ in found if tries < ANSWER_TRIES_MAX]
        if again:
            session.execute(update(Message).where(Message.id.in_(again)).values(tries=Message.tries + 1))
            session.commit()
        return again, [
            (conversation, message_id) for message_id, tries, conversation in found if message_id not in again
        ]
