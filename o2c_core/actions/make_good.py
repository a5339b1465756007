"""Make good a message that did not arrive: what its setback says about the address, the person and the next attempt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from o2c_core.actions.replace_message import replace_message
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.conversations.setback import REMEDIES, Setback
from o2c_core.conversations.tasks import open_task
from o2c_core.customers.consent import PURPOSES
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.reminders.consenting import hear
from o2c_core.reminders.withdraw import free_rungs
from o2c_core.trail import note

# An address is kept as an email address or a phone number. That a number has no WhatsApp says nothing of its texts.
_KEPT_AS = {"email": "email", "sms": "sms"}


def make_good(
    session: Session, message: Message, setback: Setback, *, now: datetime, doorplate: Doorplate | None
) -> UUID | None:
    """The id of the message that is sent instead, if any; in the caller's transaction, which moved it to failed.

    Whoever moved the message calls this, and only one can have moved it: so all of it happens once. A reminder that did
    not arrive was not sent; its rungs go to the message sent instead, or count as unused.
    """
    remedy = REMEDIES[setback]
    thread = session.get_one(Conversation, message.conversation_id)
    has_task = False
    if remedy.fails_address:
        has_task = _fail_address(session, message, thread, setback, now)
    if remedy.refuses and message.address is not None:
        hear(
            session, "stop", channel=message.channel, address=message.address,
            contact_ids=contacts_at(session, thread.seller_id, message.channel, message.address),
            words=_said(message, setback), how="provider", message_id=message.id, now=now,
            # A provider that knows of the no lets nothing through to there any more.
            purposes=PURPOSES,
        )  # fmt: skip
    if remedy.alerts:
        has_task = True
        open_task(
            session, "provider", f"{message.carrier}:{message.failed_code or setback.value}",
            f"{message.carrier} refuses messages: {_said(message, setback)}", at=now, seller_id=thread.seller_id,
            carrier=message.carrier, code=message.failed_code, setback=setback.value,
        )  # fmt: skip
    instead = replace_message(session, message, remedy, now=now, doorplate=doorplate)
    if instead is not None:
        return instead
    free_rungs(session, message.id)
    if not has_task or message.purpose != "reminder":
        open_task(
            session, "review", f"message:{message.id}", "It did not arrive, and there is nobody else to send it to.",
            at=now, seller_id=thread.seller_id, customer_id=thread.customer_id, message_id=message.id,
            setback=setback.value, code=message.failed_code,
        )  # fmt: skip
    return None


def contacts_at(session: Session, seller_id: UUID, channel: str, address: str) -> Sequence[UUID]:
    """The contacts at customers of that seller who have the address."""
    kept_as = "email" if channel == "email" else "sms"
    query = (
        select(Contact.id)
        .join(Customer, Customer.id == Contact.customer_id)
        .join(Address, Address.contact_id == Contact.id)
        .where(Customer.seller_id == seller_id, Address.channel == kept_as, Address.value == address)
        .order_by(Contact.id)
    )
    return session.scalars(query).all()


def _fail_address(session: Session, message: Message, thread: Conversation, setback: Setback, now: datetime) -> bool:
    """Marks the address wherever that seller's customers have it, and asks people to correct it."""
    ours = (
        select(Contact.id).join(Customer, Customer.id == Contact.customer_id).where(
            Customer.seller_id == thread.seller_id
        )
    )  # fmt: skip
    failed = session.scalars(
        update(Address)
        .where(
            Address.channel == _KEPT_AS.get(message.channel),
            Address.value == message.address,
            Address.contact_id.in_(ours),
            Address.failed_at.is_(None),
        )
        .values(failed_at=now, failed_why=_said(message, setback))
        .returning(Address)
        .execution_options(populate_existing=True)
    ).all()
    for address in failed:
        customer_id = session.scalar(select(Contact.customer_id).where(Contact.id == address.contact_id))
        note(
            session, "address failed", address, at=now, who="system", why=_said(message, setback),
            customer_id=customer_id, seller_id=thread.seller_id, message_id=message.id, channel=message.channel,
        )  # fmt: skip
        open_task(
            session, "data_fix", f"address:{address.id}", "Nothing arrives at this address; ask for another one.",
            at=now, seller_id=thread.seller_id, customer_id=customer_id, message_id=message.id,
            channel=message.channel, setback=setback.value, code=message.failed_code,
        )  # fmt: skip
    return bool(failed)


def _said(message: Message, setback: Setback) -> str:
    """What the provider said of it, for people."""
    said = " ".join(part for part in (message.failed_code, message.failed_why) if part)
    return (said or setback.value)[:300]
