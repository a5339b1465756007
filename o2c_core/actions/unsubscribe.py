"""Note that somebody unsubscribed with the link in one of our messages; the second time changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select

from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.wishes import REACHED_BY, wishes_of
from o2c_core.errors import NotFound
from o2c_core.reminders.consenting import hear
from o2c_core.store.store import Store


def unsubscribe(
    contact_id: UUID,
    *,
    channel: str,
    purpose: str,
    is_sent_to: Callable[[str], bool],
    words: str,
    how: str,
    store: Store,
) -> list[Consent]:
    """The notes that were added, none when it was refused already.

    `is_sent_to` recognises the address the message went to; one that they no longer have is looked past.

    Raises: NotFound for a contact there is not (any more); ConsentNeedsProof.
    """
    with store.session() as session:
        contact = session.scalars(select(Contact).where(Contact.id == contact_id).with_for_update()).one_or_none()
        if contact is None:
            raise NotFound(contact=str(contact_id))
        if not any(
            wish.is_given for wish in wishes_of(session, contact) if (wish.channel, wish.purpose) == (channel, purpose)
        ):
            return []
        kind = REACHED_BY.get(channel)
        theirs = session.scalars(
            select(Address.value).where(Address.contact_id == contact_id, Address.channel == kind)
        ).all()
        address = next((one for one in theirs if is_sent_to(one)), theirs[0])
        notes = hear(
            session, "stop", channel=channel, address=address, contact_ids=[contact_id], words=words, how=how,
            message_id=None, now=store.clock.now(), purposes=[purpose],
        )  # fmt: skip
        session.commit()
        return notes
