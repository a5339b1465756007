"""Note beside what somebody sent in that it was not recorded, and what they were told instead."""

from __future__ import annotations

from uuid import UUID

from o2c_core.conversations.message import Message
from o2c_core.errors import Refused
from o2c_core.store.store import Store


def note_form_refused(message_id: UUID, refused: Refused, told: str, *, store: Store) -> None:
    """Whoever reads the thread sees both; noting it twice changes nothing."""
    with store.session() as session:
        message = session.get_one(Message, message_id, with_for_update=True)
        if "refused" in message.understanding:
            return
        message.understanding = message.understanding | {"refused": type(refused).__name__}
        message.text = f"{message.text}\n({told})"
        session.commit()
