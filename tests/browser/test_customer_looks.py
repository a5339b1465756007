"""The pages about a customer in a real browser: by keyboard, without script, in print, and legible to everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from o2c_core.store.store import Store
from tests.browser.site import application, served, sign_in
from tests.browser.test_looks import LONG
from tests.build import DAY, MOMENT, a_customer, a_dispute, a_payment, a_seller, an_invoice, an_order
from tests.stores.bank_money import a_transaction
from tests.stores.test_timeline import a_full_history
from tests.web.letters import a_letter

CUSTOMER = "/ledger/customers/C1?seller=vandijk"
PAGES = [CUSTOMER, f"{CUSTOMER}&show=payments&on=2026-03-16", "/ledger/money", "/ledger/customers/C2", "/ledger"]

# Every piece of text against what is behind it, by the formula of WCAG 2.2 (success criterion 1.4.3).
CONTRAST = """() => {
  const light = (c) => { const v = c / 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
  const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => .2126 * light(r) + .7152 * light(g) + .0722 * light(b);
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const found = numbers(getComputedStyle(at).backgroundColor);
      if (found.length < 4 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const poor = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !one.checkVisibility()) continue;
    const a = luminance(numbers(getComputedStyle(one).color)), b = luminance(behind(one));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.push(`${walker.currentNode.data.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return poor;
}"""

# What somebody who does not see the page needs: one heading of each next level, names for what can be used, no id twice.
STRUCTURE = """() => {
  const wrong = [];
  const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map((one) => Number(one.tagName[1]));
  if (levels.filter((level) => level === 1).length !== 1) wrong.push("not one h1");
  levels.forEach((level, at) => { if (level > (levels[at - 1] ?? 0) + 1) wrong.push(`h${level} after h${levels[at - 1]}`); });
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  ids.forEach((id, at) => { if (ids.indexOf(id) !== at) wrong.push(`id ${id} twice`); });
  for (const one of document.querySelectorAll("[aria-labelledby]"))
    if (!document.getElementById(one.getAttribute("aria-labelledby"))) wrong.push(`no ${one.getAttribute("aria-labelledby")}`);
  for (const one of document.querySelectorAll("a, button, summary"))
    if (!one.textContent.trim() && !one.ariaLabel) wrong.push(`nameless ${one.outerHTML.slice(0, 60)}`);
  for (const one of document.querySelectorAll("input:not([type=hidden]), select"))
    if (!one.labels.length && !one.ariaLabel) wrong.push(`unlabelled ${one.outerHTML.slice(0, 60)}`);
  for (const one of document.querySelectorAll("th")) if (!one.scope) wrong.push("th without scope");
  for (const one of document.querySelectorAll("ul > :not(li), ol > :not(li)")) wrong.push(`in a list: ${one.tagName}`);
  return wrong;
}"""


@pytest.fixture
def site(own_store: Store) -> Iterator[tuple[str, str]]:
    """Where the pages are served, and where a customer's message is among them."""
    with own_store.session() as session:
        seller = a_seller(session)
        customer = a_customer(session, seller, "C1", segment="key_account", credit_limit_minor=5_000, city=LONG)
        customer.contacts[0].addresses[0].failed_at = MOMENT
        a_customer(session, seller, "C2", name=LONG)
        a_full_history(session, customer)
        late = an_invoice(session, customer, "INV-2026-0042", due_on=DAY - timedelta(days=40))
        a_dispute(session, late, 4_500).description = LONG
        a_payment(session, late, 100, DAY - timedelta(days=1))
        for number in range(35):
            an_order(session, customer, f"SO-{number:03}", ordered_on=DAY - timedelta(days=50 + number))
        letter = a_letter(session, customer, direction="in", author="customer", text=LONG, subject=None, html=None)
        a_transaction(session, seller, 12_300, f"INV-2026-0042 {LONG} {'9' * 60}")
        session.commit()
        message = f"/ledger/messages/{letter.id}"
    with served(application(own_store)) as found:
        yield found, message


@pytest.fixture
def address(site: tuple[str, str]) -> str:
    return site[0]


def pages_of(browser: Browser, site: tuple[str, str], **wanted: object) -> Iterator[tuple[str, Page]]:
    context = browser.new_context(base_url=site[0], **wanted)  # type: ignore[arg-type]
    sign_in(context, site[0])
    page = context.new_page()
    for path in [*PAGES, site[1]]:
        answer = page.goto(path)
        assert answer is not None
        assert answer.ok, path
        yield path, page
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_is_legible_and_the_pages_make_sense_unseen(
    browser: Browser, site: tuple[str, str], scheme: str
) -> None:
    for path, page in pages_of(browser, site, color_scheme=scheme):
        assert page.evaluate(CONTRAST) == [], path
        assert page.evaluate(STRUCTURE) == [], path


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_nothing_sticks_out(browser: Browser, site: tuple[str, str], width: int) -> None:
    for path, page in pages_of(browser, site, viewport={"width": width, "height": 800}):
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        # A column that is squeezed to one letter a line fits as well.
        heights = "[...document.querySelectorAll('td')].map((one) => [one.clientWidth, one.textContent.trim().length])"
        assert [cell for cell in page.evaluate(heights) if cell[1] > 6 and cell[0] < 40] == [], path


def test_it_works_without_script(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    sign_in(context, address)
    page = context.new_page()
    page.goto("/ledger")
    page.get_by_role("link", name="Bakkerij Jansen").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bakkerij Jansen")
    page.get_by_label("As it stood on").fill((DAY - timedelta(days=2)).isoformat())
    page.get_by_role("button", name="Show that day").click()
    expect(page.get_by_role("heading", name="Balance at the end of 14 mrt 2026")).to_be_visible()
    page.get_by_role("link", name="Back to today").click()
    expect(page.get_by_role("heading", name="Balance today")).to_be_visible()
    page.get_by_role("link", name="Orders", exact=True).click()
    events = page.locator(".event")
    expect(events).to_have_count(30)
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_text("Order SO-034 placed")).to_be_visible()
    page.get_by_role("link", name="Newest").click()
    expect(events).to_have_count(30)
    page.get_by_role("link", name="Everything").click()
    page.get_by_role("link", name="read it").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    context.close()


def test_it_works_by_keyboard(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address)
    sign_in(context, address)
    page = context.new_page()
    page.goto("/ledger")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bakkerij Jansen")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Payments":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**show=payments*")
    expect(page.locator(".of-payments")).not_to_have_count(0)
    context.close()


def test_in_print_it_is_the_account_without_the_buttons(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address)
    sign_in(context, address)
    page = context.new_page()
    page.goto(CUSTOMER)
    page.emulate_media(media="print")
    for hidden in (".choose", ".filter", ".doors", ".back"):
        expect(page.locator(hidden).first).to_be_hidden()
    for shown in ("Balance today", "Open invoices", "Being dealt with", "Timeline"):
        expect(page.get_by_role("heading", name=shown)).to_be_visible()
    context.close()
