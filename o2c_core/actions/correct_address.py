"""Correct an address that does not work: somebody found the right one."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from o2c_core.actions.change_address import AddressGone, AddressThere
from o2c_core.conversations.tasks import close_tasks
from o2c_core.customers.contact import Address, Contact, tidy_email, tidy_phone
from o2c_core.customers.customer import Customer
from o2c_core.store.store import Store
from o2c_core.trail import note


def correct_address(address_id: UUID, value: str, *, by: str, store: Store) -> Address:
    """The address as it is now. Nobody has shown to read it yet, and what failed before says nothing about it; the task
    that asked for it is done. The same again changes nothing.

    Raises: AddressGone; AddressThere when that person has it already; NotAnAddress.
    """
    now = store.clock.now()
    with store.session() as session:
        address = session.scalars(select(Address).where(Address.id == address_id).with_for_update()).one_or_none()
        if address is None:
            raise AddressGone(address=str(address_id))
        contact = session.get_one(Contact, address.contact_id)
        customer = session.get_one(Customer, contact.customer_id)
        right = tidy_email(value) if address.channel == "email" else tidy_phone(value, customer.country)
        others = (one for one in contact.addresses if one is not address and one.channel == address.channel)
        if any(one.value == right for one in others):
            raise AddressThere(address=str(address_id))
        if address.value == right and address.failed_at is None:
            return address
        address.value, address.verified_at, address.failed_at, address.failed_why = right, None, None, None
        session.flush()
        close_tasks(session, "data_fix", f"address:{address.id}", at=now, by=by, how="It was corrected.")
        note(
            session, "address corrected", address, at=now, who=by, customer_id=customer.id,
            seller_id=customer.seller_id, channel=address.channel,
        )  # fmt: skip
        session.commit()
        return address
