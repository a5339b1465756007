"""Begin the chat on a customer's own pages, or say what it is about now."""

from __future__ import annotations

from uuid import UUID

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.visit_chat import chat_of, visit_to_change
from o2c_core.store.store import Store


def begin_visit_chat(visit_id: UUID, *, store: Store, language: str, about: str | None = None) -> Conversation:
    """The visit's conversation; asking again gives the same one."""
    now = store.clock.now()
    with store.session() as session:
        conversation = chat_of(session, visit_to_change(session, visit_id), now, language, about)
        session.commit()
        return conversation
