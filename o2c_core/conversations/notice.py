"""A notice: a short message of our own about the conversation itself, put into the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.keys import new_key
from o2c_core.store.jobs import ask_for


def queue_notice(
    session: Session,
    conversation: Conversation,
    text: str,
    *,
    channel: str,
    address: str,
    contact_id: UUID | None,
    language: str,
    now: datetime,
    purpose: str = "notice",
    subject: str | None = None,
    answers_id: UUID | None = None,
    understanding: dict[str, Any] | None = None,
) -> UUID:
    """Queues the words and asks for the job that sends them, in the session's transaction.

    Nobody has said anything by that, so the conversation's version stays as it is.
    """
    message = Message(
        id=new_key(),
        conversation_id=conversation.id,
        direction="out",
        author="system",
        purpose=purpose,
        channel=channel,
        address=address,
        contact_id=contact_id,
        subject=subject,
        text=text,
        language=language,
        delivery="queued",
        answers_id=answers_id,
        understanding=understanding or {},
        created_at=now,
    )
    session.add(message)
    session.flush()
    ask_for(session, "deliver_message", somebody_waits=True, message_id=str(message.id))
    return message.id
