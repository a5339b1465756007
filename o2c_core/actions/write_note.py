"""Write a private note in a conversation, and call the colleagues it names."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from o2c_core.cards import mask_cards
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.desk import Mention, PrivateNote
from o2c_core.conversations.desk_said import Agent, NoSuchConversation
from o2c_core.conversations.keeping import tidy_text
from o2c_core.conversations.mentioning import mentioned
from o2c_core.keys import new_key
from o2c_core.staff.user import User
from o2c_core.store.store import Store
from o2c_core.trail import note


def write_note(conversation_id: UUID, text: str, *, agent: Agent, store: Store) -> PrivateNote:
    """The note, which no customer ever reads. Whoever it names is called; calling oneself calls nobody.

    Raises: NoSuchConversation; NothingWritten; TooLong.
    """
    kept = mask_cards(tidy_text(text))
    now = store.clock.now()
    with store.session() as session:
        conversation = session.get(Conversation, conversation_id)
        if conversation is None:
            raise NoSuchConversation(conversation=str(conversation_id))
        users = session.scalars(select(User).where(User.disabled_at.is_(None)))
        called = [user_id for user_id in mentioned(kept, users) if user_id != agent.id]
        written = PrivateNote(
            id=new_key(), conversation_id=conversation_id, author_id=agent.id, text=kept,
            mentions=[str(user_id) for user_id in called], created_at=now,
        )  # fmt: skip
        session.add(written)
        session.flush()
        session.add_all(Mention(note_id=written.id, user_id=user_id) for user_id in called)
        note(session, "note written", conversation, at=now, who=agent.name, why="a word between colleagues",
             called=len(called))  # fmt: skip
        session.commit()
        return written
