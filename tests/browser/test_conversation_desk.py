"""How a conversation looks to an agent, in a real Chromium: one look at everything, on a wide screen and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from o2c_core.actions.take_over import take_over
from o2c_core.conversations.conversation import Conversation
from o2c_core.store.store import Store
from tests.browser.site import application, served
from tests.build import DAY, a_customer, a_seller, an_invoice, an_order
from tests.web.opened import key_of_somebody
from tests.web.talks import a_talk, answered, called, said
from web.desk.door import COOKIE


@pytest.fixture
def talk(own_store: Store) -> Conversation:
    now = own_store.clock.now()
    with own_store.session() as session:
        jansen = a_customer(session, a_seller(session), "C1001", name="Bakkerij Jansen")
        an_invoice(session, jansen, "INV-2026-0042", total_minor=124050, due_on=DAY - timedelta(days=12))
        an_invoice(session, jansen, "INV-2026-0051", total_minor=60025, due_on=DAY + timedelta(days=9))
        an_order(session, jansen, "SO-1003")
        earlier = a_talk(session, jansen, channel="sms", address="+31611111111")
        said(session, earlier, "we kregen er maar 9 van 12", created_at=now - timedelta(hours=2))
        talk = a_talk(session, jansen)
        asked = said(session, talk, "Wat staat er open?", created_at=now - timedelta(minutes=20))
        answered(
            session, asked, "Op uw account staat in totaal € 1.840,75 open.", created_at=now - timedelta(minutes=20),
            receipts=[{"text": "€ 1.840,75", "source": "account C1001.open at 2026-03-16T10:40:00Z"}],
        )  # fmt: skip
        said(session, talk, "Ik wil iemand spreken over INV-2026-0042", created_at=now - timedelta(minutes=12))
        called(
            session, talk, "disagrees", at=now - timedelta(minutes=12), words="Wij kregen er maar 9", wants=["dispute_invoice", "human"],
            tried=[{"name": "proof_of_delivery", "arguments": {"numbers": ["SO-1003"]}}],
            at_stake=[{"currency": "EUR", "open_minor": 184_075, "overdue_minor": 124_050}],
        )  # fmt: skip
        session.commit()
        return talk


@pytest.fixture
def address(own_store: Store) -> Iterator[str]:
    with served(application(own_store)) as address:
        yield address


def opened(
    browser: Browser, address: str, store: Store, name: str = "Anna", *, width: int = 1280, scheme: str = "light"
) -> Page:
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    context.add_cookies([{"name": COOKIE, "value": key_of_somebody(store, "agent", name), "url": address}])
    return context.new_page()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_everything_an_agent_needs_fits_the_screen(
    browser: Browser, address: str, own_store: Store, talk: Conversation, tmp_path: Path, width: int, scheme: str
) -> None:
    page = opened(browser, address, own_store, width=width, scheme=scheme)
    page.goto(f"/conversations/{talk.id}")
    page.get_by_role("button", name="Take over").click()
    expect(page.locator("#status")).to_contain_text("You have it")
    page.screenshot(path=tmp_path / f"conversation-{width}-{scheme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # What a finger presses is large enough for it.
    for button in page.locator(".reply-box button, .record button:visible").all():
        box = button.bounding_box()
        assert box is None or box["height"] >= 36
    page.context.close()


def test_what_is_typed_is_kept_and_a_colleague_is_seen_typing(
    browser: Browser, address: str, own_store: Store, talk: Conversation
) -> None:
    anna, bram = (opened(browser, address, own_store, name) for name in ("Anna", "Bram"))
    for page in (anna, bram):
        page.goto(f"/conversations/{talk.id}")
    with anna.expect_request("**/keep"):
        anna.get_by_label("Reply by Chat").fill("Ik zoek het uit")
    expect(bram.locator("#status")).to_contain_text("Anna is typing", timeout=20_000)
    anna.reload()
    expect(anna.get_by_label("Reply by Chat")).to_have_value("Ik zoek het uit")
    # A colleague takes it over: it stands on the page by itself, and what is typed stays in the box.
    take_over(talk.id, agent="Carla", store=own_store)
    expect(anna.locator("#status")).to_contain_text("Carla has had this conversation since 12:00.", timeout=20_000)
    expect(anna.get_by_label("Reply by Chat")).to_have_value("Ik zoek het uit")
    for page in (anna, bram):
        page.context.close()


def test_the_newest_words_are_seen_and_the_reply_box_is_near_however_long_the_thread(
    browser: Browser, address: str, own_store: Store, talk: Conversation
) -> None:
    with own_store.session() as session:
        for at in range(40):
            said(session, talk, f"Bericht {at}", created_at=own_store.clock.now() - timedelta(minutes=10))
        session.commit()
    take_over(talk.id, agent="Anna", store=own_store)
    page = opened(browser, address, own_store, width=390)
    page.goto(f"/conversations/{talk.id}")
    # Two screens down from the top at most, instead of forty messages.
    assert page.evaluate("document.querySelector('.reply-box').getBoundingClientRect().top + scrollY") < 2 * 900
    page.locator(".thread-box").scroll_into_view_if_needed()
    assert page.evaluate(
        "document.querySelector('#thread').getBoundingClientRect().bottom"
        " <= document.querySelector('.thread-box').getBoundingClientRect().bottom + 2"
    )
    page.context.close()
