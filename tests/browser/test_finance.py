"""Finance at work in a real browser: signs in, lets reminders go, leaves one out, puts one otherwise, places money."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from sqlalchemy import select

from o2c_core.actions.match_money import match_waiting
from o2c_core.conversations.message import Message
from o2c_core.conversations.task import Task
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.browser.site import Site, application, served
from tests.browser.test_customer_looks import CONTRAST, STRUCTURE
from tests.browser.test_looks import LONG
from tests.build import DAY, MOMENT, a_customer, a_seller, an_invoice
from tests.stores.bank_money import a_transaction
from tests.stores.drafts import drafts
from tests.web.opened import key_of_somebody
from web.desk.door import COOKIE

SKIPPED, EDITED = "Klant 10", "Klant 11"


@pytest.fixture
def site(own_store: Store) -> Iterator[Site]:
    """Twelve reminders wait for approval, money waits for a place, and a name is as long as there is."""
    with own_store.session() as session:
        seller = a_seller(session)
        for number in range(12):
            name = LONG if number == 9 else f"Klant {number:02}"
            customer = a_customer(session, seller, f"K{number}", name=name, email=f"k{number}@x.example", language="nl")
            an_invoice(session, customer, f"F-{number:02}", total_minor=10_000, due_on=DAY - timedelta(days=14))
        session.add(Task(kind="data_fix", about="deputy", why=f"{LONG} is away", seller_id=seller.id, opened_at=MOMENT))
        session.commit()
        other = a_customer(session, seller, "K99", name="Groen", email="groen@x.example")
        an_invoice(session, other, "F-99", total_minor=10_000, due_on=DAY + timedelta(days=30))
        money = a_transaction(session, seller, 10_000, f"F-99 {LONG}")
        session.commit()
        first = drafts(own_store, session)[0]
        match_waiting(store=own_store)
        pages = (
            "/finance", "/finance/money", f"/finance/money/{money.id}", "/finance/promises",
            "/finance/promises?show=plans", "/finance/holds", "/finance/expected", "/finance/log", "/finance/notices",
            "/ladders", "/ladders/standard", "/ladders/standard/edit", "/rules/new", "/figures", "/figures/ageing/1-30",
            "/outbox/tasks", f"/outbox/{first.id}", "/reminders",
        )  # fmt: skip
    with served(application(own_store)) as address:
        yield Site(address, own_store, pages)


def signed_in(browser: Browser, site: Site, **options: Any) -> BrowserContext:
    context = browser.new_context(base_url=site.address, **options)
    key = key_of_somebody(site.store, "finance", "Mira")
    context.add_cookies([{"name": COOKIE, "value": key, "url": site.address}])
    return context


def test_ten_are_approved_one_is_left_out_one_is_put_otherwise_and_the_outbox_holds_that(
    browser: Browser, site: Site
) -> None:
    context = signed_in(browser, site)
    page = context.new_page()
    page.goto("/finance")
    expect(page.get_by_role("heading", level=1)).to_contain_text("12 reminders to approve")
    page.get_by_role("link", name="Approve them").click()

    page.get_by_role("link", name=EDITED).click()
    edit = page.locator("form", has=page.get_by_role("heading", name="Say it otherwise"))
    edit.get_by_label("What it asks").fill("Belt u ons even?")
    edit.get_by_role("button", name="Keep these words").click()
    expect(page.frame_locator("iframe").get_by_text("Belt u ons even?")).to_be_visible()

    page.goto("/reminders")
    page.get_by_role("link", name=SKIPPED).click()
    skip = page.locator("form", has=page.get_by_role("heading", name="Leave this step out"))
    skip.get_by_role("button", name="Skip it").click()
    expect(page.get_by_role("heading", name="Leave this step out")).to_be_visible()  # without a reason it stays
    skip.get_by_label("Why").fill("I speak to them this afternoon")
    skip.get_by_role("button", name="Skip it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("11 reminders to approve")

    approve = page.get_by_role("button", name="Approve what is ticked")
    # The scripts are there as soon as a tick is counted.
    page.get_by_label("Approve the reminder to Klant 00").check()
    expect(approve).to_contain_text("(1)")
    page.get_by_label("Approve the reminder to Klant 00").uncheck()
    # By keyboard: j goes from row to row, x ticks it. The one that was put otherwise is left for another day.
    page.evaluate("document.activeElement.blur()")
    for _ in range(11):
        page.keyboard.press("j")
        if page.evaluate("document.activeElement.textContent") != EDITED:
            page.keyboard.press("x")
    expect(approve).to_contain_text("(10)")
    approve.click()
    expect(page.get_by_role("status")).to_contain_text("10 reminders approved.")
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 reminder to approve")
    context.close()

    with site.store.session() as session:
        found = list(session.scalars(select(Message).where(Message.purpose == "reminder")))
        by_number = {str(one.subject).rpartition("F-")[2][:2]: one for one in found}
        skipped = session.scalars(select(TrailLine).where(TrailLine.what == "reminder skipped")).one()
    left_out, otherwise = by_number.pop("10"), by_number.pop("11")
    assert len(by_number) == 10
    assert {(one.delivery, one.approved_by) for one in by_number.values()} == {("queued", "Mira")}
    assert (left_out.delivery, left_out.approved_by) == ("withdrawn", None)
    assert (skipped.who, skipped.why) == ("Mira", "I speak to them this afternoon")
    assert (otherwise.delivery, "Belt u ons even?" in otherwise.text) == ("draft", True)
    assert all("Belt u ons even?" not in one.text for one in by_number.values())


def test_money_is_placed_without_script(browser: Browser, site: Site) -> None:
    context = signed_in(browser, site, java_script_enabled=False)
    page = context.new_page()
    page.goto("/finance/money?show=booked")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Money booked lately")
    page.get_by_role("link", name="Bakkerij Jansen").click()
    expect(page.get_by_role("heading", name="It is booked")).to_be_visible()
    page.get_by_text("Take it back").first.click()
    page.get_by_label("Why").first.fill("it was for another invoice")
    page.get_by_role("button", name="Take € 100,00 back from F-99").click()
    expect(page.get_by_role("status")).to_contain_text("the invoice is open again")
    context.close()


def test_the_pages_fit_a_phone_are_small_and_break_nothing(browser: Browser, site: Site) -> None:
    wrong: list[str] = []
    for width in (390, 1280):
        context = signed_in(browser, site, viewport={"width": width, "height": 844})
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        for path in site.pages:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            assert len(answer.body()) < 100_000, path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
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
