"""To whom, on which channel and at what hour a reminder goes, from the ledger to the carrier."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.run_reminders import run_reminders
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.sms_text import segments
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller, SenderIdentity
from o2c_core.reminders.may_contact import Reason
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.flows.reminding import DOORPLATE, NOON, PHONE, deliver, the_message, the_run, who_owes
from tests.o2c_core.reminders.said import heard, ours


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return who_owes(session, seller)


def test_a_text_is_short_cheap_and_in_a_thread_of_its_own(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    customer.preferred_channel = "sms"
    seller.senders.append(SenderIdentity(channel="sms", value="VanDijk", is_default=True))
    session.commit()
    entry = the_run(store, doorplate=DOORPLATE)
    message = the_message(session)
    assert (message.channel, message.address, message.subject, message.html) == ("sms", PHONE, None, None)
    assert message.text == entry.text
    assert message.text.startswith("Van Dijk Groothandel: de betaling van EUR 125,00 voor factuur INV-1")
    assert segments(message.text).count <= 2
    # A name of letters takes no replies, so there is a link and no "STOP".
    assert "https://pay.vandijk.example/preferences/" in message.text
    assert "STOP" not in message.text
    assert message.contact_id == customer.contacts[0].id
    thread = session.get_one(Conversation, message.conversation_id)
    assert (thread.channel, thread.address, thread.contact_id) == ("sms", PHONE, customer.contacts[0].id)
    assert deliver(store, session) == "sent"


def test_a_number_that_takes_replies_says_how_to_stop(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    customer.preferred_channel = "sms"
    seller.senders.append(SenderIdentity(channel="sms", value="+31201234567", is_default=True))
    session.commit()
    text = the_run(store, doorplate=DOORPLATE, dry_run=True).text or ""
    assert text.endswith("Antwoord STOP voor geen sms'en meer.")
    assert "/preferences/" not in text
    assert "/pay/" in text


def test_a_mail_has_the_link_to_ones_choices_in_text_and_html_where_there_is_a_public_address(
    store: Store, session: Session, customer: Customer
) -> None:
    assert "preferences" not in (the_run(store, dry_run=True).text or "")
    the_run(store, doorplate=DOORPLATE)
    message = the_message(session)
    assert "Waarover en hoe wij u schrijven: https://pay.vandijk.example/preferences/" in message.text
    assert message.html
    assert re.search(r'<a [^>]*href="https://pay\.vandijk\.example/preferences/[^"]+"[^>]*>Kies waarover', message.html)


@pytest.mark.parametrize(("now", "waits_until", "left"), [
    (NOON, None, "sent"),
    (datetime(2026, 3, 16, 18, 59, tzinfo=UTC), None, "sent"),
    (datetime(2026, 3, 16, 19, 0, tzinfo=UTC), datetime(2026, 3, 17, 7, 0, tzinfo=UTC), "queued"),
    (datetime(2026, 3, 16, 5, 0, tzinfo=UTC), datetime(2026, 3, 16, 7, 0, tzinfo=UTC), "queued"),
])  # fmt: skip
def test_outside_its_hours_a_reminder_is_written_and_waits(
    store: Store,
    session: Session,
    clock: MovableClock,
    customer: Customer,
    now: datetime,
    waits_until: datetime,
    left: str,
) -> None:
    clock.at = now
    entry = the_run(store)
    message = the_message(session)
    assert (entry.rung, entry.waits_until, message.not_before) == ("first", waits_until, waits_until)
    assert bool(message.waits_why) == (waits_until is not None)
    assert deliver(store, session) == left
    if waits_until:
        clock.at = waits_until
        assert deliver(store, session) == "sent"


def test_a_reminder_queued_at_noon_and_tried_at_night_waits_for_the_morning(
    store: Store, session: Session, clock: MovableClock, customer: Customer
) -> None:
    the_run(store)
    clock.at = datetime(2026, 3, 16, 20, 0, tzinfo=UTC)
    assert deliver(store, session) == "queued"
    message = the_message(session)
    session.refresh(message)
    assert message.not_before == datetime(2026, 3, 17, 7, 0, tzinfo=UTC)
    clock.at = message.not_before
    assert deliver(store, session) == "sent"


def test_one_that_could_only_leave_when_its_words_no_longer_fit_is_withdrawn(
    store: Store, session: Session, clock: MovableClock, customer: Customer
) -> None:
    clock.at = datetime(2026, 12, 24, 18, 0, tzinfo=UTC)
    the_run(store, date(2026, 12, 24))
    clock.at = datetime(2026, 12, 24, 19, 30, tzinfo=UTC)
    # Two days of Christmas and a Sunday are ahead.
    assert deliver(store, session) == "withdrawn"
    assert the_run(store, date(2026, 12, 28), dry_run=True).rung == "last"


@pytest.mark.parametrize(("on", "fields", "reason", "until"), [
    (date(2026, 3, 15), {}, Reason.REST_DAY, "16 March 2026"),
    (date(2026, 4, 27), {}, Reason.REST_DAY, "28 April 2026"),
    (date(2026, 12, 25), {}, Reason.REST_DAY, "28 December 2026"),
    (date(2026, 11, 26), {"country": "US", "time_zone": "America/New_York"}, Reason.REST_DAY, "27 November 2026"),
    (date(2026, 3, 16), {"country": "XX"}, Reason.NO_HOURS, "note the customer's time zone"),
])  # fmt: skip
def test_nobody_is_written_to_on_a_day_of_rest_where_they_are(
    store: Store, session: Session, customer: Customer, on: date, fields: dict[str, str], reason: Reason, until: str
) -> None:
    for name, value in fields.items():
        setattr(customer, name, value)
    session.commit()
    entry = the_run(store, on)
    assert entry.reason is reason
    assert until in (entry.sentence or "")
    assert session.scalars(select(Message)).all() == []


def test_three_reminders_in_seven_days_are_enough_over_all_channels_and_currencies(
    store: Store, session: Session, seller: Seller
) -> None:
    customer = a_customer(session, seller)
    for currency in ("EUR", "GBP", "SEK", "USD"):
        an_invoice(session, customer, due_on=DAY - timedelta(days=7), currency=currency)
    session.commit()
    entries = run_reminders(DAY, store=store).entries
    assert [entry.rung or entry.reason for entry in entries] == ["first", "first", "first", Reason.OFTEN_ENOUGH]
    assert (
        entries[3].sentence == "They have had as many reminders as a week may bring; the next may go on 23 March 2026."
    )
    (last,) = [one for one in run_reminders(DAY + timedelta(days=6), store=store).entries if one.currency == "USD"]
    assert last.reason is Reason.OFTEN_ENOUGH
    entries = run_reminders(DAY + timedelta(days=7), store=store).entries
    assert [entry.rung or entry.reason for entry in entries] == ["second", "second", "second", Reason.OFTEN_ENOUGH]


def test_who_asked_something_is_answered_before_they_are_asked_for_money(
    store: Store, session: Session, customer: Customer
) -> None:
    question = heard(session, customer, "email", "ap@jansen.example", NOON - timedelta(hours=5))
    assert the_run(store).reason is Reason.UNANSWERED
    ours(session, question, "answer", delivery="sent")
    assert the_run(store, dry_run=True).rung == "first"


def test_who_is_talking_to_the_assistant_is_left_to_it_for_half_an_hour(
    store: Store, session: Session, clock: MovableClock, customer: Customer
) -> None:
    question = heard(session, customer, "chat", "", NOON - timedelta(minutes=10))
    question.answered_at = NOON - timedelta(minutes=9)
    session.commit()
    entry = the_run(store)
    assert (entry.rung, entry.waits_until) == ("first", NOON + timedelta(minutes=20))
    assert "in conversation with the assistant" in (entry.waits_why or "")
    clock.move(timedelta(minutes=20))
    assert deliver(store, session) == "sent"


def test_who_is_away_is_reminded_when_they_are_back(store: Store, session: Session, customer: Customer) -> None:
    automatic = {"purpose": "automatic", "author": "system", "answered_at": NOON}
    for n, back_on in enumerate(("2026-03-25", "2026-03-19")):
        at = NOON - timedelta(days=2 - n)
        heard(session, customer, "email", "ap@jansen.example", at, mail={"back_on": back_on}, **automatic)
    entry = the_run(store)
    assert (entry.reason, entry.sentence) == (
        Reason.AWAY, "They are away, by an automatic mail of theirs; they are back on 19 March 2026.",
    )  # fmt: skip
    assert the_run(store, date(2026, 3, 19)).rung == "first"
