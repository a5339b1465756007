"""Note that whoever reads an address is not who we want there: nothing more goes to it until a person has looked."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from o2c_core.conversations.message import Message
from o2c_core.conversations.tasks import open_task
from o2c_core.customers.consent import PURPOSES, Consent, check_note
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound
from o2c_core.reminders.consenting import add_notes
from o2c_core.store.store import Store
from o2c_core.trail import note

HOW = "in conversation: the wrong person"
_KEPT_AS = {"email": "email", "sms": "sms", "whatsapp": "sms"}
_SAID_MAX = 300


def note_wrong_contact(
    seller_id: UUID, channel: str, address: str, *, words: str, message_id: UUID, store: Store
) -> list[Address]:
    """The addresses on record that nothing more is sent to, as their reader said not to be the one we look for.

    The refusal is noted for the address and not for the people who are on record with it: they may be reached
    elsewhere. From then on the address counts as one that does not work, so no code is sent there and nobody is proven
    by it, and a person is asked to find the right one. Heard once more from the same message it changes nothing.

    Raises: NotFound where nobody at this seller's customers has that address; ConsentNeedsProof.
    """
    now = store.clock.now()
    with store.session() as session:
        query = (
            select(Address, Customer.id)
            .join(Contact, Contact.id == Address.contact_id)
            .join(Customer, Customer.id == Contact.customer_id)
            .where(Customer.seller_id == seller_id, Address.channel == _KEPT_AS.get(channel), Address.value == address)
            .order_by(Address.id)
            .with_for_update(of=Address)
        )
        found = [(one, customer_id) for one, customer_id in session.execute(query)]
        if not found:
            raise NotFound(address=channel)
        # As of just before they wrote, so that the answer to these very words still leaves, and nothing after it.
        written_at = session.scalar(select(Message.created_at).where(Message.id == message_id))
        said_at = (written_at or now) - timedelta(microseconds=1)
        heard = select(Consent.id).where(Consent.message_id == message_id, Consent.how == HOW)
        if session.execute(heard.limit(1)).first() is None:
            add_notes(session, _refusals(channel, address, words, message_id, said_at), by="customer", now=now)
        for one, customer_id in found:
            one.verified_at = None
            if one.failed_at is None:
                one.failed_at, one.failed_why = said_at, f"Its reader says not to be the one: {words}"[:_SAID_MAX]
                note(
                    session, "address disowned", one, at=now, who="customer", why="is not the one we look for",
                    customer_id=customer_id, seller_id=seller_id, message_id=message_id, channel=channel,
                )  # fmt: skip
            open_task(
                session, "data_fix", f"address:{one.id}",
                "Whoever reads this address says not to be the one we look for. Nothing goes there any more; find the right one.",
                at=now, seller_id=seller_id, customer_id=customer_id, message_id=message_id, channel=channel,
                words=words[:_SAID_MAX],
            )  # fmt: skip
        session.commit()
        return [one for one, _ in found]


def _refusals(channel: str, address: str, words: str, message_id: UUID, at: datetime) -> list[Consent]:
    """Raises: ConsentNeedsProof."""
    for purpose in PURPOSES:
        check_note(channel, purpose, HOW, words)
    return [
        Consent(
            address=address, channel=channel, purpose=purpose, is_given=False, at=at, how=HOW, words=words,
            message_id=message_id,
        )
        for purpose in PURPOSES
    ]  # fmt: skip
