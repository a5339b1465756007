"""Note how somebody wants to be written to, as they chose it themselves; earlier notes stay as proof."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.consent import Consent, check_note
from o2c_core.customers.contact import Contact
from o2c_core.customers.wishes import Wish, wishes_of
from o2c_core.errors import NotFound
from o2c_core.reminders.consenting import add_notes
from o2c_core.store.store import Store


@dataclass(frozen=True)
class Chosen:
    """One switch as it was left: `words` is what stood beside it and how it was set, word for word."""

    channel: str
    purpose: str
    is_given: bool
    words: str


def set_preferences(
    contact_id: UUID, chosen: Collection[Chosen], *, how: str, store: Store, by: str = "customer"
) -> list[Wish]:
    """What was recorded: only what is different from before. Choosing the same again records nothing.

    Raises: NotFound for a contact there is not (any more); ConsentNeedsProof.
    """
    now = store.clock.now()
    with store.session() as session:
        contact = session.scalars(select(Contact).where(Contact.id == contact_id).with_for_update()).one_or_none()
        if contact is None:
            raise NotFound(contact=str(contact_id))
        was = {(wish.channel, wish.purpose): wish for wish in wishes_of(session, contact)}
        recorded, notes = [], []
        for choice in chosen:
            check_note(choice.channel, choice.purpose, how, choice.words)
            before = was.get((choice.channel, choice.purpose))
            if before is None or before.is_given == choice.is_given:
                continue
            recorded.append(Wish(choice.channel, choice.purpose, choice.is_given, before.addresses))
            # What was said from an address counts for whoever has it, so the new word is about each of them too.
            notes += [
                Consent(
                    contact_id=contact.id, address=address, channel=choice.channel, purpose=choice.purpose,
                    is_given=choice.is_given, at=now, how=how, words=choice.words,
                )
                for address in before.addresses
            ]  # fmt: skip
        add_notes(session, notes, by=by, now=now)
        session.commit()
        return recorded


def preferences_of(session: Session, contact_id: UUID) -> list[Wish]:
    """What that contact gets now, per channel they can be reached on and purpose. Raises: NotFound."""
    contact = session.get(Contact, contact_id)
    if contact is None:
        raise NotFound(contact=str(contact_id))
    return wishes_of(session, contact)
