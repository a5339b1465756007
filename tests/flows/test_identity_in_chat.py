"""Proving who you are in the conversation: a customer number, a code to an address of record, and the answer that waited."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.assistant import Assistant
from o2c_core.actions.erase_person import Erasure, erase_person
from o2c_core.clock import MovableClock
from o2c_core.conversations.codes import CODES_PER_ADDRESS_DAY, CODES_PER_CONVERSATION_HOUR
from o2c_core.conversations.message import Message
from o2c_core.conversations.one_time_code import OneTimeCode
from o2c_core.customers.contact import Address
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller, SenderIdentity
from o2c_core.store.store import Store
from tests.build import MOMENT, a_customer, a_seller, an_invoice
from tests.flows.providers import OURS, THEIRS, Providers, providers

OWED = "€\u00a01.240,50"
ASK = "Hoeveel staat er nog open?"


@pytest.fixture
def house(own_database: str, own_store: Store, assistant: Assistant, tmp_path: Path) -> Iterator[Providers]:
    with own_store.session() as session:
        seller = a_seller(session)
        seller.senders.append(SenderIdentity(channel="sms", value=OURS, is_default=True))
        jansen = a_customer(session, seller, "C1001")
        an_invoice(session, jansen, "INV-2026-0042", total_minor=124_050)
        session.commit()
    with providers(own_database, own_store, assistant, tmp_path) as found:
        yield found


class Visitor:
    """Somebody at the web chat, of whom the door knows nothing."""

    def __init__(self, house: Providers) -> None:
        self._house = house
        self._token: str | None = None

    def ask(self, text: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        said = self._house.client.post("/api/chat", json={"text": text}, headers=headers)
        assert said.status_code == 200, said.text
        self._token = said.json()["session"]
        return dict(said.json())

    def code(self) -> str:
        self._house.work()
        return str(re.findall(r"\b\d{6}\b", self._house.carrier.texts[-1])[0])


def test_a_visitor_proves_who_they_are_and_gets_the_answer_that_waited(house: Providers) -> None:
    visitor = Visitor(house)
    assert "Geef mij uw klantnummer" in visitor.ask(ASK)["reply"]
    assert "Als dat nummer hier bekend is" in visitor.ask("C1001")["reply"]
    code = visitor.code()
    assert house.carrier.sent[-1].to == "ap@jansen.example"
    proven = visitor.ask(code)
    assert OWED in proven["reply"]
    assert proven["identity"] == "proven"
    assert OWED in visitor.ask("En wat staat er nu open?")["reply"]


def test_number_and_question_in_one_message_are_enough(house: Providers) -> None:
    visitor = Visitor(house)
    assert "Als dat nummer hier bekend is" in visitor.ask(f"Mijn klantnummer is C1001. {ASK}")["reply"]
    assert OWED in visitor.ask(f"De code is {visitor.code()}")["reply"]


@pytest.mark.parametrize("number", ["C1001", "C9999", "c1001", "C1002"])
def test_a_number_that_exists_and_one_that_does_not_sound_the_same(house: Providers, number: str) -> None:
    with house.store.session() as session:
        a_customer(session, session.scalars(select(Seller)).one(), "C1002", email=None)
        session.commit()
    said = Visitor(house).ask(f"Mijn klantnummer is {number}")
    reply = said["reply"].split("\n\n", 1)[1]
    assert reply.startswith("Als dat nummer hier bekend is, is er een code onderweg")
    assert (said["identity"], said["facts"][0]["text"], len(said["facts"])) == ("stranger", "Van Dijk Groothandel", 1)


def test_a_code_proves_in_its_own_conversation_only_and_once(house: Providers) -> None:
    first, second = Visitor(house), Visitor(house)
    first.ask("Mijn klantnummer is C1001")
    code = first.code()
    second.ask(ASK)
    assert "1.240" not in second.ask(code)["reply"]
    assert first.ask(code)["identity"] == "proven"
    again = Visitor(house)
    again.ask(ASK)
    assert again.ask(code)["identity"] == "stranger"


def test_the_proof_ends_after_twelve_hours(house: Providers, clock: MovableClock) -> None:
    visitor = Visitor(house)
    visitor.ask(f"Mijn klantnummer is C1001. {ASK}")
    visitor.ask(visitor.code())
    clock.move(timedelta(hours=12))
    later = visitor.ask(ASK)
    assert later["identity"] == "stranger"
    assert "1.240" not in later["reply"]


def test_no_more_codes_than_three_an_hour_in_a_conversation_and_five_a_day_to_an_address(house: Providers) -> None:
    visitor = Visitor(house)
    replies = {visitor.ask("Mijn klantnummer is C1001")["reply"].split("\n\n")[-1] for _ in range(6)}
    house.work()
    assert len(house.carrier.sent) == CODES_PER_CONVERSATION_HOUR
    assert len(replies) == 1, "how many went out is not told either"
    for _ in range(4):
        Visitor(house).ask("Mijn klantnummer is C1001")
    house.work()
    assert len(house.carrier.sent) == CODES_PER_ADDRESS_DAY


def test_two_customers_with_one_number_are_nobody_until_the_code_says_who(house: Providers) -> None:
    with house.store.session() as session:
        jansen = session.scalars(select(Customer)).one()
        bosch = a_customer(session, session.scalars(select(Seller)).one(), "C2002", name="Bosch", email=None)
        for customer in (jansen, bosch):
            customer.contacts[0].addresses.append(Address(channel="sms", value=THEIRS, verified_at=MOMENT))
        session.commit()
    assert "Geef mij uw klantnummer" in house.hear(ASK)[0]
    sent = house.hear("C1001")
    code = next(found[0] for words in sent if (found := re.findall(r"\b\d{6}\b", words)))
    assert {outgoing.to for outgoing in house.carrier.sent} == {THEIRS}
    assert "EUR 1.240,50" in house.hear(code)[0]


def test_an_order_number_of_six_digits_is_no_code(house: Providers) -> None:
    visitor = Visitor(house)
    said = visitor.ask("Waar blijft bestelling 483920?")
    assert "ook de postcode van de bezorging nodig" in said["reply"]
    assert not re.search(r"\bcode\b", said["reply"])
    with house.store.session() as session:
        assert session.scalar(select(func.count()).select_from(OneTimeCode)) == 0


def test_a_person_who_is_erased_leaves_no_codes_or_arrivals_behind(house: Providers) -> None:
    with house.store.session() as session:
        person = a_customer(
            session,
            session.scalars(select(Seller)).one(),
            "P1",
            name="Eva de Wit",
            kind="person",
            email="eva@thuis.example",
        )
        person.contacts[0].addresses.append(Address(channel="sms", value="+31687654321"))
        session.commit()
    house.hear(ASK, "+31687654321")
    with house.store.session() as session:
        assert session.scalar(select(func.count()).select_from(OneTimeCode)) == 1
    erase_person(Erasure(person.id), by="Anna", why="asked for it", store=house.store)
    with house.store.session() as session:
        assert session.scalar(select(func.count()).select_from(OneTimeCode)) == 0
        kept = session.scalars(select(Message)).all()
    assert [message.address for message in kept] == [None] * len(kept)
    assert all("Hoeveel" not in message.text for message in kept)
