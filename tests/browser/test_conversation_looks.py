"""Conversations on every width, by day and by night, by keyboard and without script."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from o2c_core.conversations.model_call import OUTCOMES, ModelCall
from o2c_core.conversations.proposal import STATES
from o2c_core.store.store import Store
from tests.browser.site import application, served, sign_in
from tests.browser.test_looks import LONG
from tests.browser.test_mail_looks import CONTRAST_MIN, CONTRASTS
from tests.build import MOMENT, a_customer, a_seller, an_invoice
from tests.web.talks import a_talk, answered, called, offered, said


@pytest.fixture
def site(own_store: Store) -> Iterator[tuple[str, str]]:
    """The site's address and the path of a conversation in which everything there can be is as long as it gets."""
    with own_store.session() as session:
        seller = a_seller(session, name=LONG)
        for number, reason in enumerate(("legal_threat", "asked_for_person", "beyond_authority")):
            talk = a_talk(session, a_customer(session, seller, f"C{number}", name=f"{LONG} {number}"), language="de")
            called(session, talk, reason, words=LONG * 4)
        a_talk(session, seller, channel="email", address=f"{'x' * 60}@{'y' * 60}.example")
        customer = a_customer(session, seller, "C9", name=LONG)
        an_invoice(session, customer, total_minor=1_234_567_890)
        full = a_talk(session, customer, language="de", subject=LONG)
        asked = said(session, full, LONG * 3)
        stakes = [{"currency": code, "open_minor": 10**12, "overdue_minor": 10**11} for code in ("EUR", "GBP")]
        called(
            session, full, "angry", words=LONG * 4, wants=["dispute_invoice"] * 6, mood=["angry", "worried"],
            at_stake=stakes, tried=[{"name": "list_open_invoices", "arguments": {"numbers": ["9" * 40] * 3}}],
            summary=LONG, facts=[{"text": LONG, "source": f"invoice {LONG} at 2026-03-16T11:00:00Z"}],
        ).why = LONG  # fmt: skip
        answer = answered(
            session, asked, LONG * 2, receipts=[{"text": LONG, "source": f"{LONG} at 2026-03-16T11:00:00Z"}],
            understanding={"intents": ["complaint"], "tools": [{"name": "log_complaint", "arguments": {"number": LONG}}]},
        )  # fmt: skip
        for state in STATES:
            offered(session, answer, state=state, outcome={"number": "C-1234567"})
        for outcome in OUTCOMES:
            session.add(
                ModelCall(
                    conversation_id=full.id, message_id=asked.id, model="provider/" + "m" * 70, outcome=outcome,
                    why="x" * 90, tokens_in=10**6, tokens_out=10**5, cost_micro=10**9, milliseconds=30_000, at=MOMENT,
                )
            )  # fmt: skip
        said(session, full, LONG, direction="out", author=LONG, delivery="sent")
        session.commit()
        path = f"/conversations/{full.id}"
    with served(application(own_store)) as address:
        yield address, path


@pytest.mark.parametrize("width", [1280, 900, 390, 320])
def test_nothing_sticks_out_and_nothing_is_blocked(browser: Browser, site: tuple[str, str], width: int) -> None:
    address, full = site
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 800})
    sign_in(context, address)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type in ("error", "warning") else None)
    for path in ("/inbox?show=all", "/inbox", "/inbox?show=agent", full):
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        # Nor is anything cut off or scrolled sideways within the page, except where that is meant.
        inside = "[...document.querySelectorAll('main section, main aside, main article, main .sheet')]"
        wide = page.evaluate(f"{inside}.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.className)")
        assert wide == [] or (width == 900 and wide == ["sheet"]), (path, wide)
    context.close()
    assert wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read_by_day_and_by_night(
    browser: Browser, site: tuple[str, str], scheme: Literal["light", "dark"]
) -> None:
    address, full = site
    context = browser.new_context(base_url=address, color_scheme=scheme)
    sign_in(context, address)
    page = context.new_page()
    for path in ("/inbox?show=all", full):
        page.goto(path)
        found = page.evaluate(CONTRASTS)
        assert len(found) > 20
        assert [(said_, contrast) for said_, contrast in found if contrast < CONTRAST_MIN] == [], path
    context.close()


def test_the_list_works_by_keyboard_and_leads_to_the_conversation(browser: Browser, site: tuple[str, str]) -> None:
    context = browser.new_context(base_url=site[0])
    sign_in(context, site[0])
    page = context.new_page()
    page.goto("/inbox?show=all")
    rows = page.locator("[data-rows] .row")
    for key, row in (("j", 0), ("j", 1), ("k", 0)):
        page.keyboard.press(key)
        expect(rows.nth(row)).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search people, numbers and words")).to_be_focused()
    page.keyboard.type("C1")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(page.get_by_role("link", name="Waiting 1")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Asked for a person")).to_be_visible()
    context.close()


def test_a_conversation_opens_its_receipts_without_script(browser: Browser, site: tuple[str, str]) -> None:
    context = browser.new_context(base_url=site[0], java_script_enabled=False)
    sign_in(context, site[0])
    page = context.new_page()
    page.goto(site[1])
    receipts = page.locator("#thread details.receipts:not(.asked)").last
    expect(receipts.locator(".source")).to_be_hidden()
    receipts.locator("summary").click()
    expect(receipts.locator(".source")).to_be_visible()
    # A provider that failed is not hidden behind a press.
    expect(page.get_by_text("did not answer in time")).to_be_visible()
    levels = [int(one.evaluate("e => e.tagName[1]")) for one in page.get_by_role("heading").all()]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    context.close()
