"""A notice is looked at again when it is sent: overtaken it stays, half overtaken it says the rest, moved it says so."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.deliver_message import deliver_message
from o2c_core.clock import MovableClock
from o2c_core.conversations.carrier import Accepted, Rejected
from o2c_core.conversations.message import Message
from o2c_core.conversations.setback import Setback
from o2c_core.customers.customer import Customer
from o2c_core.informing.informed import Informed, InformingWish
from o2c_core.invoices.payment import PaymentReturn
from o2c_core.reminders.reminder import Reminder
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import (
    DAY,
    MOMENT,
    a_credit_note,
    a_customer,
    a_payment,
    a_seller,
    a_shipment,
    an_invoice,
    an_order,
)
from tests.conftest import NOON
from tests.stores.outbox import Scripted, a_reminder
from tests.stores.telling import PLATE, a_person, it_happened, messages, outcome, said, tell


@pytest.fixture
def customer(session: Session) -> Customer:
    return a_customer(session, a_seller(session), "C1")


def send(session: Session, store: Store, carrier: Scripted | None = None, at: int = 0) -> tuple[str, Scripted]:
    session.commit()
    by = carrier or Scripted()
    state = deliver_message(
        messages(session)[at].id, store=store, carriers={"email": by, "sms": by}, doorplate=PLATE, luck=lambda: 0.5
    )
    return state, by


def reasons(session: Session) -> list[str]:
    lines = session.scalars(select(TrailLine).where(TrailLine.what == "message withdrawn"))
    return [line.details["reason"] for line in lines]


def test_what_is_still_true_is_sent_with_its_pdf(session: Session, store: Store, customer: Customer) -> None:
    invoice = an_invoice(session, customer, "INV-1", due_on=DAY + timedelta(days=30))
    it_happened(session, customer, "invoice_issued", invoice.id)
    tell(session, store)
    state, carrier = send(session, store)
    assert state == "sent"
    (file,) = carrier.taken[0].files
    assert (file.name, file.media_type, file.content[:5]) == ("Factuur INV-1.pdf", "application/pdf", b"%PDF-")


def test_a_payment_that_was_taken_back_is_not_thanked_for(session: Session, store: Store, customer: Customer) -> None:
    payment = a_payment(session, an_invoice(session, customer), 12_500)
    it_happened(session, customer, "payment_received", payment.id)
    tell(session, store)
    session.add(
        PaymentReturn(
            seller_id=customer.seller_id, customer_id=customer.id, payment_id=payment.id, kind="reversal",
            returned_on=DAY, amount_minor=12_500, currency="EUR", source_key="back",
        )
    )  # fmt: skip
    state, carrier = send(session, store)
    assert (state, carrier.taken, reasons(session)) == ("withdrawn", [], ["taken_back"])
    assert outcome(session) == [("payment_received", "skipped", "taken_back")]


def test_an_order_cancelled_meanwhile_is_not_confirmed(session: Session, store: Store, customer: Customer) -> None:
    order = an_order(session, customer, "SO-1", states=("confirmed",), confirmed_on=DAY)
    it_happened(session, customer, "order_confirmed", order.id)
    tell(session, store)
    order.lines[0].state = "cancelled"
    assert send(session, store)[0] == "withdrawn"
    assert outcome(session) == [("order_confirmed", "skipped", "cancelled")]


def test_an_invoice_credited_meanwhile_is_not_sent(session: Session, store: Store, customer: Customer) -> None:
    invoice = an_invoice(session, customer, "INV-1")
    it_happened(session, customer, "invoice_issued", invoice.id)
    tell(session, store)
    a_credit_note(session, customer, 12_500, against=invoice)
    assert send(session, store)[0] == "withdrawn"
    assert reasons(session) == ["credited"]


def test_who_said_no_meanwhile_is_told_nothing(session: Session, store: Store, customer: Customer) -> None:
    order = an_order(session, customer, "SO-1")
    it_happened(session, customer, "shipped", a_shipment(session, order).id)
    tell(session, store)
    session.add(
        InformingWish(
            customer_id=customer.id, contact_id=customer.contacts[0].id, step="shipped", is_on=False, at=MOMENT,
            by="customer",
        )
    )  # fmt: skip
    assert send(session, store)[0] == "withdrawn"
    assert reasons(session) == ["not_wanted"]


def test_of_two_shipments_the_one_that_arrived_meanwhile_is_left_out(
    session: Session, store: Store, customer: Customer
) -> None:
    order = an_order(session, customer, "SO-1")
    first, second = (a_shipment(session, order, number) for number in ("3SVD1", "3SVD2"))
    for one in (first, second):
        it_happened(session, customer, "shipped", one.id)
    tell(session, store)
    assert "2 zendingen" in said(messages(session)[0])
    first.delivered_on = DAY
    state, carrier = send(session, store)
    assert state == "sent"
    assert "Bestelling SO-1 is verzonden." in carrier.taken[0].text
    assert "3SVD1" not in carrier.taken[0].text
    assert sorted(outcome(session)) == [("shipped", "skipped", "arrived"), ("shipped", "told", None)]
    numbers = {one["text"] for one in messages(session)[0].receipts}
    assert "3SVD2" in numbers
    assert "3SVD1" not in numbers


def test_what_was_paid_meanwhile_is_no_longer_called_open(session: Session, store: Store, customer: Customer) -> None:
    invoice = an_invoice(session, customer, "INV-1", total_minor=20_000)
    it_happened(session, customer, "payment_received", a_payment(session, invoice, 12_500).id)
    tell(session, store)
    assert "€ 75,00" in said(messages(session)[0])
    a_payment(session, invoice, 7_500)
    _, carrier = send(session, store)
    assert "75,00" not in carrier.taken[0].text
    assert "Alles is voldaan." in carrier.taken[0].text


def test_a_reminder_does_not_go_on_the_day_its_invoice_is_sent(
    session: Session, store: Store, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, "INV-1", due_on=DAY)
    it_happened(session, customer, "invoice_issued", invoice.id)
    tell(session, store)
    reminder = a_reminder(session, customer)
    at = [one.id for one in messages(session)].index(reminder.id)
    state, carrier = send(session, store, at=at)
    assert (state, carrier.taken) == ("withdrawn", [])
    assert session.scalars(select(Reminder)).all() == []


def test_where_mail_bounces_a_text_tells_it_in_words_of_its_own(
    session: Session, store: Store, customer: Customer
) -> None:
    customer.contacts.clear()
    a_person(customer, "operations", email="b@jansen.example", phone="+31612345678")
    order = an_order(session, customer, "SO-1")
    it_happened(session, customer, "shipped", a_shipment(session, order, "3SVD1").id)
    tell(session, store)
    state, _ = send(session, store, Scripted([Rejected("no such mailbox", Setback.BAD_ADDRESS)]))
    assert state == "failed"
    failed, instead = messages(session)
    assert (instead.channel, instead.instead_of_id) == ("sms", failed.id)
    assert instead.text.startswith("Van Dijk Groothandel: bestelling SO-1 is verzonden, zending 3SVD1 (PostNL).")
    assert session.scalars(select(Informed.message_id)).all() == [instead.id]
    assert send(session, store, Scripted([Accepted("sms-1")]), at=1)[0] == "sent"


def test_a_text_that_waited_for_the_morning_is_looked_at_then(
    session: Session, store: Store, customer: Customer, clock: MovableClock
) -> None:
    customer.contacts.clear()
    a_person(customer, "operations", phone="+31612345678")
    shipment = a_shipment(session, an_order(session, customer, "SO-1"))
    it_happened(session, customer, "shipped", shipment.id)
    clock.move(timedelta(hours=11))
    tell(session, store)
    message: Message = messages(session)[0]
    assert message.not_before is not None
    shipment.delivered_on = NOON.date() + timedelta(days=1)
    session.commit()
    clock.move(message.not_before - clock.now())
    assert send(session, store)[0] == "withdrawn"
