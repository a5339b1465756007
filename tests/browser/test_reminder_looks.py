"""The pages of reminders and rules in a real browser: decisions as finance makes them, on a phone, legible to everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from sqlalchemy import select

from o2c_core.actions.run_escalations import run_escalations
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.store.store import Store
from tests.browser.site import Site, application, served
from tests.browser.test_customer_looks import CONTRAST, STRUCTURE
from tests.browser.test_looks import LONG
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.o2c_core.escalations.ruling import a_rule, in_force
from tests.stores.drafts import drafts
from tests.web.opened import key_of_somebody
from web.desk.door import COOKIE


@pytest.fixture
def site(own_store: Store) -> Iterator[Site]:
    """Four reminders wait; one is to the longest name there is, and none of them may be lost from a small screen."""
    with own_store.session() as session:
        seller = a_seller(session)
        for number, name in enumerate(("Bakkerij Jansen", "Hart & Sons", LONG, "Zwart")):
            customer = a_customer(session, seller, f"C{number}", name=name, email=f"c{number}@x.example", language="nl")
            an_invoice(session, customer, f"F-{number}", total_minor=24_999_999, due_on=DAY - timedelta(days=14))
        a_customer(session, seller, "C9", name="Without address", email=None)
        an_invoice(session, session.scalars(select(Customer).where(Customer.ref == "C9")).one(), "F-9",
                   due_on=DAY - timedelta(days=14))  # fmt: skip
        session.commit()
        in_force(a_rule(), own_store, seller)
        in_force(a_rule(name="tried", title=LONG), own_store, seller, "trial")
        run_escalations(store=own_store)
        first = drafts(own_store, session)[0]
        pages = (
            "/reminders", f"/reminders/{first.id}", "/reminders/ahead", "/rules", "/rules?try=tried",
            "/ledger/customers/C0?seller=vandijk&why=2026-03-16", "/outbox", "/outbox/tasks", "/reminders/nothing",
        )  # fmt: skip
    with served(application(own_store)) as address:
        yield Site(address, own_store, pages)


def signed_in(browser: Browser, site: Site, **options: Any) -> BrowserContext:
    """A browser in which Mira of finance is signed in."""
    context = browser.new_context(base_url=site.address, **options)
    key = key_of_somebody(site.store, "finance", "Mira")
    context.add_cookies([{"name": COOKIE, "value": key, "url": site.address}])
    return context


def deliveries(store: Store) -> dict[str, tuple[str | None, str | None]]:
    with store.session() as session:
        found = session.scalars(select(Message).where(Message.purpose == "reminder"))
        return {str(one.subject).rpartition("F-")[2][:1]: (one.delivery, one.approved_by) for one in found}


def test_some_are_approved_at_once_one_is_put_otherwise_and_one_is_left_out(browser: Browser, site: Site) -> None:
    context = signed_in(browser, site, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto("/reminders")
    expect(page.get_by_role("heading", level=1)).to_contain_text("4 reminders to approve")
    for name in ("Bakkerij Jansen", "Hart & Sons"):
        page.get_by_label(f"Approve the reminder to {name}").check()
    page.get_by_role("button", name="Approve what is ticked").click()
    expect(page.get_by_role("status")).to_contain_text("2 reminders approved.")

    page.get_by_role("link", name="Zwart").click()
    edit = page.locator("form", has=page.get_by_role("heading", name="Say it otherwise"))
    edit.get_by_label("What it asks").fill("Belt u ons even over EUR 99,99?")
    edit.get_by_role("button", name="Keep these words").click()
    expect(page.locator(".outcome-bad")).to_be_visible()  # a figure that is not this message's own
    edit.get_by_label("What it asks").fill("Belt u ons even?")
    edit.get_by_role("button", name="Keep these words").click()
    expect(page.get_by_role("status")).to_contain_text("Kept.")
    expect(page.frame_locator("iframe").get_by_text("Belt u ons even?")).to_be_visible()

    page.goto("/reminders")
    page.get_by_role("link", name=LONG).click()
    skip = page.locator("form", has=page.get_by_role("heading", name="Leave this step out"))
    skip.get_by_role("button", name="Skip it").click()
    expect(page.get_by_role("heading", name="Leave this step out")).to_be_visible()  # without a reason it stays
    skip.get_by_label("Why").fill("I speak to them this afternoon")
    skip.get_by_role("button", name="Skip it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 reminder to approve")
    context.close()
    found = deliveries(site.store)
    assert {found[one] for one in "01"} == {("queued", "Mira")}
    assert (found["2"], found["3"]) == (("withdrawn", None), ("draft", None))


def test_the_pages_fit_a_phone_and_the_tab_of_the_page_is_in_view(browser: Browser, site: Site) -> None:
    wrong: list[str] = []
    for width in (390, 320, 1280):
        context = signed_in(browser, site, viewport={"width": width, "height": 844})
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        for path in site.pages:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            # The other tabs are scrolled to, within their own row.
            here = page.locator(".tabs [aria-current]")
            expect(here).to_be_in_viewport(ratio=1)
            assert (
                page.evaluate("getComputedStyle(document.querySelector('.tabs')).overflowX") == "auto" or width > 1180
            )
        context.close()
    assert wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_is_legible_and_the_pages_make_sense_unseen(browser: Browser, site: Site, scheme: str) -> None:
    context = signed_in(browser, site, color_scheme=scheme)
    page = context.new_page()
    for path in site.pages:
        page.goto(path)
        assert page.evaluate(CONTRAST) == [], path
        assert page.evaluate(STRUCTURE) == [], path
    context.close()
