"""How much a message costs on its way out: the ledger is asked a fixed number of things, however large it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from o2c_core.actions.deliver_message import deliver_message
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Address, Contact
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.conftest import NOON
from tests.stores.outbox import MAIL, PHONE, Scripted, a_message, a_phone, a_thread

# What a reminder by mail asks at the instant of sending, and how often: whatever may have happened since it was written.
REMINDER = {
    "claim it: message, circuit, sender, slot, claim": 5,
    "the message with its thread, seller and the customer's people": 1,
    "the invoices and parts it asks for": 1,
    "what is open, disputed and complained of on them": 1,
    "whose they are": 1,
    "said to be paid, promised, planned, on hold, a document missing, a broken word": 6,
    "which ladder holds, and its steps": 2,
    "steps taken and left out": 1,
    "money and credit without an invoice": 1,
    "an agent speaks, questions, reminders lately, refusals, away": 5,
    "an invoice that is sent today": 1,
    "the mails it follows in its thread": 1,
    "its outcome, the trail, where it stands": 3,
}

PLATE = Doorplate("key", "https://pay.vandijk.example", "reply.vandijk.example")


@pytest.mark.parametrize("people", [0, 6])
@pytest.mark.parametrize(
    ("purpose", "channel", "most"),
    [
        ("answer", "email", 12),
        ("answer", "sms", 13),
        ("answer", "whatsapp", 15),
        ("notice", "email", 11),
        ("notice", "sms", 12),
        ("reminder", "email", sum(REMINDER.values())),
        ("reminder", "sms", sum(REMINDER.values()) - 1),
    ],
)
def test_a_message_on_its_way_out_asks_the_ledger_a_fixed_number_of_things(
    own_store: Store, purpose: str, channel: str, most: int, people: int
) -> None:
    with own_store.session() as session:
        customer = a_customer(session, a_seller(session), preferred_channel=channel)
        a_phone(session, customer)
        for number in range(people):
            mail = Address(channel="email", value=f"more{number}@jansen.example", verified_at=NOON)
            customer.contacts.append(Contact(name=f"Persoon {number}", role="general", addresses=[mail]))
        session.commit()
        if purpose == "reminder":
            an_invoice(session, customer, "INV-1", due_on=DAY - timedelta(days=7))
            session.commit()
            run_reminders(DAY, store=own_store, doorplate=PLATE)
            message_id = session.scalars(select(Message.id).where(Message.purpose == "reminder")).one()
        else:
            thread = a_thread(session, customer, channel)
            where = MAIL if channel == "email" else PHONE
            asked = a_message(
                session,
                thread,
                direction="in",
                author="customer",
                purpose="question",
                delivery="received",
                address=where,
            )
            message_id = a_message(session, thread, purpose=purpose, address=where, answers_id=asked.id).id
        engine = session.get_bind()
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        carriers = {channel: Scripted(per_second=50.0)}
        assert deliver_message(message_id, store=own_store, carriers=carriers, doorplate=PLATE) == "sent"
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len(statements) <= most
