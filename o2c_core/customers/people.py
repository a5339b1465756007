"""Customers with their contacts and the addresses of those, read for many at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.store.many import is_one_of


def customers_with_people(session: Session, ids: Collection[UUID]) -> dict[UUID, Customer]:
    found = {customer.id: customer for customer in session.scalars(select(Customer).where(is_one_of(Customer.id, ids)))}
    _read_people(session, found)
    return found


def _read_people(session: Session, customers: Mapping[UUID, Customer]) -> None:
    """Fills in the contacts of those customers and their addresses, where they were not read yet."""
    unread = [id_ for id_, customer in customers.items() if "contacts" in inspect(customer).unloaded]
    people: dict[UUID, list[Contact]] = {id_: [] for id_ in unread}
    in_order = select(Contact).where(is_one_of(Contact.customer_id, unread)).order_by(Contact.id)
    for contact in session.scalars(in_order) if unread else ():
        people[contact.customer_id].append(contact)
    for id_, theirs in people.items():
        set_committed_value(customers[id_], "contacts", theirs)
    unreached = {
        contact.id: contact
        for customer in customers.values()
        for contact in customer.contacts
        if "addresses" in inspect(contact).unloaded
    }
    reached: dict[UUID, list[Address]] = {id_: [] for id_ in unreached}
    of_them = select(Address).where(is_one_of(Address.contact_id, unreached.keys())).order_by(Address.id)
    for address in session.scalars(of_them) if unreached else ():
        reached[address.contact_id].append(address)
    for id_, addresses in reached.items():
        set_committed_value(unreached[id_], "addresses", addresses)
