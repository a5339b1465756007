"""Save the assistant's answer, unless somebody spoke or took over in the meantime."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.errors import Overtaken
from o2c_core.keys import new_key
from o2c_core.store.store import Store


@dataclass(frozen=True)
class Answer:
    """What the assistant says, in the customer's language, with the receipts of every figure in it."""

    text: str
    language: str
    receipts: list[dict[str, Any]] = field(default_factory=list)
    understanding: dict[str, Any] = field(default_factory=dict)
    introduces: bool = False


def answer_message(answer: Answer, *, conversation_id: UUID, message_id: UUID, was: int, store: Store) -> Message:
    """Stores the answer to that message if the conversation is still at version `was` and the assistant speaks in it.

    On chat and terminal the answer travels with the response, so it counts as sent when it is stored.

    Raises: Overtaken; nothing is stored then, and whoever overtook answers.
    """
    now = store.clock.now()
    with store.session() as session:
        changes: dict[str, Any] = {"version": Conversation.version + 1, "updated_at": now, "language": answer.language}
        if answer.introduces:
            changes["introduced"] = True
        channel = session.execute(
            update(Conversation)
            .where(Conversation.id == conversation_id, Conversation.version == was, Conversation.speaker == "assistant")
            .values(**changes)
            .returning(Conversation.channel)
        ).scalar_one_or_none()
        if channel is None:
            raise Overtaken(conversation=conversation_id)
        kept: dict[str, Any] = {
            "id": new_key(),
            "conversation_id": conversation_id,
            "direction": "out",
            "author": "assistant",
            "purpose": "answer",
            "channel": channel,
            "text": answer.text,
            "language": answer.language,
            "delivery": "sent",
            "carrier": channel,
            "answers_id": message_id,
            "receipts": answer.receipts,
            "understanding": answer.understanding,
            "created_at": now,
            "sent_at": now,
        }
        session.execute(insert(Message).values(kept))
        session.commit()
        return Message(**kept)
