"""Note in which language somebody wants to be written to, or on which channel, as they asked for it themselves."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import LANGUAGES
from o2c_core.errors import NotFound, Refused
from o2c_core.store.store import Store
from o2c_core.trail import note


class LanguageNotSpoken(Refused):
    """We write in English, Dutch, German and French."""


class NoAddressThere(Refused):
    """There is no address on record for that channel."""


_REACHED_BY = {"email": "email", "sms": "sms", "whatsapp": "sms"}


def note_contact_wish(
    contact_id: UUID,
    customer_id: UUID,
    *,
    store: Store,
    language: str | None = None,
    channel: str | None = None,
    message_id: UUID | None = None,
    who: str = "customer",
) -> Contact:
    """The contact with that wish; what is not said stays, and the same wish again changes nothing.

    Raises: NotFound for somebody else's contact; LanguageNotSpoken; NoAddressThere.
    """
    now = store.clock.now()
    with store.session() as session:
        contact = session.scalars(select(Contact).where(Contact.id == contact_id).with_for_update()).one_or_none()
        if contact is None or contact.customer_id != customer_id:
            raise NotFound(contact=str(contact_id))
        if language is not None and language not in LANGUAGES:
            raise LanguageNotSpoken(language=language)
        has_address = any(one.channel == _REACHED_BY.get(channel or "") for one in contact.addresses)
        if channel is not None and not has_address:
            raise NoAddressThere(channel=channel)
        was = (contact.language, contact.preferred_channel)
        contact.language = language or contact.language
        contact.preferred_channel = channel or contact.preferred_channel
        if (contact.language, contact.preferred_channel) == was:
            return contact
        note(
            session, "contact wish noted", contact, at=now, who=who, why="asked for it", message_id=message_id,
            language=contact.language, channel=contact.preferred_channel,
        )  # fmt: skip
        session.commit()
        return contact
