"""Note that a user has a conversation open right now, or that they write in it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from o2c_core.conversations.desk import Presence
from o2c_core.errors import NotFound
from o2c_core.keys import new_key
from o2c_core.store.store import Store

_HERE = [Presence.conversation_id, Presence.user_id]


class NothingOpen(NotFound):
    """There is no such conversation to have open."""


def note_presence(
    conversation_id: UUID, *, user_id: UUID, store: Store, is_typing: bool = False, is_leaving: bool = False
) -> None:
    """One row per user and conversation, said again while the page is open; who leaves it is gone at once.

    Raises: NothingOpen.
    """
    now = store.clock.now()
    with store.session() as session:
        if is_leaving:
            gone = delete(Presence).where(Presence.conversation_id == conversation_id, Presence.user_id == user_id)
            session.execute(gone)
            session.commit()
            return
        here = insert(Presence).values(
            id=new_key(),
            conversation_id=conversation_id,
            user_id=user_id,
            seen_at=now,
            typed_at=now if is_typing else None,
        )
        # Two pages of one user may say it in another order than they began to.
        again = {
            "seen_at": func.greatest(Presence.seen_at, here.excluded.seen_at),
            "typed_at": func.coalesce(here.excluded.typed_at, Presence.typed_at),
        }
        try:
            session.execute(here.on_conflict_do_update(index_elements=_HERE, set_=again))
        except IntegrityError as unknown:
            raise NothingOpen(conversation=str(conversation_id)) from unknown
        session.commit()
