"""The pages on every width: nothing sticks out, nothing is blocked, and lists work by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from o2c_core.store.store import Store
from tests.browser.site import application, served, sign_in
from tests.build import DAY, a_customer, a_dispute, a_seller, an_invoice
from tests.web.letters import a_letter

LONG = (
    "Donaudampfschifffahrtsgesellschaftskapitänswitwenversorgungsanstalt Grundstücksverkehrsgenehmigung GmbH & Co. KG"
)
PAGES = ["/", "/?as=C0", "/?as=visitor", "/outbox", "/outbox?state=failed", "/ledger", "/ledger?q=nobody", "/figures",
         "/inbox?show=all", "/inbox", "/inbox?q=nobody", "/ledger/customers/C0",
         "/ledger/customers/C0?show=cases&on=2026-03-01", "/ledger/money"]  # fmt: skip


@pytest.fixture
def address(own_store: Store) -> Iterator[str]:
    with own_store.session() as session:
        seller = a_seller(session, name=LONG)
        for number in range(4):
            customer = a_customer(session, seller, f"C{number}", name=f"{LONG} {number}", language="de", city=LONG)
            invoice = an_invoice(session, customer, total_minor=1_234_567_890 - number, due_on=DAY - timedelta(days=40))
            a_dispute(session, invoice).description = LONG
            a_letter(session, customer, subject=f"{LONG} {number}")
        session.commit()
    with served(application(own_store)) as found:
        yield found


@pytest.mark.parametrize("width", [1280, 900, 390, 320])
def test_nothing_sticks_out_and_nothing_is_blocked(browser: Browser, address: str, width: int) -> None:
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 800})
    sign_in(context, address)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type in ("error", "warning") else None)
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.goto("/outbox")
    page.locator("[data-rows] a").first.click()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.frame_locator("iframe").get_by_text("Er staat € 125,00 open.")).to_be_visible()
    context.close()
    assert wrong == []


def test_lists_work_by_keyboard(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address)
    sign_in(context, address)
    page = context.new_page()
    page.goto("/outbox")
    rows = page.locator("[data-rows] .row")
    for key, row in (("j", 0), ("j", 1), ("k", 0), ("k", 0)):
        page.keyboard.press(key)
        expect(rows.nth(row)).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("jk 2")
    expect(page.get_by_role("searchbox")).to_have_value("jk 2")
    page.get_by_role("searchbox").fill("Co. KG 2")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="As the customer sees it")).to_be_visible()
    context.close()


def test_figures_open_without_script_and_their_charts_follow_the_style_sheet(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    sign_in(context, address)
    page = context.new_page()
    page.goto("/figures")
    charts = page.get_by_role("img")
    expect(charts).to_have_count(2)
    expect(page.locator(".bar-age-2 .rect")).to_have_css("fill", "rgb(207, 127, 53)")
    formula = page.get_by_text("Open on invoices × 365 ÷ credit sales of the last 365 days", exact=True)
    expect(formula).to_be_hidden()
    page.get_by_text("DSO", exact=True).click()
    expect(formula).to_be_visible()
    context.close()
