"""One customer who owes an invoice and can be reached by mail and by text, and what becomes of their reminder."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.captured import Captured
from o2c_core.actions.deliver_message import deliver_message
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Address
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.reminders.run import CustomerEntry
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, an_invoice

NOON = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)
PHONE = "+31612345678"
DOORPLATE = Doorplate(key="a key for tests", base_url="https://pay.vandijk.example")
CARRIERS = {"email": Captured(), "sms": Captured(), "whatsapp": Captured()}


def who_owes(session: Session, seller: Seller) -> Customer:
    """Owes 125.00, a week late; reads mail and has a phone."""
    customer = a_customer(session, seller)
    customer.contacts[0].addresses.append(Address(channel="sms", value=PHONE))
    an_invoice(session, customer, "INV-1", due_on=DAY - timedelta(days=7))
    session.commit()
    return customer


def the_run(store: Store, on: date = DAY, **how: Any) -> CustomerEntry:
    (entry,) = run_reminders(on, store=store, **how).entries
    return entry


def the_message(session: Session) -> Message:
    return session.scalars(select(Message).where(Message.purpose == "reminder")).one()


def deliver(store: Store, session: Session) -> str:
    return deliver_message(the_message(session).id, store=store, carriers=CARRIERS)
