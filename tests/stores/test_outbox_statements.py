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

PLATE = Doorplate("key", "https://pay.vandijk.example", "reply.vandijk.example")


@pytest.mark.parametrize("people", [0, 6])
@pytest.mark.parametrize(
    ("purpose", "channel", "most"),
    [
        ("answer", "email", 14),
        ("answer", "sms", 15),
        ("answer", "whatsapp", 17),
        ("notice", "email", 14),
        ("notice", "sms", 15),
        ("reminder", "email", 25),
        ("reminder", "sms", 25),
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
