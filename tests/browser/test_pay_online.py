"""A customer pays on a phone: from the link in a message to the provider's page on another host, and back to thanks."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from channels.captured_payments import CapturedPayments, captured_pages
from channels.payment_door import payment_router
from o2c_core.actions.deliver_message import deliver_message
from o2c_core.actions.inform_customers import inform_customers
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.clock import MovableClock
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.conversations.pay_links import Payable, pay_url
from o2c_core.store.store import Store
from tests.browser.site import served
from tests.browser.test_customer_looks import CONTRAST, STRUCTURE
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.channels.paying import booked, left_open
from tests.flows.reminding import CARRIERS
from web.pay import pay_pages, words_in
from web.pay_state import pay_state_pages
from web.static_files import static_files

KEY = "key of the tests"
PHONE = {"width": 390, "height": 844}
WORDS = words_in("nl")


@dataclass
class Site:
    """Our address, the doorplate with it on, and a link to pay INV-1 (125.00, late), INV-2 and INV-3."""

    address: str
    plate: Doorplate
    links: dict[str, str]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def site(own_store: Store, clock: MovableClock) -> Iterator[Site]:
    ours, theirs = free_port(), free_port()
    plate = Doorplate(KEY, f"http://127.0.0.1:{ours}")
    clock.move(timedelta(hours=11))
    links = {}
    with own_store.session() as session:
        for language in ("nl", "en", "de", "fr"):
            customer = a_customer(session, a_seller(session, f"s-{language}"), f"C-{language}", language=language)
            bills = [
                an_invoice(session, customer, f"INV-{at}", total_minor=minor, due_on=DAY + timedelta(days=days))
                for at, minor, days in ((1, 12_500, -7), (2, 124_050, 3), (3, 900, 9))
            ]
            session.flush()
            payable = Payable("EUR", customer.id, tuple(bill.id for bill in bills))
            links[language] = str(pay_url(plate, payable, clock.now()))
        session.commit()
    provider = CapturedPayments(KEY, page_url=f"http://127.0.0.1:{theirs}", clock=clock)
    app, other = FastAPI(), FastAPI()
    app.include_router(pay_pages(store=own_store, doorplate=plate, provider=provider))
    app.include_router(pay_state_pages(store=own_store, doorplate=plate))
    app.include_router(payment_router(store=own_store, providers=[provider]))
    app.mount("/static", static_files())
    other.include_router(captured_pages(KEY))
    with ExitStack() as open_:
        address = open_.enter_context(served(app, ours))
        open_.enter_context(served(other, theirs))
        yield Site(address, plate, links)


def phone(browser: Browser, **wanted: object) -> Page:
    return browser.new_context(viewport=PHONE, **wanted).new_page()  # type: ignore[arg-type]


@pytest.mark.parametrize("has_script", [True, False])
def test_a_customer_pays_on_a_phone_and_is_thanked_instead_of_reminded(
    browser: Browser, site: Site, own_store: Store, clock: MovableClock, has_script: bool
) -> None:
    run_reminders(DAY, store=own_store, doorplate=site.plate)
    inform_customers(store=own_store, doorplate=site.plate)
    page = phone(browser, java_script_enabled=has_script)
    page.goto(site.links["nl"])
    page.get_by_role("checkbox", name="INV-2").uncheck()
    page.get_by_role("checkbox", name="INV-3").uncheck()
    page.get_by_role("button", name=WORDS["pay_now"]).click()
    expect(page.get_by_text("Hier gaat geen geld om")).to_be_visible()
    assert not page.url.startswith(site.address)
    expect(page.get_by_text("125,00")).to_be_visible()
    page.get_by_role("button", name="Zeg dat er betaald is").click()
    expect(page.get_by_role("heading", name=WORDS["paid_title"])).to_be_visible()
    assert page.url.startswith(site.address)
    page.context.close()

    for _ in range(2):
        inform_customers(store=own_store, doorplate=site.plate)
        clock.move(timedelta(hours=10))
    with own_store.session() as session:
        assert booked(session) == [12_500]
        said = session.scalars(select(Message).where(Message.direction == "out")).all()
        reminders = [one for one in said if one.purpose == "reminder"]
        thanks = [one for one in said if one.purpose != "reminder"]
    (withdrawn,) = [one for one in reminders if one.delivery == "withdrawn"]
    (thank,) = thanks
    assert deliver_message(thank.id, store=own_store, carriers=CARRIERS, doorplate=site.plate) == "sent"
    assert deliver_message(withdrawn.id, store=own_store, carriers=CARRIERS, doorplate=site.plate) == "withdrawn"
    assert "125,00" in thank.text


def test_going_back_without_paying_books_nothing_and_offers_to_choose_again(
    browser: Browser, site: Site, own_store: Store
) -> None:
    page = phone(browser)
    page.goto(site.links["en"])
    page.get_by_label("Pay a part").fill("10")
    page.get_by_role("button", name="Pay online").click()
    expect(page.get_by_text("10.00")).to_be_visible()
    page.get_by_role("button", name="Go back without paying").click()
    expect(page.get_by_role("heading", name="Not paid")).to_be_visible()
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", name="Pay what is open")).to_be_visible()
    page.context.close()
    with own_store.session() as session:
        assert booked(session) == []
        assert left_open(session)["INV-1"] == 12_500


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_is_legible_fits_and_makes_sense_unseen(browser: Browser, site: Site, scheme: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    for language, url in site.links.items():
        for query in ("", "?chosen=yes&invoice=INV-2&amount=5000"):
            page.goto(url + query)
            assert page.evaluate(CONTRAST) == [], language
            assert page.evaluate(STRUCTURE) == [], language
            assert page.evaluate("document.documentElement.scrollWidth") <= width, language
            small = page.evaluate(
                "[...document.querySelectorAll('button')].filter((b) => b.clientHeight < 42 && b.clientHeight).length"
            )
            assert small == 0
    context.close()
