"""STOP by text through the real door: reminders end there with the reason, and a question is still answered."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from bot.assistant import Assistant
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.clock import MovableClock
from o2c_core.conversations.message import Message
from o2c_core.conversations.sms_text import segments
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.seller import SenderIdentity
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, MOMENT, a_customer, a_seller, an_invoice
from tests.flows.providers import OURS, THEIRS, Providers, providers

OWED = "EUR 1.240,50"


@pytest.fixture
def twilio(own_database: str, own_store: Store, assistant: Assistant, tmp_path: Path) -> Iterator[Providers]:
    """A customer who is reached by text alone, with an invoice that has earned a reminder."""
    with own_store.session() as session:
        seller = a_seller(session)
        seller.senders.append(SenderIdentity(channel="sms", value=OURS, is_default=True))
        jansen = a_customer(session, seller, "C1001", email=None, preferred_channel="sms")
        an_invoice(session, jansen, "INV-2026-0042", total_minor=124_050, due_on=DAY - timedelta(days=1))
        jansen.contacts[0].addresses.append(Address(channel="sms", value=THEIRS, verified_at=MOMENT))
        session.commit()
    with providers(own_database, own_store, assistant, tmp_path) as found:
        yield found


def reminded(twilio: Providers, days: int = 0) -> tuple[int, list[str]]:
    """How many would get a reminder, and the reasons of the others."""
    run = run_reminders(DAY + timedelta(days=days), store=twilio.store, dry_run=True)
    return len(run.reminded), [entry.reason.value for entry in run.skipped if entry.reason]


def refused(twilio: Providers) -> set[str]:
    with twilio.store.session() as session:
        return {one.purpose for one in session.scalars(select(Consent)) if not one.is_given}


def test_after_stop_no_reminder_goes_by_text_and_a_question_is_answered(twilio: Providers, clock: MovableClock) -> None:
    assert reminded(twilio) == (1, [])
    said = twilio.hear("STOP", OptOutType="STOP")
    assert said == []  # the provider has answered that itself
    assert refused(twilio) == {"service", "reminders", "marketing"}
    clock.move(timedelta(days=1))
    assert reminded(twilio, 1) == (0, ["opted_out"])
    (answer,) = twilio.hear("Hoeveel staat er nog open?")
    assert OWED in answer
    assert reminded(twilio, 1)[0] == 0


def test_a_reminder_that_waits_for_the_morning_is_withdrawn_by_the_stop(twilio: Providers, clock: MovableClock) -> None:
    clock.move(timedelta(hours=10, minutes=30))
    run_reminders(DAY, store=twilio.store)
    twilio.work()
    assert twilio.carrier.sent == []
    twilio.hear("Stop met sms'en aub")
    with twilio.store.session() as session:
        reminder = session.scalars(select(Message).where(Message.purpose == "reminder")).one()
        lines = session.scalars(select(TrailLine.details).where(TrailLine.message_id == reminder.id)).all()
    assert reminder.delivery == "withdrawn"
    assert [line["reason"] for line in lines if "reason" in line] == ["opted_out"]
    clock.move(timedelta(days=1))
    twilio.work()
    assert "reminder" not in {outgoing.purpose for outgoing in twilio.carrier.sent}


def test_a_stop_in_other_words_is_confirmed_once_in_one_text(twilio: Providers) -> None:
    (confirmed,) = twilio.hear("Haal me van deze lijst", sid="SM1")
    assert confirmed.startswith("Van Dijk Groothandel: u krijgt geen herinneringen meer per sms.")
    assert "START" in confirmed
    assert segments(confirmed).count == 1
    assert twilio.hear("Haal me van deze lijst", sid="SM1") == []
    assert refused(twilio) == {"reminders", "marketing"}


def test_start_brings_reminders_back(twilio: Providers, clock: MovableClock) -> None:
    twilio.hear("haal me van deze lijst")
    assert reminded(twilio)[0] == 0
    clock.move(timedelta(hours=3))
    assert twilio.hear("START") == []  # the provider answers that word itself
    assert reminded(twilio) == (1, [])


def test_start_in_other_words_is_confirmed(twilio: Providers, clock: MovableClock) -> None:
    twilio.hear("haal me van deze lijst")
    clock.move(timedelta(hours=3))
    (confirmed,) = twilio.hear("Jullie mogen mij weer sms'en")
    assert "u krijgt weer berichten" in confirmed
    assert reminded(twilio) == (1, [])


def test_a_stop_from_a_number_nobody_knows_holds_when_somebody_turns_out_to_have_it(twilio: Providers) -> None:
    with twilio.store.session() as session:
        session.execute(delete(Address).where(Address.value == THEIRS))
        session.commit()
    twilio.hear("stop texting me")
    with twilio.store.session() as session:
        person = session.scalars(select(Contact.id)).one()
        session.add(Address(contact_id=person, channel="sms", value=THEIRS, verified_at=MOMENT))
        session.commit()
    assert reminded(twilio) == (0, ["opted_out"])
