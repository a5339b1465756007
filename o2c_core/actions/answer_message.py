"""Save the assistant's answer, unless somebody spoke or took over in the meantime."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, or_, update

from o2c_core.cards import mask_cards
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.errors import Overtaken
from o2c_core.keys import new_key
from o2c_core.store.store import Store

_MOVE_ON = (
    update(Conversation)
    .where(
        Conversation.id == bindparam("conversation"),
        Conversation.version == bindparam("was"),
        Conversation.speaker == "assistant",
    )
    .values(
        version=Conversation.version + 1,
        updated_at=bindparam("now"),
        language=bindparam("language"),
        introduced=or_(Conversation.introduced, bindparam("introduces")),
    )
    .returning(Conversation.channel)
)
_KEEP = insert(Message)


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
        connection = session.connection()
        moved = {
            "conversation": conversation_id,
            "was": was,
            "now": now,
            "language": answer.language,
            "introduces": answer.introduces,
        }
        channel = connection.execute(_MOVE_ON, moved).scalar_one_or_none()
        if channel is None:
            raise Overtaken(conversation=conversation_id)
        kept: dict[str, Any] = {
            "id": new_key(),
            "conversation_id": conversation_id,
            "direction": "out",
            "author": "assistant",
            "purpose": "answer",
            "channel": channel,
            "text": mask_cards(answer.text),
            "language": answer.language,
            "delivery": "sent",
            "carrier": channel,
            "answers_id": message_id,
            "receipts": answer.receipts,
            "understanding": answer.understanding,
            "created_at": now,
            "sent_at": now,
        }
        connection.execute(_KEEP, kept)
        session.commit()
        return Message(**kept)
