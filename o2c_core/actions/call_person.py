"""Ask for a person: the conversation waits for an agent, with the reason why."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.store.store import Store
from o2c_core.trail import note


def call_person(
    conversation_id: UUID,
    reason: str,
    *,
    store: Store,
    message_id: UUID | None = None,
    instead_of_answering: bool = False,
) -> Conversation:
    """The conversation, now waiting for an agent. The assistant goes on answering until an agent takes over.

    Calling twice keeps the first moment and the newest reason. With `instead_of_answering` what was written up to the
    message is left to the person, and the assistant does not come back to it.
    """
    now = store.clock.now()
    with store.session() as session:
        conversation = session.scalars(
            select(Conversation).where(Conversation.id == conversation_id).with_for_update()
        ).one()
        conversation.state = "waiting"
        conversation.handoff_reason = reason
        conversation.handoff_at = conversation.handoff_at or now
        if instead_of_answering:
            left = update(Message).where(
                Message.conversation_id == conversation_id,
                Message.direction == "in",
                Message.purpose == "question",
                Message.answered_at.is_(None),
            )
            if message_id is not None:
                left = left.where(Message.id <= message_id)
            session.execute(left.values(answered_at=now).execution_options(synchronize_session=False))
        note(session, "person called", conversation, at=now, who="assistant", why=reason, message_id=message_id)
        session.commit()
        return conversation
