"""Save a person at a customer, with the addresses they are reached at."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from o2c_core.customers.contact import Address, Contact, tidy_email, tidy_phone
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound, Refused
from o2c_core.store.store import Store
from o2c_core.trail import note

CONTACTS_MAX = 200


class TooManyContacts(Refused):
    """A customer has at most two hundred contacts."""


class ContactErased(Refused):
    """What was known of that customer was erased, so nobody is added to it."""


@dataclass(frozen=True)
class ContactDetails:
    """A person as they are to be. Phone numbers are read as dialled in the customer's country."""

    name: str
    role: str = "general"
    language: str | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


def save_contact(
    customer_id: UUID, contact_id: UUID | None, details: ContactDetails, *, who: str = "system", store: Store
) -> Contact:
    """The contact as it is now, added when no id is given. An address that stays keeps its proof and its failures.

    Raises: NotFound when the customer is not there or the contact not theirs; NotAnAddress; TooManyContacts;
    ContactErased.
    """
    now = store.clock.now()
    with store.session() as session:
        customer = session.scalars(select(Customer).where(Customer.id == customer_id).with_for_update()).one_or_none()
        if customer is None:
            raise NotFound
        if customer.erased_at is not None:
            raise ContactErased
        wanted = dict.fromkeys(("email", tidy_email(each)) for each in details.emails)
        wanted |= dict.fromkeys(("sms", tidy_phone(each, customer.country)) for each in details.phones)
        if contact_id is None:
            count = select(func.count()).select_from(Contact).where(Contact.customer_id == customer.id)
            if session.execute(count).scalar_one() >= CONTACTS_MAX:
                raise TooManyContacts
            contact = Contact(customer_id=customer.id)
            session.add(contact)
        else:
            found = session.get(Contact, contact_id)
            if found is None or found.customer_id != customer.id:
                raise NotFound
            contact = found
        contact.name, contact.role, contact.language = details.name, details.role, details.language
        kept = {(address.channel, address.value): address for address in contact.addresses}
        contact.addresses = [kept.get(each) or Address(channel=each[0], value=each[1]) for each in wanted]
        session.flush()
        note(
            session, "contact added" if contact_id is None else "contact changed", contact, at=now, who=who,
            customer_id=customer.id, seller_id=customer.seller_id, role=contact.role,
        )  # fmt: skip
        session.commit()
        return contact
