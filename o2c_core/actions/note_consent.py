"""Note what a person said about being written to, with the proof; earlier notes stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.consent import Consent, check_note
from o2c_core.customers.contact import Address, Contact
from o2c_core.errors import NotFound
from o2c_core.reminders.consenting import add_notes
from o2c_core.store.store import Store


@dataclass(frozen=True)
class Said:
    """What was agreed to or refused. `how` is where it was said, `words` what was said, word for word."""

    contact_id: UUID
    channel: str
    purpose: str
    is_given: bool
    how: str
    words: str
    message_id: UUID | None = None


def note_consent(said: Said, *, store: Store, by: str = "assistant") -> Consent:
    """The added note; it holds until another about the same channel and purpose is added.

    Raises: NotFound for a contact there is not; ConsentNeedsProof.
    """
    check_note(said.channel, said.purpose, said.how, said.words)
    now = store.clock.now()
    with store.session() as session:
        contact = session.get(Contact, said.contact_id)
        if contact is None:
            raise NotFound(contact=str(said.contact_id))
        notes = [_about(said, None, now), *(_about(said, one, now) for one in _refused_at(session, said))]
        add_notes(session, notes, by=by, now=now)
        session.commit()
        return notes[0]


def _about(said: Said, address: str | None, now: datetime) -> Consent:
    return Consent(
        contact_id=said.contact_id,
        address=address,
        channel=said.channel,
        purpose=said.purpose,
        is_given=said.is_given,
        at=now,
        how=said.how,
        words=said.words,
        message_id=said.message_id,
    )


def _refused_at(session: Session, said: Said) -> list[str]:
    """The addresses of theirs about which something was said from there, which whoever agrees now takes back as well."""
    if not said.is_given:
        return []
    theirs = select(Address.value).where(Address.contact_id == said.contact_id)
    about = (Consent.channel == said.channel, Consent.purpose == said.purpose, Consent.address.in_(theirs))
    return sorted({address for address in session.scalars(select(Consent.address).where(*about)) if address})
