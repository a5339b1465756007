"""The demo shows a message in every state it can be in, with what was made of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from app.demo import cast
from app.demo.history import write_history
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.conversations.sms_text import segments
from o2c_core.conversations.task import Task
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.free_days import is_holiday
from o2c_core.invoices.account import invoices_of
from o2c_core.reminders.may_contact import Reason
from o2c_core.reminders.reminder import Reminder
from o2c_core.store.store import Store
from tests.conftest import NOON

# A Monday; a Sunday just after New Year; the Monday after Christmas and a weekend; the Tuesday after Easter.
DAYS = [date(2026, 3, 16), date(2027, 1, 3), date(2026, 12, 28), date(2026, 4, 7)]


@pytest.fixture(scope="module", params=DAYS, ids=str)
def demo(request: pytest.FixtureRequest, shared_engine: Engine) -> Iterator[tuple[Session, date]]:
    with shared_engine.connect() as connection:
        outer = connection.begin()
        sessions = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        write_history(store=Store(sessions, MovableClock(NOON)), today=request.param)
        with sessions() as session:
            yield session, request.param
        outer.rollback()


def reminders_to(session: Session, ref: str) -> list[Message]:
    query = (
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Customer, Customer.id == Conversation.customer_id)
        .where(Customer.ref == ref, Message.purpose == "reminder")
        .order_by(Message.created_at)
    )
    return list(session.scalars(query))


def steps_of(session: Session, message: Message) -> list[str]:
    return list(session.scalars(select(Reminder.rung).where(Reminder.message_id == message.id).order_by(Reminder.rung)))


@pytest.mark.parametrize(("ref", "channels", "states", "steps"), [
    (cast.STOPPED_PAYING, ["email"], ["delivered"], [["last", "second"]]),
    (cast.MAILBOX_GONE, ["email", "sms"], ["failed", "delivered"], [[], ["first"]]),
    (cast.NOBODY_KNOWS, ["email"], ["uncertain"], [["second"]]),
    (cast.PAID_IN_TIME, ["email"], ["withdrawn"], [[]]),
    (cast.WAITS_FOR_MORNING, ["email"], ["queued"], [["due"]]),
])  # fmt: skip
def test_a_reminder_is_in_every_state_and_its_steps_are_taken_only_where_it_may_have_arrived(
    demo: tuple[Session, date], ref: str, channels: list[str], states: list[str], steps: list[list[str]]
) -> None:
    session, _ = demo
    written = reminders_to(session, ref)
    assert [message.channel for message in written] == channels
    assert [message.delivery for message in written] == states
    assert [steps_of(session, message) for message in written] == steps


def test_nobody_was_written_to_on_a_day_of_rest_or_later_than_now(demo: tuple[Session, date]) -> None:
    session, today = demo
    for message in session.scalars(select(Message).where(Message.delivery != "queued")):
        on = message.created_at.date()
        assert on < today
        assert on.weekday() < 5
    for message in session.scalars(select(Message).where(Message.purpose == "reminder", Message.delivery != "queued")):
        customer = session.get_one(Customer, session.get_one(Conversation, message.conversation_id).customer_id)
        assert not is_holiday(customer.country, message.created_at.date())


def test_every_reminder_asks_what_the_ledger_says_and_texts_fit(demo: tuple[Session, date]) -> None:
    session, today = demo
    for ref in (cast.STOPPED_PAYING, cast.MAILBOX_GONE, cast.NOBODY_KNOWS, cast.WAITS_FOR_MORNING):
        customer = session.scalars(select(Customer).where(Customer.ref == ref)).one()
        open_numbers = {one.invoice.number for one in invoices_of(session, customer.id, today, only_open=True)}
        for message in reminders_to(session, ref):
            told = [str(receipt["text"]) for receipt in message.receipts]
            assert told
            assert any(number in message.text for number in open_numbers)
            if message.channel == "sms":
                assert segments(message.text).count <= 2


def test_a_mailbox_that_is_gone_is_marked_replaced_and_asked_about(demo: tuple[Session, date]) -> None:
    session, _ = demo
    failed, instead = reminders_to(session, cast.MAILBOX_GONE)
    assert (failed.failed_code, instead.instead_of_id) == ("5.1.1", failed.id)
    address = session.scalars(select(Address).where(Address.value == failed.address)).one()
    assert address.failed_at is not None
    task = session.scalars(select(Task).where(Task.kind == "data_fix")).one()
    assert (task.about, task.message_id, task.state) == (f"address:{address.id}", failed.id, "open")


def test_what_nobody_knows_waits_for_a_person_and_is_not_looked_up_again(demo: tuple[Session, date]) -> None:
    session, _ = demo
    (message,) = reminders_to(session, cast.NOBODY_KNOWS)
    task = session.scalars(select(Task).where(Task.kind == "uncertain_send")).one()
    assert (task.about, task.message_id) == (f"message:{message.id}", message.id)
    assert message.claimed_at is None


def test_what_was_paid_in_time_was_withdrawn_with_the_reason(demo: tuple[Session, date]) -> None:
    session, today = demo
    (message,) = reminders_to(session, cast.PAID_IN_TIME)
    assert message.failed_why == Reason.PAID.sentence
    customer = session.scalars(select(Customer).where(Customer.ref == cast.PAID_IN_TIME)).one()
    paid = {one.invoice.number for one in invoices_of(session, customer.id, today) if one.state == "paid"}
    assert any(number in message.text for number in paid)


def test_the_one_that_waits_leaves_in_a_morning_to_come(demo: tuple[Session, date]) -> None:
    session, today = demo
    (message,) = reminders_to(session, cast.WAITS_FOR_MORNING)
    assert message.not_before is not None
    assert message.not_before.date() > today
    assert message.not_before - message.created_at < timedelta(days=6)
    assert message.waits_why


def test_a_stop_by_text_is_noted_with_its_words_and_confirmed_once(demo: tuple[Session, date]) -> None:
    session, _ = demo
    notes = session.scalars(select(Consent)).all()
    assert {(one.channel, one.purpose, one.is_given) for one in notes} == {
        ("sms", "reminders", False), ("sms", "marketing", False),
    }  # fmt: skip
    (said,) = {one.message_id for one in notes}
    heard = session.get_one(Message, said)
    assert {one.words for one in notes} == {heard.text}
    contact = session.get_one(Contact, notes[0].contact_id)
    assert session.get_one(Customer, contact.customer_id).ref == cast.HART_AND_SONS
    answers = session.scalars(select(Message).where(Message.answers_id == said)).all()
    assert [one.purpose for one in answers] == ["confirmation"]


def test_a_mail_came_with_files_and_another_by_somebody_nobody_knows(demo: tuple[Session, date]) -> None:
    session, _ = demo
    files = session.scalars(select(ReceivedFile).order_by(ReceivedFile.id)).all()
    assert [(one.name, one.content is not None, one.refused_why is None) for one in files] == [
        ("scherven.png", True, True), ("pakbon.csv", True, True), ("foto's.exe", False, False),
    ]  # fmt: skip
    strangers = session.scalars(select(Conversation).where(Conversation.customer_id.is_(None))).all()
    assert [one.identity for one in strangers] == ["stranger"]
    unanswered = (
        select(func.count()).select_from(Message).where(Message.direction == "in", Message.answered_at.is_(None))
    )
    assert session.scalar(unanswered) == 0
