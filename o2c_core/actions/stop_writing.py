"""Note that somebody told us in conversation to send no more reminders on those channels."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from o2c_core.customers.contact import Contact
from o2c_core.customers.wishes import wishes_of
from o2c_core.errors import NotFound
from o2c_core.reminders.consenting import UNASKED, hear
from o2c_core.store.store import Store


def stop_writing(
    contact_id: UUID, channels: Collection[str], *, words: str, how: str, message_id: UUID, store: Store
) -> list[str]:
    """The channels that have stopped: those of the asked ones on which the person can be reached at all.

    Heard once more from the same message it changes nothing and says the same.

    Raises: NotFound for a contact there is not; ConsentNeedsProof.
    """
    with store.session() as session:
        contact = session.scalars(select(Contact).where(Contact.id == contact_id).with_for_update()).one_or_none()
        if contact is None:
            raise NotFound(contact=str(contact_id))
        stopped = []
        reached = {wish.channel: wish.addresses for wish in wishes_of(session, contact) if wish.channel in channels}
        for channel, addresses in reached.items():
            for address in addresses:
                hear(
                    session, "stop", channel=channel, address=address, contact_ids=[contact.id], words=words, how=how,
                    message_id=message_id, now=store.clock.now(), purposes=UNASKED,
                )  # fmt: skip
            stopped.append(channel)
        session.commit()
        return stopped
