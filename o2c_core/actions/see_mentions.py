"""See the mentions of a conversation: whoever opened it has seen that they were called."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update

from o2c_core.conversations.desk import Mention, PrivateNote
from o2c_core.store.store import Store


def see_mentions(conversation_id: UUID, *, user_id: UUID, store: Store) -> int:
    """How many open calls of that user in that conversation are seen by now."""
    with store.session() as session:
        here = select(PrivateNote.id).where(PrivateNote.conversation_id == conversation_id)
        seen = session.execute(
            update(Mention)
            .where(Mention.user_id == user_id, Mention.seen_at.is_(None), Mention.note_id.in_(here))
            .values(seen_at=store.clock.now())
            .returning(Mention.id)
            .execution_options(synchronize_session=False)
        ).all()
        session.commit()
        return len(seen)
