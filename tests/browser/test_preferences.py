"""The preferences page in a real browser: legible, by keyboard, without script, on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.preference_links import preferences_url, unsubscribe_url
from o2c_core.customers.contact import Address
from o2c_core.store.store import Store
from tests.browser.site import served
from tests.browser.test_customer_looks import CONTRAST, STRUCTURE
from tests.build import a_customer, a_seller
from web.preferences import preference_pages
from web.static_files import static_files

PLATE = Doorplate("key of the tests", "http://here")
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


@pytest.fixture
def site(own_store: Store) -> Iterator[tuple[str, list[str]]]:
    """Where it is served, and its pages: choosing in four languages and with long names, leaving, and a link that is gone."""
    paths = []
    with own_store.session() as session:
        for number, language in enumerate(["en", "nl", "de", "fr", "de"]):
            name = LONG if number == 4 else "Van Dijk Groothandel"
            customer = a_customer(session, a_seller(session, f"s{number}", name=name), "C1", language=language)
            contact = customer.contacts[0]
            contact.addresses.append(Address(channel="sms", value="+31612345678"))
            if number == 4:
                contact.addresses.append(Address(channel="email", value=f"a@{LONG.lower()}.example"))
            session.flush()
            for link in (preferences_url, unsubscribe_url):
                url = link(PLATE, contact_id=contact.id, channel="email", address="ap@jansen.example")
                assert url is not None
                paths.append(url.removeprefix("http://here"))
        session.commit()
    app = FastAPI()
    app.include_router(preference_pages(store=own_store, doorplate=PLATE))
    app.mount("/static", static_files())
    with served(app) as address:
        yield address, [*paths, "/preferences/forged"]


def opened(browser: Browser, site: tuple[str, list[str]], **wanted: object) -> Iterator[tuple[str, Page]]:
    context = browser.new_context(base_url=site[0], **wanted)  # type: ignore[arg-type]
    page = context.new_page()
    for path in site[1]:
        page.goto(path)
        yield path, page
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_is_legible_and_the_pages_make_sense_unseen(
    browser: Browser, site: tuple[str, list[str]], scheme: str
) -> None:
    for path, page in opened(browser, site, color_scheme=scheme):
        assert page.evaluate(CONTRAST) == [], path
        assert page.evaluate(STRUCTURE) == [], path


@pytest.mark.parametrize("width", [1280, 375, 320])
def test_nothing_sticks_out_and_everything_is_big_enough_to_touch(
    browser: Browser, site: tuple[str, list[str]], width: int
) -> None:
    for path, page in opened(browser, site, viewport={"width": width, "height": 800}):
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        heights = page.evaluate("[...document.querySelectorAll('button, .switch')].map((one) => one.clientHeight)")
        assert [height for height in heights if height < 42] == [], path


def test_it_works_without_script(browser: Browser, site: tuple[str, list[str]]) -> None:
    context = browser.new_context(base_url=site[0], java_script_enabled=False)
    page = context.new_page()
    page.goto(site[1][0])
    page.get_by_role("checkbox", name="Payment reminders").first.uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Payment reminders by email: off")
    expect(page.get_by_role("checkbox", name="Payment reminders").first).not_to_be_checked()
    page.goto(site[1][0])
    expect(page.get_by_role("checkbox", name="Payment reminders").first).not_to_be_checked()
    page.goto(site[1][3])
    page.get_by_role("button", name="Stoppen per e-mail").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vastgelegd: Betalingsherinneringen zijn gestopt")
    page.get_by_role("link", name="Per kanaal kiezen").click()
    expect(page.get_by_role("checkbox", name="Betalingsherinneringen").first).not_to_be_checked()
    context.close()


def test_it_works_by_keyboard(browser: Browser, site: tuple[str, list[str]]) -> None:
    context = browser.new_context(base_url=site[0])
    page = context.new_page()
    page.goto(site[1][0])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Tab")
    first = page.get_by_role("checkbox", name="Payment reminders").first
    expect(first).to_be_focused()
    page.keyboard.press("Space")
    expect(first).not_to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("off")
    context.close()
