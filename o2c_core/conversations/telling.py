"""Telling somebody in a chat, at once and in the house's own name, that something about the conversation changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.keys import new_key


def tell_in_chat(
    session: Session,
    conversation: Conversation,
    text: str,
    language: str,
    now: datetime,
    *,
    understanding: dict[str, Any] | None = None,
) -> Message | None:
    """The line in the customer's chat; None on every other channel, where such a line would be a message of its own."""
    if conversation.channel != "chat":
        return None
    line = Message(
        id=new_key(), conversation_id=conversation.id, direction="out", author="system", purpose="notice",
        channel="chat", address=conversation.address, text=text, language=language, delivery="sent", carrier="chat",
        understanding=understanding or {}, created_at=now, sent_at=now,
    )  # fmt: skip
    session.add(line)
    return line
