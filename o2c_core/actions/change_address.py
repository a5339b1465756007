"""Put a new email address or phone number in the place of one on record, once its reader has agreed to that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.tasks import close_tasks, open_task
from o2c_core.customers.contact import Address, Contact, tidy_email, tidy_phone
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound, Refused
from o2c_core.store.store import Store
from o2c_core.trail import note


class AddressGone(Refused):
    """The address that was to be changed is not on record any more."""


class AddressThere(Refused):
    """That address is on record already."""


@dataclass(frozen=True)
class NewAddress:
    """The new address of one person. It takes the place of `old_id`, or comes beside the others without that. `is_read`:
    they have shown that they read what is sent there."""

    customer_id: UUID
    contact_id: UUID
    channel: str
    value: str
    old_id: UUID | None = None
    message_id: UUID | None = None
    is_read: bool = False


def change_address(new: NewAddress, *, store: Store, by: str = "customer") -> Address:
    """The address as it is now: nobody has shown to read it yet, unless it is said so. Asked for once more it changes nothing.

    A person is asked to change it where the customer's data come from too: an import would bring the old one back.

    Raises: NotFound for somebody else's contact; AddressGone; AddressThere; NotAnAddress.
    """
    now = store.clock.now()
    with store.session() as session:
        customer = session.scalars(
            select(Customer).where(Customer.id == new.customer_id).with_for_update()
        ).one_or_none()
        contact = session.get(Contact, new.contact_id)
        if customer is None or contact is None or contact.customer_id != customer.id:
            raise NotFound(contact=str(new.contact_id))
        value = tidy_email(new.value) if new.channel == "email" else tidy_phone(new.value, customer.country)
        there = _of(contact, new.channel, value)
        if new.old_id is None:
            if there is not None:
                return there
            changed = Address(channel=new.channel, value=value, verified_at=now if new.is_read else None)
            contact.addresses.append(changed)
        else:
            old = session.get(Address, new.old_id)
            if old is None or old.contact_id != contact.id or old.channel != new.channel:
                raise AddressGone(address=str(new.old_id))
            if there is old:
                return old
            if there is not None:
                raise AddressThere(address=str(there.id))
            # The row stays, and with it the codes that were sent for it.
            changed = old
            changed.value, changed.verified_at = value, now if new.is_read else None
            changed.failed_at, changed.failed_why = None, None
        session.flush()
        close_tasks(session, "data_fix", f"address:{changed.id}", at=now, by=by, how="The customer changed it.")
        _ask_to_change_at_source(session, new, changed, customer, now)
        note(
            session, "address added" if new.old_id is None else "address changed", changed, at=now, who=by,
            why="confirmed by a code to an address of record", customer_id=customer.id, seller_id=customer.seller_id,
            message_id=new.message_id, channel=new.channel,
        )  # fmt: skip
        session.commit()
        return changed


def _of(contact: Contact, channel: str, value: str) -> Address | None:
    return next((one for one in contact.addresses if (one.channel, one.value) == (channel, value)), None)


def _ask_to_change_at_source(
    session: Session, new: NewAddress, changed: Address, customer: Customer, now: datetime
) -> None:
    open_task(
        session, "data_fix", f"changed:{changed.id}:{new.message_id}",
        "The customer changed this address here; change it where your customer data come from too.",
        at=now, seller_id=customer.seller_id, customer_id=customer.id,
        message_id=new.message_id, channel=new.channel, contact_id=str(new.contact_id),
    )  # fmt: skip
