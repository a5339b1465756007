"""Whoever is first spoken to on a channel is told that it is a machine that speaks, and no door acts on a link opened.

Sources: Regulation (EU) 2024/1689, article 50(1); PCI DSS 4.0 requirement 4.2.2; RFC 8058.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.assistant import Assistant
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.store.store import Store
from tests.build import DAY
from tests.flows.providers import THEIRS, Providers, a_mail, known_by_both, providers

AP = "ap@jansen.example"
WHO = "digitale assistent van Van Dijk Groothandel"
QUESTION = "Hoeveel staat er nog open?"
CARD = "4111 1111 1111 1111"


@pytest.fixture
def house(own_database: str, own_store: Store, assistant: Assistant, tmp_path: Path) -> Iterator[Providers]:
    known_by_both(own_store, AP)
    with providers(own_database, own_store, assistant, tmp_path) as found:
        yield found


def heard_by(house: Providers, channel: str, sender: str | None = None, words: str = QUESTION) -> list[str]:
    """What whoever writes on that channel gets to read."""
    before = len(house.carrier.sent)
    if channel == "email":
        mail = a_mail(words, sender or AP)
        assert house.mail(mail, vouched=(sender or AP).partition("@")[2]).status_code == 200
    else:
        prefix = "whatsapp:" if channel == "whatsapp" else ""
        assert house.text(words, sender or THEIRS, prefix=prefix).status_code == 200
    house.work()
    return house.carrier.texts[before:]


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "email"])
@pytest.mark.parametrize("who", ["known", "stranger"])
def test_the_first_answer_on_a_channel_says_that_a_machine_speaks_and_the_second_does_not(
    house: Providers, channel: str, who: str
) -> None:
    sender = None if who == "known" else {"email": "someone@else.example"}.get(channel, "+31687654321")
    first = heard_by(house, channel, sender)
    assert any(WHO in text for text in first), first
    second = heard_by(house, channel, sender, "En wanneer moet dat betaald zijn?")
    assert second
    assert not any(WHO in text for text in second), second


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_who_answers_a_reminder_has_been_told_by_then(house: Providers, channel: str) -> None:
    with house.store.session() as session:
        session.execute(update(Customer).values(preferred_channel=channel))
        session.commit()
    run_reminders(DAY, store=house.store, doorplate=house.house.doorplate)
    house.work()
    (reminder,) = house.carrier.sent
    assert (reminder.purpose, reminder.channel) == ("reminder", channel)
    answers = heard_by(house, channel)
    assert answers
    assert any(WHO in text for text in [reminder.text, *answers]), [reminder.text, *answers]


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "email"])
def test_a_card_number_sent_on_any_channel_is_kept_nowhere_logged_nowhere_and_never_asked_for(
    house: Providers, channel: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        (answer, *_) = heard_by(house, channel, words=f"Mijn kaart is {CARD}, schrijf het maar af. {QUESTION}")
    digits = CARD.replace(" ", "")
    assert CARD not in caplog.text
    assert digits not in caplog.text
    assert CARD not in answer
    with house.store.session() as session:
        texts = session.scalars(select(Message.text)).all()
    assert texts
    assert not any(CARD in text or digits in text for text in texts)
    assert "kaart" in answer.lower()


def test_new_bank_details_in_a_message_change_nothing_and_are_never_repeated(house: Providers) -> None:
    other = "DE89370400440532013000"
    texts = heard_by(house, "email", words=f"Ons nieuwe rekeningnummer is {other}. Naar welke rekening betalen wij u?")
    assert texts
    assert not any(other in text.replace(" ", "").replace("\u00a0", "") for text in texts), texts


def test_no_provider_door_acts_on_a_link_that_is_opened(house: Providers) -> None:
    doors = ["/twilio/messages", "/twilio/status/00000000-0000-7000-8000-000000000000", "/sendgrid/events"]
    for door in [*doors, "/sendgrid/inbound", "/sendgrid/inbound/inbound-token-of-the-tests"]:
        assert house.client.get(door).status_code in (404, 405), door
    with house.store.session() as session:
        assert session.scalars(select(Conversation)).all() == []
