"""How one person wants to be written to: per channel they can be reached on, and per purpose."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from o2c_core.customers.consent import PURPOSES, Consent, has_consent
from o2c_core.customers.contact import Contact

# WhatsApp reaches the phone numbers that texts are sent to.
REACHED_BY = {"email": "email", "sms": "sms", "whatsapp": "sms"}


@dataclass(frozen=True)
class Wish:
    """Whether they are written to for that purpose on that channel, at these addresses of theirs."""

    channel: str
    purpose: str
    is_given: bool
    addresses: tuple[str, ...]


def wishes_of(session: Session, contact: Contact) -> list[Wish]:
    """All of them, as they hold now; nothing for a channel without an address.

    What was said from one of their addresses counts too, whoever said it: the latest word about the person and about
    each address has to be a yes.
    """
    values = [address.value for address in contact.addresses]
    about = or_(Consent.contact_id == contact.id, Consent.address.in_(values))
    notes = list(session.scalars(select(Consent).where(about)))
    wishes = []
    for channel, kind in REACHED_BY.items():
        addresses = tuple(address.value for address in contact.addresses if address.channel == kind)
        if not addresses:
            continue
        said = [[note for note in notes if note.contact_id == contact.id]]
        said += [[note for note in notes if note.address == value] for value in addresses]
        # Silence about one address is no refusal where the person spoke for themselves.
        for purpose in PURPOSES:
            told = [some for some in said if any((one.channel, one.purpose) == (channel, purpose) for one in some)]
            is_given = all(has_consent(some, channel, purpose) for some in told or [[]])
            wishes.append(Wish(channel, purpose, is_given, addresses))
    return wishes
