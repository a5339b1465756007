"""Who at a customer is written to about money, and in which language."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.reminders.may_contact import Reach

ORDER = ("accounts_payable", "owner", "general", "operations")


@dataclass(frozen=True)
class Recipient:
    """The address that is written to and the language it is written in."""

    address: str
    language: str


def recipient_of(customer: Customer, channel: str = "email", *, refused: Collection[str] = ()) -> Recipient | None:
    """The first usable address nobody refused: accounts payable first, then owner, general and operations."""
    for contact in sorted(customer.contacts, key=lambda contact: ORDER.index(contact.role)):
        for address in contact.addresses:
            if address.channel == channel and address.is_usable and address.value not in refused:
                return Recipient(address.value, _language(contact.language, customer.language))
    return None


def reach(contacts: Iterable[Contact], only: str | None = None, channel: str = "email") -> Reach:
    """Whether any address of the channel (or that `only` one) is usable, all of them failed, or there is none."""
    usable = [
        address.is_usable
        for contact in contacts
        for address in contact.addresses
        if address.channel == channel and only in (None, address.value)
    ]
    if not usable:
        return "none"
    return "usable" if any(usable) else "failed"


def _language(*wishes: str | None) -> str:
    return next((wish for wish in wishes if wish in LANGUAGES), "en")
