"""Note what a person said about being written to, with the proof; earlier notes stay."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from o2c_core.customers.consent import Consent, check_note
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note


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
        consent = Consent(
            contact_id=contact.id,
            channel=said.channel,
            purpose=said.purpose,
            is_given=said.is_given,
            at=now,
            how=said.how,
            words=said.words,
            message_id=said.message_id,
        )
        session.add(consent)
        session.flush()
        customer = session.get_one(Customer, contact.customer_id)
        note(
            session,
            "consent given" if said.is_given else "consent refused",
            consent,
            at=now,
            who=by,
            why=said.how,
            customer_id=customer.id,
            seller_id=customer.seller_id,
            message_id=said.message_id,
            channel=said.channel,
            purpose=said.purpose,
        )
        withdraw_overtaken(session, customer.id, now)
        session.commit()
        return consent
