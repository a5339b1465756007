"""The chat hears what is said elsewhere as it happens: a person's words, who speaks now, and after a break what it missed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, text, update

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.store.store import Store
from tests.browser.site import ANSWER, application, served
from tests.build import a_customer, a_seller

PERSON_HERE = "Een collega heeft dit gesprek overgenomen"
SOON = 15_000


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def house(store: Store, port: int, seconds: float = 0.0) -> Iterator[str]:
    with served(application(store, seconds=seconds), port) as address:
        yield address


@pytest.fixture
def people(own_store: Store) -> Store:
    with own_store.session() as session:
        a_customer(session, a_seller(session), "C1")
        session.commit()
    return own_store


@contextmanager
def opened(browser: Browser, address: str) -> Iterator[Page]:
    wrong: list[str] = []
    context = browser.new_context(base_url=address, locale="nl-NL")
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto("/?as=C1")
    yield page
    context.close()
    assert wrong == []


def ask(page: Page, words: str) -> None:
    page.get_by_label("Uw bericht").fill(words)
    page.keyboard.press("Enter")


def a_person_says(store: Store, words: str, *, takes_over: bool = False) -> None:
    """As the desk does: the words are stored, and whoever follows the conversation is told."""
    with store.session() as session:
        thread = session.scalars(select(Conversation)).one()
        session.add(
            Message(
                conversation_id=thread.id, direction="out", author="Ilse", channel="chat", text=words, delivery="sent",
                created_at=store.clock.now(),
            )
        )  # fmt: skip
        if takes_over:
            thread.speaker = "agent"
        session.flush()
        session.execute(text("SELECT pg_notify('live_chat', :thread)"), {"thread": str(thread.id)})
        session.commit()


def until_stored(store: Store, page: Page, words: str) -> None:
    for _ in range(SOON // 50):
        with store.session() as session:
            if session.scalar(select(Message.id).where(Message.text == words)) is not None:
                return
        page.wait_for_timeout(50)
    raise AssertionError(f"'{words}' was not stored")


def conversation(page: Page) -> list[str]:
    """Everything that was said after the greeting, from top to bottom."""
    return page.locator(".log .said").all_inner_texts()[1:]


def test_a_persons_words_appear_by_themselves_and_it_is_said_that_a_person_speaks(
    browser: Browser, people: Store, port: int
) -> None:
    with house(people, port) as address, opened(browser, address) as page:
        ask(page, "een")
        expect(page.locator(".from-assistant")).to_have_count(2, timeout=SOON)
        status = page.locator("[data-speaks]")
        expect(status).to_have_attribute("role", "status")
        expect(status).to_be_empty()
        a_person_says(people, "Ik kijk even mee.", takes_over=True)
        expect(page.locator(".from-agent .said")).to_have_text("Ik kijk even mee.", timeout=SOON)
        expect(status).to_contain_text(PERSON_HERE, timeout=SOON)
        expect(page.locator(".log")).to_have_attribute("aria-live", "polite")
        with people.session() as session:
            session.execute(update(Conversation).values(speaker="assistant"))
            session.commit()
        a_person_says(people, "De assistent gaat verder.")
        expect(status).to_be_empty(timeout=SOON)
        expect(page.locator(".from-agent .said")).to_have_count(2, timeout=SOON)
        assert conversation(page) == ["een", ANSWER, "Ik kijk even mee.", "De assistent gaat verder."]


def test_what_a_person_says_while_an_answer_is_on_its_way_stands_where_it_was_said_and_once(
    browser: Browser, people: Store, port: int
) -> None:
    with house(people, port, seconds=1.5) as address, opened(browser, address) as page:
        ask(page, "een")
        expect(page.locator(".from-assistant")).to_have_count(2, timeout=SOON)
        ask(page, "twee")
        until_stored(people, page, "twee")  # and it is being answered
        a_person_says(people, "Ik lees mee.")
        expect(page.locator(".from-assistant")).to_have_count(3, timeout=SOON)
        expect(page.locator(".from-agent .said")).to_have_text("Ik lees mee.", timeout=SOON)
        ask(page, "drie")
        expect(page.locator(".from-assistant")).to_have_count(4, timeout=SOON)
        assert conversation(page) == ["een", ANSWER, "twee", "Ik lees mee.", ANSWER, "drie", ANSWER]
        page.reload()
        expect(page.locator(".from-assistant")).to_have_count(4, timeout=SOON)
        assert conversation(page) == ["een", ANSWER, "twee", "Ik lees mee.", ANSWER, "drie", ANSWER]


def test_after_the_server_was_away_it_goes_on_where_it_stopped_and_nothing_is_there_twice(
    browser: Browser, people: Store, port: int
) -> None:
    with ExitStack() as site:
        first = ExitStack()
        address = first.enter_context(house(people, port))
        page = site.enter_context(opened(browser, address))
        ask(page, "een")
        expect(page.locator(".from-assistant")).to_have_count(2, timeout=SOON)
        a_person_says(people, "Daar ben ik.")
        expect(page.locator(".from-agent")).to_have_count(1, timeout=SOON)
        first.close()
        ask(page, "is er iemand?")
        expect(page.get_by_role("alert")).to_contain_text("Niet verstuurd.")
        a_person_says(people, "Ik was even weg.")
        site.enter_context(house(people, port))
        expect(page.locator(".from-agent")).to_have_count(2, timeout=40_000)
        page.get_by_role("button", name="Probeer opnieuw").click()
        expect(page.locator(".from-assistant")).to_have_count(3, timeout=SOON)
        page.wait_for_timeout(1_000)
        assert conversation(page) == ["een", ANSWER, "Daar ben ik.", "Ik was even weg.", "is er iemand?", ANSWER]
        with people.session() as session:
            asked = session.scalars(select(Message.text).where(Message.direction == "in").order_by(Message.id)).all()
        assert list(asked) == ["een", "is er iemand?"]
