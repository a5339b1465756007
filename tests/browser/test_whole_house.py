"""The whole application in a browser: asked, complained to, reminded, on the demo's ledger with the real assistant."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.application import make_application
from app.demo import cast
from app.demo.history import write_history
from app.settings import Settings
from bot.assistant import Assistant
from bot.turn import House
from channels.captured import Captured
from o2c_core import money
from o2c_core.actions.deliver_message import deliver_queued
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.cases.complaint import Complaint
from o2c_core.customers.customer import Customer
from o2c_core.invoices.account import balances
from o2c_core.store.store import Store
from tests.browser.site import served, sign_in
from tests.build import DAY


@pytest.fixture
def page(browser: Browser, own_store: Store) -> Iterator[Page]:
    write_history(store=own_store, today=DAY)
    settings = Settings(secret="a key of the tests", demo=True, _env_file=None)  # type: ignore[arg-type]
    app = make_application(House(own_store, lambda: None, Assistant()), settings)
    with served(app) as address:
        context = browser.new_context(base_url=address, locale="nl-NL")
        sign_in(context, address, own_store)
        page = context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
        yield page
        context.close()
        assert wrong == []


def write(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="bericht").fill(text)
    page.keyboard.press("Enter")


def test_a_customer_asks_complains_and_is_reminded(page: Page, own_store: Store) -> None:
    with own_store.session() as session:
        jansen = session.scalars(select(Customer).where(Customer.ref == cast.BAKKERIJ_JANSEN)).one()
        (balance,) = balances(session, jansen.id, DAY)
        owed = money.show(balance.open, "nl_NL").replace("\xa0", " ")
    page.goto(f"/?as={cast.BAKKERIJ_JANSEN}")
    write(page, "Wat moeten we jullie in totaal nog betalen?")
    expect(page.locator(".from-assistant .said").last).to_contain_text(owed)
    write(page, "Een klacht: van de laatste levering waren drie borden gebroken")
    page.get_by_role("group", name="Uw antwoord op het voorstel").get_by_role("button", name="Ja, graag").click()
    expect(page.locator(".from-assistant .said").last).to_contain_text("vastgelegd onder nummer C-")
    with own_store.session() as session:
        complaint = session.scalars(select(Complaint)).one()
    page.goto("/ledger")
    expect(page.get_by_text(complaint.number).first).to_be_visible()
    expect(page.get_by_text("drie borden gebroken")).to_be_visible()

    run_reminders(DAY, store=own_store)
    deliver_queued(store=own_store, carriers={"email": Captured()})
    page.goto("/outbox")
    page.get_by_role("link", name="Bakkerij Jansen").or_(
        page.locator("tr", has_text="Bakkerij Jansen").get_by_role("link")
    ).first.click()
    expect(page.frame_locator("iframe").get_by_text("INV-").first).to_be_visible()


def test_somebody_elses_invoice_and_none_at_all_look_the_same(page: Page, own_store: Store) -> None:
    with own_store.session() as session:
        from o2c_core.invoices.invoice import Invoice

        other = session.scalars(select(Customer).where(Customer.ref == cast.HART_AND_SONS)).one()
        number = session.scalars(select(Invoice.number).where(Invoice.customer_id == other.id)).first()
    page.goto(f"/?as={cast.SOPHIE_DE_WIT}")
    answers = []
    for asked in (str(number), "INV-2026-9999"):
        write(page, f"Is factuur {asked} betaald?")
        expect(page.locator(".from-customer .said").last).to_contain_text(asked)
        last = page.locator(".from-assistant .said").last
        expect(last).to_contain_text("Ik kan dat nummer niet vinden op uw account.")
        answers.append(last.inner_text().split("\n\n")[-1])
    assert answers[0] == answers[1]
