"""Quick answers in the chat: there after a question of ours, gone with the next word, and never in the way of the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from sqlalchemy import select, text, update

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.store.store import Store
from tests.browser.site import ANSWER, Example, application, served
from tests.build import a_customer, a_seller

Open = Callable[..., Page]
OFFERED, GUESSED = "Uw antwoord op het voorstel", "Uw antwoord op de vraag"
SOON = 15_000


@pytest.fixture
def opened(browser: Browser, own_store: Store) -> Iterator[Open]:
    with own_store.session() as session:
        a_customer(session, a_seller(session), "C1")
        session.commit()
    wrong: list[str] = []
    with ExitStack() as site:

        def open_(*, script: bool = True, touch: bool = False, seconds: float = 0.0) -> Page:
            examples = (Example("C1", "Wat moet ik nog betalen?"),)
            address = site.enter_context(served(application(own_store, examples=examples, seconds=seconds)))
            context = browser.new_context(
                base_url=address, java_script_enabled=script, locale="nl-NL", has_touch=touch, is_mobile=touch
            )
            site.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.goto("/?as=C1")
            return page

        yield open_
    assert wrong == []


def ask(page: Page, words: str) -> None:
    page.get_by_label("Uw bericht").fill(words)
    page.keyboard.press("Enter")


def group(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name)


def starters(page: Page) -> Locator:
    return page.get_by_role("button", name="Wat moet ik nog betalen?")


@pytest.mark.parametrize(
    ("words", "label", "buttons"),
    [("een kopie graag", OFFERED, ["Ja, graag", "Nee, laat maar"]), ("hoe zit dat", GUESSED, ["Ja", "Nee"])],
)
def test_a_question_of_ours_can_be_answered_with_one_press(
    opened: Open, own_store: Store, words: str, label: str, buttons: list[str]
) -> None:
    page = opened()
    expect(page.locator("[data-answers]")).to_be_hidden()
    ask(page, words)
    choices = group(page, label)
    expect(choices.get_by_role("button")).to_have_text(buttons)
    expect(starters(page)).to_be_hidden()  # nothing else is suggested meanwhile
    choices.get_by_role("button").first.click()
    expect(page.locator(".from-customer .said").last).to_have_text(buttons[0])
    expect(page.locator(".from-assistant .said").last).to_have_text(ANSWER, use_inner_text=True)
    expect(choices).to_be_hidden()
    expect(starters(page)).to_be_visible()
    with own_store.session() as session:
        heard = list(session.scalars(select(Message.text).where(Message.direction == "in").order_by(Message.id)))
    assert heard == [words, buttons[0]]


def test_they_are_pressed_by_keyboard_and_the_box_has_the_focus_again(opened: Open) -> None:
    page = opened()
    ask(page, "een kopie graag")
    expect(group(page, OFFERED)).to_be_visible()
    expect(page.get_by_label("Uw bericht")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Nee, laat maar")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".from-customer .said").last).to_have_text("Ja, graag")
    expect(page.get_by_label("Uw bericht")).to_be_focused()


def test_on_a_phone_no_keyboard_comes_up_and_the_focus_is_not_lost(opened: Open) -> None:
    page = opened(touch=True)
    ask(page, "een kopie graag")
    page.get_by_role("button", name="Ja, graag").tap()
    expect(page.locator(".from-customer .said").last).to_have_text("Ja, graag")
    expect(page.get_by_role("log")).to_be_focused()


def test_they_are_there_again_after_a_reload(opened: Open) -> None:
    page = opened()
    ask(page, "een kopie graag")
    expect(group(page, OFFERED)).to_be_visible()
    page.reload()
    expect(group(page, OFFERED).get_by_role("button")).to_have_text(["Ja, graag", "Nee, laat maar"])
    page.get_by_role("button", name="Nee, laat maar").click()
    expect(page.locator(".from-customer .said").last).to_have_text("Nee, laat maar")
    expect(page.locator(".from-assistant")).to_have_count(3)
    page.reload()
    expect(page.locator(".from-assistant")).to_have_count(3)
    expect(group(page, OFFERED)).to_be_hidden()


def test_whoever_writes_something_else_is_asked_no_more(opened: Open) -> None:
    page = opened(seconds=0.6)
    ask(page, "een kopie graag")
    expect(group(page, OFFERED)).to_be_visible()
    ask(page, "laat maar, iets anders")
    expect(group(page, OFFERED)).to_be_hidden()
    expect(page.locator(".from-assistant")).to_have_count(3)
    expect(group(page, OFFERED)).to_be_hidden()


def test_what_was_written_before_the_question_came_is_no_answer_to_it(opened: Open) -> None:
    page = opened(seconds=0.6)
    ask(page, "een kopie graag")
    ask(page, "en nog iets")
    expect(page.locator(".from-assistant")).to_have_count(2)
    expect(group(page, OFFERED)).to_be_hidden()
    expect(page.locator(".from-assistant")).to_have_count(3)
    expect(group(page, OFFERED)).to_be_hidden()


def test_a_message_that_was_refused_leaves_the_question_open(opened: Open) -> None:
    page = opened()
    ask(page, "een kopie graag")
    expect(group(page, OFFERED)).to_be_visible()
    ask(page, "\u200b")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(group(page, OFFERED)).to_be_visible()


def test_an_answer_that_did_not_arrive_is_tried_again_and_not_given_twice(opened: Open) -> None:
    page = opened()
    ask(page, "een kopie graag")
    expect(group(page, OFFERED)).to_be_visible()

    def lose(route: Route) -> None:
        route.abort()

    page.route("**/api/chat", lose)
    page.get_by_role("button", name="Ja, graag").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(group(page, OFFERED)).to_be_hidden()
    page.unroute("**/api/chat")
    page.get_by_role("button", name="Probeer opnieuw").click()
    expect(page.locator(".from-assistant")).to_have_count(3)
    expect(page.locator(".from-customer")).to_have_count(2)


def test_while_a_person_speaks_nothing_is_suggested_as_an_answer(opened: Open, own_store: Store) -> None:
    page = opened()
    ask(page, "een kopie graag")
    expect(group(page, OFFERED)).to_be_visible()
    with own_store.session() as session:
        session.execute(update(Conversation).values(speaker="agent"))
        talk = session.scalars(select(Conversation.id)).one()
        session.execute(text("SELECT pg_notify('live_chat', :talk)"), {"talk": str(talk)})
        session.commit()
    expect(group(page, OFFERED)).to_be_hidden(timeout=SOON)
    page.reload()
    expect(page.locator(".from-assistant")).to_have_count(2)
    expect(group(page, OFFERED)).to_be_hidden()


def test_without_script_they_are_part_of_the_form(opened: Open, own_store: Store) -> None:
    page = opened(script=False)
    page.get_by_label("Uw bericht").fill("een kopie graag")
    page.get_by_role("button", name="Versturen").click()
    choices = group(page, OFFERED)
    expect(choices.get_by_role("button")).to_have_text(["Ja, graag", "Nee, laat maar"])
    expect(starters(page)).to_be_hidden()
    choices.get_by_role("button", name="Ja, graag").click()
    expect(page.locator(".from-customer .said").last).to_have_text("Ja, graag")
    expect(group(page, OFFERED)).to_have_count(0)
    expect(starters(page)).to_be_visible()
    with own_store.session() as session:
        assert len(list(session.scalars(select(Conversation.id)))) == 1
