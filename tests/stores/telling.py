"""What happened to a customer, written down as a run finds it, and what they were told of it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.inform_customers import inform_customers
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.informing.informed import Informed
from o2c_core.informing.run import InformingRun
from o2c_core.store.store import Store
from tests.build import MOMENT
from tests.conftest import NOON

PLATE = Doorplate("key of the tests", "https://parley.example")


def it_happened(session: Session, customer: Customer, step: str, subject_id: UUID, **fields: object) -> Informed:
    """An event that is ripe to be told."""
    row = Informed(
        **{
            "seller_id": customer.seller_id,
            "customer_id": customer.id,
            "step": step,
            "subject_id": subject_id,
            "happened_at": NOON - timedelta(minutes=30),
            "look_at": NOON - timedelta(minutes=15),
        }
        | fields
    )
    session.add(row)
    session.flush()
    return row


def a_person(
    customer: Customer, role: str, *, email: str | None = None, phone: str | None = None, **fields: object
) -> Contact:
    contact = Contact(name="B. de Boer", role=role, **fields)
    for channel, value in (("email", email), ("sms", phone)):
        if value:
            contact.addresses.append(Address(channel=channel, value=value, verified_at=MOMENT))
    customer.contacts.append(contact)
    return contact


def tell(session: Session, store: Store) -> InformingRun:
    session.commit()
    return inform_customers(store=store, doorplate=PLATE)


def messages(session: Session) -> list[Message]:
    session.expire_all()
    return list(session.scalars(select(Message).where(Message.direction == "out").order_by(Message.id)))


def outcome(session: Session) -> list[tuple[str, str, str | None]]:
    """Every event: its step, where it stands, and why."""
    session.expire_all()
    rows = session.scalars(select(Informed).order_by(Informed.happened_at, Informed.id))
    return [(row.step, row.state, row.reason) for row in rows]


def said(message: Message) -> str:
    """The words, with plain spaces where figures are kept together."""
    return message.text.replace("\xa0", " ").replace("\u202f", " ")
