"""Ask again for the jobs of messages that lie in the outbox: a job may be lost, and a row is not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from o2c_core.conversations.outbox import waiting
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store

LIES_FOR = timedelta(minutes=2)


def pick_up_queued(channels: Collection[str], *, store: Store, limit: int = 500) -> int:
    """How many queued messages of those channels have been due for two minutes; each has a job waiting afterwards.

    Sending is left to those jobs, so that a long outbox never keeps workers from what arrives meanwhile. A message
    that is sent before its second job comes is left alone by it.
    """
    with store.session() as session:
        lying = waiting(session, set(channels), store.clock.now() - LIES_FOR, None, limit)
        for message_id, _ in lying:
            ask_for(session, "deliver_message", once=f"deliver:{message_id}", message_id=str(message_id))
        session.commit()
    return len(lying)
