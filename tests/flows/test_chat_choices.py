"""Quick answers in the chat: offered where the assistant asks for a word, understood when pressed, gone when a person speaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.application import make_application
from app.settings import Settings
from bot.assistant import Assistant
from bot.embedded.yes_no import yes_or_no
from bot.turn import House
from channels.web_chat import ChatTokens
from channels.web_chat import Session as ChatSession
from o2c_core.actions.hand_back import hand_back
from o2c_core.actions.take_over import take_over
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.customer import LANGUAGES
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller, an_invoice
from web.wording import words_in

KEY = "a-key-for-tests"
COPY = "Kunt u mij een kopie van factuur INV-2026-0042 mailen?"


@pytest.fixture
def client(own_store: Store) -> Iterator[TestClient]:
    with own_store.session() as session:
        jansen = a_customer(session, a_seller(session), "C1001")
        an_invoice(session, jansen, "INV-2026-0042", total_minor=124050)
        session.commit()
        token = ChatTokens(KEY).sign(ChatSession(jansen.seller_id, jansen.id))
    settings = Settings(secret=KEY, demo=False, _env_file=None)
    with TestClient(make_application(House(own_store, lambda: None, Assistant()), settings)) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def ask(client: TestClient, text: str, **more: str) -> dict[str, Any]:
    said: dict[str, Any] = client.post("/api/chat", json={"text": text} | more).json()
    client.headers["Authorization"] = f"Bearer {said['session']}"
    return said


def last_choices(client: TestClient) -> str | None:
    """Of the last message; none of those before it may have any."""
    messages = client.get("/api/chat").json()["messages"]
    assert {message["choices"] for message in messages[:-1]} <= {None}
    choices: str | None = messages[-1]["choices"]
    return choices


def proposals(store: Store) -> list[str]:
    with store.session() as session:
        return list(session.scalars(select(Proposal.state).order_by(Proposal.id)))


@pytest.mark.parametrize(("pressed", "became"), [(0, "done"), (1, "declined")])
def test_an_offer_is_agreed_to_or_declined_with_the_words_of_its_button(
    client: TestClient, own_store: Store, pressed: int, became: str
) -> None:
    offered = ask(client, COPY, message_id="m1")
    assert (offered["choices"], last_choices(client)) == ("offer", "offer")
    assert proposals(own_store) == ["open"]
    settled = ask(client, words_in("nl")["choices"]["offer"]["say"][pressed])
    assert (settled["choices"], last_choices(client)) == (None, None)
    assert proposals(own_store) == [became]


def test_a_message_that_is_sent_again_brings_the_same_choices(client: TestClient) -> None:
    token = client.headers["Authorization"]
    assert ask(client, COPY, message_id="m1")["choices"] == "offer"
    client.headers["Authorization"] = token
    assert ask(client, COPY, message_id="m1")["choices"] == "offer"


def test_a_plain_answer_brings_no_choices(client: TestClient) -> None:
    assert ask(client, "Wat moet ik nog betalen?")["choices"] is None
    assert last_choices(client) is None


def test_while_a_person_speaks_there_are_none(client: TestClient, own_store: Store) -> None:
    ask(client, COPY)
    with own_store.session() as session:
        talk = session.scalars(select(Conversation.id)).one()
    take_over(talk, agent="Ilse", store=own_store)
    assert last_choices(client) is None
    hand_back(talk, agent="Ilse", store=own_store)
    assert last_choices(client) is None  # what was offered lapsed when a person took over


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["offer", "guess"])
def test_the_words_of_the_buttons_are_a_yes_and_a_no(language: str, kind: str) -> None:
    assert [yes_or_no(said) for said in words_in(language)["choices"][kind]["say"]] == ["yes", "no"]
