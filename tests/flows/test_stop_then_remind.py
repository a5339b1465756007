"""STOP by text, then a planned reminder and a direct question: what goes where, in which words, with which reason."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.assistant import Assistant
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.clock import MovableClock
from o2c_core.conversations.message import Message
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Address
from o2c_core.customers.seller import SenderIdentity
from o2c_core.reminders.may_contact import Reason
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, MOMENT, a_customer, a_seller, an_invoice
from tests.flows.providers import OURS, THEIRS, Providers, providers

ASK = "Hoeveel staat er nog open?"
BY_MAIL, BY_TEXT_ALONE = "ap@jansen.example", None


@pytest.fixture(params=[BY_MAIL, BY_TEXT_ALONE])
def house(
    request: pytest.FixtureRequest, own_database: str, own_store: Store, assistant: Assistant, tmp_path: Path
) -> Iterator[Providers]:
    """A customer who prefers texts, with an invoice that earned a reminder; with an email address besides, or without."""
    with own_store.session() as session:
        seller = a_seller(session)
        seller.senders.append(SenderIdentity(channel="sms", value=OURS, is_default=True))
        jansen = a_customer(session, seller, "C1001", email=request.param, preferred_channel="sms")
        an_invoice(session, jansen, "INV-2026-0042", total_minor=124_050, due_on=DAY - timedelta(days=1))
        jansen.contacts[0].addresses.append(Address(channel="sms", value=THEIRS, verified_at=MOMENT))
        session.commit()
    with providers(own_database, own_store, assistant, tmp_path) as found:
        yield found


def reasons(house: Providers, message: Message) -> list[str]:
    with house.store.session() as session:
        lines = session.scalars(select(TrailLine.details).where(TrailLine.message_id == message.id)).all()
    return [str(line["reason"]) for line in lines if "reason" in line]


def test_after_stop_the_next_run_writes_by_mail_or_says_why_it_does_not(house: Providers, clock: MovableClock) -> None:
    assert house.hear("STOP", OptOutType="STOP") == []
    with house.store.session() as session:
        proof = {(one.purpose, one.is_given, one.words, one.how) for one in session.scalars(select(Consent))}
        has_mail = session.scalars(select(Address).where(Address.channel == "email")).first() is not None
    assert proof == {(one, False, "STOP", "a message by sms") for one in ("service", "reminders", "marketing")}
    clock.move(timedelta(days=1))
    run = run_reminders(DAY + timedelta(days=1), store=house.store)
    house.work()
    (entry,) = run.entries
    assert [(one.channel, one.address, one.reason) for one in entry.passed_over] == [("sms", THEIRS, Reason.OPTED_OUT)]
    sent = [(one.channel, one.purpose) for one in house.carrier.sent]
    assert sent == ([("email", "reminder")] if has_mail else [])
    if has_mail:
        assert "INV-2026-0042" in house.carrier.texts[0]
        assert "1.240,50" in house.carrier.texts[0]
    else:
        assert entry.reason is Reason.OPTED_OUT
        assert entry.sentence


def test_a_reminder_planned_before_the_stop_does_not_leave_after_it(house: Providers, clock: MovableClock) -> None:
    clock.move(timedelta(hours=10, minutes=30))  # at night, so that it waits for the morning
    run_reminders(DAY, store=house.store)
    house.work()
    assert house.carrier.sent == []
    house.hear("STOP", OptOutType="STOP")
    clock.move(timedelta(hours=11))
    house.work()
    with house.store.session() as session:
        reminder = session.scalars(select(Message).where(Message.purpose == "reminder", Message.channel == "sms")).one()
    assert (reminder.delivery, reasons(house, reminder)) == ("withdrawn", ["opted_out"])
    assert "sms" not in {one.channel for one in house.carrier.sent}


def test_a_question_after_the_stop_is_answered_by_text_and_reminds_of_nothing(
    house: Providers, clock: MovableClock
) -> None:
    house.hear("STOP", OptOutType="STOP")
    clock.move(timedelta(minutes=5))
    (answer,) = house.hear(ASK)
    assert "EUR 1.240,50" in answer
    sent = house.carrier.sent[-1]
    assert (sent.channel, sent.to, sent.purpose) == ("sms", THEIRS, "answer")
    with house.store.session() as session:
        assert not any(one.is_given for one in session.scalars(select(Consent))), "to ask is not to agree"
