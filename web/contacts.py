"""The people at a customer, as a page may show them: masked addresses, and what each said about being written to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.consent import Consent
from o2c_core.customers.customer import Customer
from o2c_core.customers.masked import masked
from web.reader import Reader
from web.wording import words_in

ROLES = {
    "accounts_payable": "pays the invoices",
    "operations": "takes in the goods",
    "owner": "owner",
    "general": "general",
}
PURPOSES = {"service": "service messages", "reminders": "reminders", "marketing": "offers"}
CHANNELS = {"email": "email", "sms": "SMS", "whatsapp": "WhatsApp", "chat": "chat"}


@dataclass(frozen=True)
class Person:
    """A contact, with their addresses as a page may show them and what they said about being written to."""

    name: str
    role: str
    language: str | None
    addresses: Sequence[tuple[str, str, str]]
    wishes: Sequence[str]


def people(session: Session, customer: Customer, reader: Reader) -> list[Person]:
    notes: dict[UUID, dict[tuple[str, str], Consent]] = {}
    query = select(Consent).where(Consent.contact_id.in_([one.id for one in customer.contacts]))
    for note in session.scalars(query.order_by(Consent.at, Consent.id)):
        assert note.contact_id is not None  # by the query
        notes.setdefault(note.contact_id, {})[note.channel, note.purpose] = note
    return [
        Person(
            name=contact.name,
            role=ROLES[contact.role],
            language=str(words_in(contact.language)["language"]) if contact.language else None,
            addresses=[
                (CHANNELS[address.channel], masked(address.value), _state(address.failed_why, address.is_usable))
                for address in contact.addresses
            ],
            wishes=[_wish(note, reader) for note in notes.get(contact.id, {}).values()],
        )
        for contact in customer.contacts
    ]


def _state(why: str | None, is_usable: bool) -> str:
    return "" if is_usable else f"does not work{f': {why}' if why else ''}"


def _wish(note: Consent, reader: Reader) -> str:
    """What holds about one channel and purpose, with its proof."""
    what = f"{PURPOSES[note.purpose]} by {CHANNELS[note.channel]}"
    said = f"Agreed to {what}" if note.is_given else f"Wants no {what}"
    day = reader.day(note.at.astimezone(reader.zone).date())
    return f"{said}, {day}, {note.how}: “{' '.join(note.words.split())}”"
