"""The handoff: a conversation waits for a person, with the reason why."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.trail import note


def hand_over(
    session: Session,
    conversation: Conversation,
    reason: str,
    *,
    at: datetime,
    who: str,
    message_id: UUID | None = None,
    instead_of_answering: bool = False,
) -> None:
    """The conversation waits for an agent from now on, in the session's transaction; the caller holds its row.

    The first moment is kept, and the newest reason. With `instead_of_answering` what was written up to the message is
    left to the person, and the assistant does not come back to it.
    """
    conversation.state = "waiting"
    conversation.handoff_reason = reason
    conversation.handoff_at = conversation.handoff_at or at
    if instead_of_answering:
        left = update(Message).where(
            Message.conversation_id == conversation.id,
            Message.direction == "in",
            Message.purpose == "question",
            Message.answered_at.is_(None),
        )
        if message_id is not None:
            left = left.where(Message.id <= message_id)
        session.execute(left.values(answered_at=at).execution_options(synchronize_session=False))
    note(session, "person called", conversation, at=at, who=who, why=reason, message_id=message_id)
