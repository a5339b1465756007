"""A text from a customer through the signed door, the jobs behind it, and the words they would receive."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot import turn
from bot.assistant import Assistant
from o2c_core.clock import MovableClock
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.door_count import DoorCount
from o2c_core.conversations.message import Message
from o2c_core.conversations.one_time_code import OneTimeCode
from o2c_core.conversations.sms_text import segments
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Address
from o2c_core.customers.seller import SenderIdentity
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import MOMENT, a_customer, a_seller, an_invoice
from tests.flows.providers import OURS, THEIRS, Providers, providers

OWED = "EUR 1.240,50"


@pytest.fixture
def twilio(own_database: str, own_store: Store, assistant: Assistant, tmp_path: Path) -> Iterator[Providers]:
    with own_store.session() as session:
        seller = a_seller(session)
        seller.senders.append(SenderIdentity(channel="sms", value=OURS, is_default=True))
        jansen = a_customer(session, seller, "C1001")
        an_invoice(session, jansen, "INV-2026-0042", total_minor=124_050)
        jansen.contacts[0].addresses.append(Address(channel="sms", value=THEIRS, verified_at=MOMENT))
        session.commit()
    with providers(own_database, own_store, assistant, tmp_path) as found:
        yield found


def unverified(twilio: Providers) -> None:
    with twilio.store.session() as session:
        session.scalars(select(Address).where(Address.value == THEIRS)).one().verified_at = None
        session.commit()


def the_code(words: str) -> str:
    found = re.search(r"\b\d{6}\b", words)
    assert found, words
    return found[0]


def test_a_question_from_a_verified_number_is_answered_with_the_balance(twilio: Providers) -> None:
    (answer,) = twilio.hear("Hoeveel staat er nog open?")
    assert OWED in answer
    assert answer.startswith("Ik ben de digitale assistent van Van Dijk Groothandel")
    sent = twilio.carrier.sent[0]
    assert (sent.channel, sent.to, sent.purpose, sent.sender) == ("sms", THEIRS, "answer", OURS)
    assert segments(answer).encoding == "GSM-7"


def test_the_question_and_its_answer_are_kept_with_who_and_when(twilio: Providers) -> None:
    twilio.hear("Hoeveel staat er nog open?", sid="SM1")
    with twilio.store.session() as session:
        asked, answer = session.scalars(select(Message).order_by(Message.id)).all()
        arrival = session.scalars(select(Arrival)).one()
        conversation = session.scalars(select(Conversation)).one()
    assert (asked.sender_key, asked.address, asked.arrival_id) == ("SM1", THEIRS, arrival.id)
    assert (asked.answered_by_id, answer.answers_id) == (answer.id, asked.id)
    assert (arrival.state, arrival.message_id) == ("done", asked.id)
    assert (conversation.identity, conversation.channel, conversation.address) == ("proven", "sms", THEIRS)
    assert answer.delivery == "sent"


def test_whatsapp_from_the_same_number_is_a_conversation_of_its_own(twilio: Providers) -> None:
    twilio.hear("Hoeveel staat er nog open?")
    (answer,) = twilio.hear("Hoeveel staat er nog open?", prefix="whatsapp:")
    assert "1.240,50" in answer
    assert twilio.carrier.sent[-1].channel == "whatsapp"
    with twilio.store.session() as session:
        assert session.scalar(select(func.count()).select_from(Conversation)) == 2


def test_a_number_that_nobody_verified_gets_a_code_and_then_the_answer(twilio: Providers) -> None:
    unverified(twilio)
    first = twilio.hear("Hoeveel staat er nog open?")
    code = the_code(next(words for words in first if "uw code is" in words))
    assert not any(OWED in words for words in first)
    assert any("Ik heb in een apart bericht een code gestuurd." in words for words in first)
    (answer,) = twilio.hear(code)
    assert OWED in answer
    with twilio.store.session() as session:
        assert session.scalars(select(Address).where(Address.value == THEIRS)).one().verified_at is not None
    (later,) = twilio.hear("En wat staat er nu nog open?")
    assert OWED in later


def test_the_code_stands_nowhere_once_it_was_sent(twilio: Providers) -> None:
    unverified(twilio)
    code = the_code(next(words for words in twilio.hear("Hoeveel staat er nog open?") if "uw code is" in words))
    twilio.hear(code)
    with twilio.store.session() as session:
        kept = [*session.scalars(select(Message.text)), *session.scalars(select(OneTimeCode.digest))]
        kept += [f"{line.why} {line.details}" for line in session.scalars(select(TrailLine))]
    assert [text for text in kept if code in text] == []


def test_a_wrong_code_is_told_and_after_five_none_is_good(twilio: Providers) -> None:
    unverified(twilio)
    code = the_code(next(words for words in twilio.hear("Hoeveel staat er nog open?") if "uw code is" in words))
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(4):
        assert "Dat is niet de code die wij hebben gestuurd." in twilio.hear(wrong)[0]
    assert "Die code geldt niet meer." in twilio.hear(wrong)[0]
    assert "Die code geldt niet meer." in twilio.hear(code)[0]


def test_a_code_is_over_after_ten_minutes(twilio: Providers, clock: MovableClock) -> None:
    unverified(twilio)
    code = the_code(next(words for words in twilio.hear("Hoeveel staat er nog open?") if "uw code is" in words))
    clock.move(timedelta(minutes=10))
    assert "Die code geldt niet meer." in twilio.hear(code)[0]


def test_a_stranger_is_told_nothing_of_any_account(twilio: Providers) -> None:
    (answer,) = twilio.hear("Hoeveel staat er open op factuur INV-2026-0042?", "+31687654321")
    assert "Geef mij uw klantnummer" in answer
    assert "1.240" not in answer


def test_a_stranger_who_needs_a_person_waits_in_the_desk(twilio: Providers) -> None:
    (answer,) = twilio.hear("Ik wil graag een medewerker spreken", "+31687654321")
    assert "Ik heb uw bericht doorgegeven aan een collega." in answer
    with twilio.store.session() as session:
        conversation = session.scalars(select(Conversation)).one()
    assert (conversation.state, conversation.identity, conversation.customer_id) == ("waiting", "stranger", None)


@pytest.mark.parametrize(
    ("words", "more", "confirmed"),
    [
        ("STOP", {"OptOutType": "STOP"}, False),
        ("Stop", {}, False),
        ("graag geen sms meer sturen", {}, True),
        ("please stop texting me", {}, True),
    ],
)
def test_a_stop_is_noted_and_confirmed_once_unless_twilio_did(
    twilio: Providers, words: str, more: dict[str, str], confirmed: bool
) -> None:
    sent = twilio.hear(words, **more)
    assert len(sent) == confirmed
    with twilio.store.session() as session:
        notes = session.scalars(select(Consent).where(Consent.channel == "sms")).all()
        asked = session.scalars(select(Message).where(Message.direction == "in")).one()
    assert notes
    assert not any(note.is_given for note in notes)
    assert {note.words for note in notes} == {words}
    assert asked.answered_at is not None


def test_who_said_stop_and_then_asks_is_answered(twilio: Providers, clock: MovableClock) -> None:
    twilio.hear("please stop texting me")
    clock.move(timedelta(minutes=5))
    (answer,) = twilio.hear("Hoeveel staat er nog open?")
    assert OWED in answer


def test_the_same_text_delivered_again_is_found_and_ignored(twilio: Providers) -> None:
    for _ in range(3):
        assert twilio.text("Hoeveel staat er nog open?", sid="SM7").status_code == 200
    twilio.work()
    assert twilio.text("Hoeveel staat er nog open?", sid="SM7").status_code == 200
    twilio.work()
    assert len(twilio.carrier.sent) == 1


def test_three_quick_texts_are_one_conversation_and_one_answer(twilio: Providers) -> None:
    for words in ("Hallo", "ik heb een vraag", "hoeveel staat er nog open?"):
        twilio.text(words)
    twilio.work()
    (answer,) = twilio.carrier.texts
    assert OWED in answer
    with twilio.store.session() as session:
        covered = session.scalars(select(Message.answered_by_id).where(Message.direction == "in")).all()
        assert session.scalar(select(func.count()).select_from(Conversation)) == 1
    assert len(covered) == 3
    assert len(set(covered)) == 1
    assert None not in covered


def test_while_an_agent_holds_the_conversation_nothing_is_answered(twilio: Providers, clock: MovableClock) -> None:
    twilio.hear("Hallo")
    with twilio.store.session() as session:
        session.scalars(select(Conversation)).one().speaker = "agent"
        session.commit()
    assert twilio.hear("Hoeveel staat er nog open?") == []
    clock.move(timedelta(minutes=5))
    twilio.work()
    with twilio.store.session() as session:
        last = session.scalars(select(Message).order_by(Message.id.desc())).first()
    assert last is not None
    assert (last.direction, last.answered_at) == ("in", None)
    assert len(twilio.carrier.sent) == 1


@pytest.mark.parametrize("signature", ["", "forged", "RSOYDt4T1cUTdK1PDd93/VVr8B8="])
def test_a_forged_text_is_refused_and_leaves_only_a_counter(twilio: Providers, signature: str) -> None:
    fields = {"MessageSid": "SM9", "From": THEIRS, "To": OURS, "Body": "Hoeveel staat er nog open?"}
    assert twilio.post_text(fields, signature or "x").status_code == 403
    twilio.work()
    with twilio.store.session() as session:
        assert session.scalar(select(func.count()).select_from(Arrival)) == 0
        assert session.scalar(select(func.count()).select_from(Message)) == 0
        assert session.scalar(select(func.sum(DoorCount.count))) == 1


def test_a_card_number_in_a_text_is_kept_nowhere(twilio: Providers) -> None:
    (answer,) = twilio.hear("Mijn kaart is 4111 1111 1111 1111, kan ik zo betalen?")
    assert "Stuur hier nooit kaartgegevens" in answer or "kaart" in answer.lower()
    with twilio.store.session() as session:
        assert "4111" not in session.scalars(select(Message.text).where(Message.direction == "in")).one()
        assert session.scalars(select(Arrival.payload)).one() == {}


def test_two_machines_that_answer_each_other_end_at_a_person(twilio: Providers) -> None:
    for _ in range(turn.TEXTS_PER_HOUR + 2):
        twilio.text("Hoeveel staat er nog open?")
        twilio.work()
    assert len(twilio.carrier.sent) == turn.TEXTS_PER_HOUR
    with twilio.store.session() as session:
        assert session.scalars(select(Conversation)).one().state == "waiting"
