"""The chat as people use it: by keyboard, through reloads and lost connections, and without script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import func, select

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.store.store import Store
from tests.browser.site import ANSWER, Example, application, served
from tests.build import a_customer, a_seller

Open = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, own_store: Store) -> Iterator[Open]:
    """Opens a page of a site with one customer; at the end, nothing may have gone wrong in any of them."""
    with own_store.session() as session:
        seller = a_seller(session)
        a_customer(session, seller, "C1")
        a_customer(session, seller, "C2", name="Hart & Sons Ltd", language="en", country="GB")
        session.commit()
    wrong: list[str] = []
    with ExitStack() as site:

        def open_(path: str = "/", *, script: bool = True, **about: float) -> Page:
            address = site.enter_context(
                served(application(own_store, examples=(Example("C1", "Wat moet ik nog betalen?"),), **about))  # type: ignore[arg-type]
            )
            context = browser.new_context(base_url=address, java_script_enabled=script, locale="nl-NL")
            site.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
            page.goto(path)
            return page

        yield open_
    # What a browser says of a request that a test made fail is no mistake of the page.
    assert [line for line in wrong if "Failed to load resource" not in line] == []


def said(store: Store) -> list[tuple[str, str]]:
    """Everything that is stored of what was said, in order."""
    with store.session() as session:
        rows = session.execute(select(Message.author, Message.text).order_by(Message.id))
        return [(author, text) for author, text in rows]


def conversations(store: Store) -> int:
    with store.session() as session:
        return session.scalars(select(func.count()).select_from(Conversation)).one()


def test_a_quick_choice_is_asked_and_its_answer_keeps_its_lines_and_shows_where_it_comes_from(opened: Open) -> None:
    page = opened()
    page.get_by_role("button", name="Wat moet ik nog betalen?").click()
    answer = page.locator(".from-assistant").nth(1)
    expect(answer.locator(".said")).to_have_text(ANSWER, use_inner_text=True)
    expect(page.locator(".from-customer .said")).to_have_text("Wat moet ik nog betalen?")
    receipt = answer.get_by_text("invoice INV-2026-0042 open")
    expect(receipt).to_be_hidden()
    answer.get_by_text("Waar dit vandaan komt").click()
    expect(receipt).to_be_visible()
    expect(receipt).to_contain_text("gelezen")


def test_it_works_by_keyboard_alone(opened: Open, own_store: Store) -> None:
    page = opened()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "text":
            break
    page.keyboard.type("eerste regel")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("tweede regel")
    page.keyboard.press("Enter")
    expect(page.locator(".from-assistant")).to_have_count(2)
    assert said(own_store)[0] == ("customer", "eerste regel\ntweede regel")
    expect(page.get_by_label("Uw bericht")).to_be_focused()
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    page.keyboard.type("   ")
    page.keyboard.press("Enter")
    expect(page.locator(".from-customer")).to_have_count(1)


def test_while_it_looks_something_up_it_says_so(opened: Open) -> None:
    page = opened(seconds=0.5)
    looking = page.locator("[data-looking][role=status]")
    expect(looking).to_be_hidden()
    page.get_by_role("button", name="Wat moet ik nog betalen?").click()
    expect(looking).to_be_visible()
    expect(page.locator(".from-assistant")).to_have_count(2)
    expect(looking).to_be_hidden()


def test_messages_written_quickly_stay_in_one_conversation_and_in_order(opened: Open, own_store: Store) -> None:
    page = opened(seconds=0.2)
    for text in ("een", "twee", "drie"):
        page.get_by_label("Uw bericht").fill(text)
        page.keyboard.press("Enter")
    expect(page.locator(".from-assistant")).to_have_count(4)
    assert [text for author, text in said(own_store) if author == "customer"] == ["een", "twee", "drie"]
    assert conversations(own_store) == 1


def test_a_conversation_survives_a_reload_and_goes_on_and_ends_when_asked(opened: Open, own_store: Store) -> None:
    page = opened()
    page.get_by_label("Uw bericht").fill("een")
    page.keyboard.press("Enter")
    expect(page.locator(".from-assistant")).to_have_count(2)
    page.reload()
    expect(page.locator(".from-assistant")).to_have_count(2)
    expect(page.locator(".from-customer .said")).to_have_text("een")
    page.get_by_label("Uw bericht").fill("twee")
    page.keyboard.press("Enter")
    expect(page.locator(".from-assistant")).to_have_count(3)
    assert conversations(own_store) == 1
    page.get_by_role("link", name="Opnieuw beginnen").click()
    expect(page.locator(".from-customer")).to_have_count(0)


def test_two_customers_of_one_browser_do_not_see_each_others_conversation(opened: Open) -> None:
    page = opened("/?as=C1")
    page.get_by_label("Uw bericht").fill("van C1")
    page.keyboard.press("Enter")
    expect(page.locator(".from-assistant")).to_have_count(2)
    page.get_by_role("link", name="Hart & Sons Ltd").click()
    expect(page.get_by_text("Hello Hart & Sons Ltd.")).to_be_visible()
    expect(page.get_by_text("van C1")).to_have_count(0)
    page.get_by_role("link", name="Bakkerij Jansen").click()
    expect(page.get_by_text("van C1")).to_be_visible()


def test_what_could_not_be_sent_says_so_and_can_be_tried_again(opened: Open, own_store: Store) -> None:
    page = opened()
    page.context.set_offline(True)
    for text in ("een", "twee"):
        page.get_by_label("Uw bericht").fill(text)
        page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_count(2)
    expect(page.get_by_role("alert").first).to_contain_text("Niet verstuurd.")
    page.context.set_offline(False)
    page.reload()
    expect(page.get_by_role("alert")).to_have_count(2)
    page.get_by_role("button", name="Probeer opnieuw").first.click()
    expect(page.locator(".from-assistant")).to_have_count(3)
    expect(page.get_by_role("alert")).to_have_count(0)
    assert [text for author, text in said(own_store) if author == "customer"] == ["een", "twee"]


def test_an_answer_that_was_lost_on_its_way_is_fetched_and_the_question_is_not_asked_twice(
    opened: Open, own_store: Store
) -> None:
    page = opened()

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/api/chat", lose_the_answer)
    page.get_by_label("Uw bericht").fill("een")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Niet verstuurd.")
    page.unroute("**/api/chat")
    page.get_by_role("button", name="Probeer opnieuw").click()
    expect(page.locator(".from-assistant")).to_have_count(2)
    assert said(own_store) == [("customer", "een"), ("assistant", ANSWER)]


def test_a_session_that_has_ended_begins_a_new_one_with_the_same_message(opened: Open, own_store: Store) -> None:
    page = opened()
    page.evaluate("""sessionStorage.setItem("parley-chat:C1", JSON.stringify({token: "of yesterday", waiting: []}))""")
    page.reload()
    page.get_by_label("Uw bericht").fill("een")
    page.keyboard.press("Enter")
    expect(page.locator(".from-assistant")).to_have_count(2)
    assert [text for author, text in said(own_store) if author == "customer"] == ["een"]


def test_what_was_refused_says_why_and_does_not_stand_in_the_way(opened: Open) -> None:
    page = opened()
    # A zero-width character is something to a browser and nothing to a reader.
    page.get_by_label("Uw bericht").fill("\u200b")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("There is no text in that message.")
    page.get_by_label("Uw bericht").fill("een")
    page.keyboard.press("Enter")
    expect(page.locator(".from-assistant")).to_have_count(2)


def test_what_a_person_answers_later_appears_by_itself(opened: Open, own_store: Store) -> None:
    page = opened()
    page.clock.install()
    page.get_by_label("Uw bericht").fill("?!")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Uw bericht is aangekomen.")).to_be_visible()
    with own_store.session() as session:
        thread = session.scalars(select(Conversation)).one()
        session.add(
            Message(
                conversation_id=thread.id,
                direction="out",
                author="Ilse",
                channel="chat",
                text="Ik kijk even mee.",
                delivery="sent",
                created_at=own_store.clock.now(),
            )
        )
        session.commit()
    page.clock.run_for(5_000)
    expect(page.locator(".from-agent .said")).to_have_text("Ik kijk even mee.")
    expect(page.get_by_text("Uw bericht is aangekomen.")).to_have_count(0)


def test_what_people_write_is_only_ever_text(opened: Open) -> None:
    page = opened()
    hostile = "<img src=x onerror=\"document.title='taken'\"> <b>vet</b>"
    page.get_by_label("Uw bericht").fill(hostile)
    page.keyboard.press("Enter")
    expect(page.locator(".from-assistant")).to_have_count(2)
    page.reload()
    expect(page.locator(".from-customer .said")).to_have_text(hostile)
    assert page.title() != "taken"


def test_without_script_the_form_carries_the_conversation_on(opened: Open, own_store: Store) -> None:
    page = opened("/?as=C1", script=False)
    page.get_by_role("button", name="Wat moet ik nog betalen?").click()
    expect(page.locator(".from-assistant").nth(1).locator(".said")).to_have_text(ANSWER, use_inner_text=True)
    page.get_by_label("Uw bericht").fill("En verder?")
    page.get_by_role("button", name="Versturen").click()
    expect(page.get_by_text("En verder?")).to_be_visible()
    assert conversations(own_store) == 1
    assert len(said(own_store)) == 4
