"""The inbox in a browser: live, by keyboard, and without a row moving from under a hand."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from o2c_core.actions.call_person import call_person
from o2c_core.actions.receive_message import Incoming, receive_message
from o2c_core.conversations.conversation import Conversation
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store
from tests.browser.site import application, served
from tests.build import a_customer, a_seller
from tests.conftest import NOON
from tests.web.opened import key_of_somebody
from tests.web.talks import a_talk, called, said
from web.desk.door import COOKIE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


# What stands out of the page to the right and is not in something that is pushed aside.
WIDER = """[...document.querySelectorAll("main *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1
    && !one.closest(".choose, .picks, .tools")).map((one) => one.outerHTML.slice(0, 80))"""


def waits(session: Session, seller_id: UUID, name: str, minutes: int) -> Conversation:
    talk = a_talk(session, a_customer(session, session.get_one(Seller, seller_id), name=name))
    said(session, talk, f"Hier is {name}")
    called(session, talk, "angry", at=NOON - timedelta(minutes=minutes))
    session.commit()
    return talk


def names(page: Page) -> list[str]:
    return page.locator("[data-rows] .row").all_inner_texts()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_inbox_is_live(browser: Browser, own_store: Store, width: int) -> None:
    store = own_store
    with store.session() as session:
        seller_id = a_seller(session).id
        first = waits(session, seller_id, "First", 60).id
        waits(session, seller_id, "Second", 30)
    key = key_of_somebody(store, "agent", "Anna")
    with served(application(store)) as url:
        context = browser.new_context(base_url=url, viewport={"width": width, "height": 800})
        context.add_cookies([{"name": COOKIE, "value": key, "url": url}])
        page = context.new_page()
        broken: list[str] = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto("/inbox")
        assert page.title().startswith("(2) Inbox")
        assert names(page) == ["First", "Second"]
        page.wait_for_timeout(500)  # until it listens

        # Somebody who is late already comes on top, at once.
        with store.session() as session:
            waits(session, seller_id, "Third", 90)
        page.get_by_role("link", name="Third").wait_for(timeout=2_000)
        assert names(page) == ["Third", "First", "Second"]
        page.locator('[data-count="waiting"]', has_text="3").wait_for(timeout=2_000)
        assert page.title().startswith("(3) Inbox")

        # Whoever is in the list is told that there is more, and no row moves until they leave it or ask for it.
        page.keyboard.press("j")
        with store.session() as session:
            waits(session, seller_id, "Fourth", 100)
        fresh = page.get_by_role("button", name="1 new")
        fresh.wait_for(timeout=2_000)
        assert names(page) == ["Third", "First", "Second"]
        fresh.click()
        assert names(page) == ["Fourth", "Third", "First", "Second"]

        # A row is assigned by a key, ticked or not, and says so; done takes it away.
        page.locator(f"#c-{first} .row").focus()
        page.keyboard.press("a")
        page.get_by_text("1 is yours now.").wait_for(timeout=2_000)
        page.locator(f"#c-{first} .own-cell", has_text="Anna").wait_for(timeout=2_000)
        page.locator(f"#c-{first} .row").focus()
        page.keyboard.press("e")
        page.get_by_text("1 is done.").wait_for(timeout=2_000)
        page.keyboard.press("/")
        page.locator(f"#c-{first}").wait_for(state="detached", timeout=3_000)
        assert page.evaluate("document.activeElement.id") == "q"
        page.keyboard.press("Escape")
        assert page.evaluate(WIDER) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert broken == []
        context.close()
    with store.session() as session:
        assert session.get_one(Conversation, first).state == "closed"


def test_the_keys_are_told_and_nothing_is_pressed_while_somebody_types(browser: Browser, own_store: Store) -> None:
    store = own_store
    with store.session() as session:
        seller_id = a_seller(session).id
        session.commit()
    talk = receive_message(Incoming(seller_id, "chat", "Hallo"), store=store).conversation.id
    call_person(talk, "angry", store=store)
    key = key_of_somebody(store, "agent", "Anna")
    with served(application(store)) as url:
        context = browser.new_context(base_url=url)
        context.add_cookies([{"name": COOKIE, "value": key, "url": url}])
        page = context.new_page()
        page.goto("/inbox")
        page.keyboard.press("?")
        page.get_by_role("dialog", name="Keys").wait_for(timeout=2_000)
        page.keyboard.press("e")
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        page.keyboard.type("aesj")
        assert page.locator("#q").input_value() == "aesj"
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Nothing found").wait_for(timeout=5_000)
        context.close()
    with store.session() as session:
        assert session.get_one(Conversation, talk).state == "waiting"
