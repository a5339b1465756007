"""Keep what somebody is typing in a conversation, so that no reload and no colleague loses it."""

from __future__ import annotations

from uuid import UUID

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.desk_said import NoSuchConversation
from o2c_core.conversations.unsent import keep_unsent
from o2c_core.store.store import Store


def keep_unsent_reply(conversation_id: UUID, text: str, *, user_id: UUID, store: Store) -> None:
    """The words in place of those kept before; without any left nothing is kept. Raises: NoSuchConversation."""
    with store.session() as session:
        if session.get(Conversation, conversation_id) is None:
            raise NoSuchConversation(conversation=str(conversation_id))
        keep_unsent(session, conversation_id, user_id, text, store.clock.now())
        session.commit()
