"""Customers' own pages in a real browser: legible, nothing sticks out, and a whole objection without script on a phone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.dispute import Dispute
from o2c_core.store.store import Store
from tests.browser.site import served
from tests.browser.test_customer_looks import CONTRAST, STRUCTURE
from tests.build import a_credit_note, a_dispute, a_payment, a_seller, an_invoice
from tests.web.portal.visits import PLATE, Stage, a_stage, codes, link_to
from web.portal.pages import portal_pages
from web.static_files import static_files

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
PATHS = (
    "/my", "/my/invoices", "/my/invoices?show=credit", "/my/invoices/INV-A1", "/my/invoices/INV-A1/objection",
    "/my/invoices/INV-A1/promise", "/my/payments", "/my/statement", "/my/orders", "/my/orders/SO-A1",
    "/my/orders/SO-A1/change", "/my/orders/SO-A1/repeat", "/my/complaints", "/my/complaints/new", "/my/details",
    "/my/details/address", "/my/chat", "/my/not-there",
)  # fmt: skip


def a_full_stage(session: Session) -> Stage:
    """A company with the longest name and articles there are, who read German, with something on every page."""
    stage = a_stage(session, a_seller(session, name=f"{LONG} & Söhne", phone="+31 20 123 4567"), language="de")
    stage.customer.name = LONG
    stage.order.lines[0].description = f"Edelstahl-{LONG}"
    stage.invoice.lines[0].description = f"Edelstahl-{LONG}"
    paid = an_invoice(session, stage.customer, "INV-2026-0099-TEILRECHNUNG")
    a_payment(session, paid, paid.total_minor)
    an_invoice(session, stage.customer, "INV-A2", total_minor=123_456_789)
    a_credit_note(session, stage.customer, 1_000, against=stage.invoice)
    a_dispute(session, stage.invoice, 500)
    session.commit()
    return stage


@pytest.fixture
def place(own_store: Store) -> Iterator[tuple[str, Stage]]:
    with own_store.session() as session:
        stage = a_full_stage(session)
    app = FastAPI()
    app.include_router(portal_pages(store=own_store, doorplate=PLATE, chat_token=lambda chat: str(chat.id)))
    app.mount("/static", static_files())
    with served(app) as address:
        yield address, stage


def come_in(context: BrowserContext, store: Store, address: str, stage: Stage) -> None:
    """By a link, with a code. The cookie is one of https, which this server does not speak, so it is carried over."""
    answer = context.request.get(address + link_to(store, stage, "owner"), max_redirects=0)
    key = answer.headers["set-cookie"].split("=", 1)[1].split(";")[0]
    context.add_cookies([{"name": "parley_visit", "value": key, "url": f"{address}/my"}])
    page = context.new_page()
    page.goto("/my/prove")
    page.get_by_role("button").first.click()
    with store.session() as session:
        page.get_by_label("Die sechs Ziffern").fill(codes(session)[-1])
    page.get_by_role("button", name="Weiter").click()
    page.close()


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_every_page_is_legible_makes_sense_and_fits(
    browser: Browser, own_store: Store, place: tuple[str, Stage], width: int, scheme: str
) -> None:
    address, stage = place
    context = browser.new_context(base_url=address, color_scheme=scheme, viewport={"width": width, "height": 844})  # type: ignore[arg-type]
    come_in(context, own_store, address, stage)
    page = context.new_page()
    pictures = os.environ.get("PARLEY_TEST_PICTURES")
    for path in PATHS:
        page.goto(path)
        if pictures:
            name = path.strip("/").replace("/", "-").replace("?", "-")
            page.screenshot(path=str(Path(pictures) / f"{name}-{width}-{scheme}.png"), full_page=True)
        assert page.evaluate(CONTRAST) == [], path
        assert page.evaluate(STRUCTURE) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()


def test_an_objection_on_a_phone_without_script(browser: Browser, own_store: Store, place: tuple[str, Stage]) -> None:
    address, stage = place
    context = browser.new_context(base_url=address, java_script_enabled=False, viewport={"width": 390, "height": 844})
    come_in(context, own_store, address, stage)
    page = context.new_page()
    page.goto("/my/invoices/INV-A1")
    page.get_by_role("link", name="Etwas stimmt nicht").click()
    page.get_by_role("checkbox").last.check()
    page.get_by_label("Wie viele").last.fill("3")
    page.get_by_label("Was ist los?").select_option("QTY_SHORT")
    page.get_by_label("Was ist geschehen?").fill("Es waren nur neun.")
    page.get_by_role("button", name="Beanstandung absenden").click()
    expect(page.get_by_role("status").first).to_contain_text("Ihre Beanstandung ist festgehalten")
    context.close()
    with own_store.session() as session:
        newest = session.scalars(select(Dispute).order_by(Dispute.id.desc()).limit(1)).one()
        assert newest.lines[0].quantity == 3
