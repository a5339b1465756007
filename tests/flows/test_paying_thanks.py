"""A customer with a reminder for tomorrow pays online today: the reminder is withdrawn, and thanks go out, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.deliver_message import deliver_message
from o2c_core.actions.inform_customers import inform_customers
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.actions.settle_online_payment import settle_online_payment
from o2c_core.clock import MovableClock
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.pay_provider import Word
from o2c_core.store.store import Store
from tests.build import DAY, a_seller
from tests.channels.paying import Provider, begin, booked, eur, left_open
from tests.flows.reminding import CARRIERS, DOORPLATE, the_message, who_owes


@pytest.fixture
def store(own_store: Store) -> Store:
    """A database of its own: what happened is news once its transaction is over, and here transactions end."""
    return own_store


@pytest.fixture
def session(store: Store) -> Iterator[Session]:
    with store.session() as session:
        yield session


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return who_owes(session, seller)


def thanks(session: Session) -> list[Message]:
    session.commit()
    return list(session.scalars(select(Message).where(Message.purpose != "reminder", Message.direction == "out")))


def pay(store: Store, session: Session, customer: Customer, times: int = 1) -> None:
    invoice = session.scalars(select(Invoice)).one()
    session.commit()
    begun = begin(store, Provider(), customer.id, {invoice.id: eur(12_500)})
    for _ in range(times):
        settle_online_payment(Word("key-1", begun.id, "paid", eur(12_500)), provider="played", store=store)


def test_the_reminder_for_tomorrow_is_withdrawn_and_thanks_are_sent_once(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    clock.move(timedelta(hours=11))
    run_reminders(DAY, store=store, doorplate=DOORPLATE)
    session.commit()
    reminder = the_message(session)
    session.commit()
    assert reminder.delivery == "queued"
    assert reminder.not_before is not None
    assert reminder.not_before > clock.now() + timedelta(hours=8)
    inform_customers(store=store, doorplate=DOORPLATE)
    pay(store, session, customer, times=3)
    session.commit()
    session.refresh(reminder)
    assert (reminder.delivery, left_open(session), booked(session)) == ("withdrawn", {"INV-1": 0}, [12_500])
    for _ in range(3):
        inform_customers(store=store, doorplate=DOORPLATE)
        clock.move(timedelta(minutes=20))
    (said,) = thanks(session)
    assert said.channel == "email"
    assert said.address == "ap@jansen.example"
    assert "€ 125,00" in said.text.replace("\xa0", " ")
    assert "INV-1" in said.text
    clock.move(timedelta(hours=14))
    assert deliver_message(said.id, store=store, carriers=CARRIERS, doorplate=DOORPLATE) == "sent"
    assert deliver_message(reminder.id, store=store, carriers=CARRIERS, doorplate=DOORPLATE) == "withdrawn"


@pytest.mark.parametrize(("switch", "messages"), [("on", 1), ("off", 0)])
def test_a_seller_who_switched_thanks_off_sends_none(
    store: Store, session: Session, seller: Seller, customer: Customer, clock: MovableClock, switch: str, messages: int
) -> None:
    settings: dict[str, Any] = {"informing": {"steps": {"payment_received": switch}}}
    seller.settings = (seller.settings or {}) | settings
    session.commit()
    pay(store, session, customer)
    for _ in range(3):
        inform_customers(store=store, doorplate=DOORPLATE)
        clock.move(timedelta(minutes=20))
    assert len(thanks(session)) == messages
