"""Ask for a message to be answered a little later: it seems unfinished, and the rest may be on its way."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store


def ask_again(message_id: UUID, at: datetime, *, store: Store) -> None:
    """The message is looked at again from that moment on; if more has come by then, the later one answers both."""
    with store.session() as session:
        ask_for(session, "answer", at=at, message_id=str(message_id))
        session.commit()
