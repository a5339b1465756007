"""Bring back the conversations whose moment has come, so that open desks are told of them."""

from __future__ import annotations

from sqlalchemy import select, update

from o2c_core.conversations.conversation import Conversation
from o2c_core.store.store import Store


def wake_snoozed(*, store: Store) -> int:
    """How many came back. Lists leave out only what is put off until later, so nobody misses what this has yet to do."""
    with store.session() as session:
        due = select(Conversation.id).where(Conversation.snoozed_until <= store.clock.now())
        woken = session.scalars(
            update(Conversation)
            .where(Conversation.id.in_(due.with_for_update(skip_locked=True)))
            .values(snoozed_until=None)
            .returning(Conversation.id)
            .execution_options(synchronize_session=False)
        ).all()
        session.commit()
        return len(woken)
