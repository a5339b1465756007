"""The chat on a customer's own page, with its real element through the real application: it knows which invoice is looked at."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import Browser, expect
from sqlalchemy import select

from app.application import make_application
from app.settings import Settings
from bot.assistant import Assistant
from bot.turn import House
from o2c_core.conversations.access_links import LinkWish, make_link, token_of
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.store.store import Store
from tests.browser.site import served
from tests.build import DAY, an_invoice
from tests.web.portal.visits import Stage, a_stage

SOON = 20_000
KEY = "key of the portal's chat"
PLATE = Doorplate(KEY, "http://127.0.0.1")


def the_link(store: Store, stage: Stage) -> str:
    with store.session() as session:
        wish = LinkWish(stage.customer, stage.people["accounts_payable"])
        link = make_link(session, wish, now=store.clock.now(), by="Eva")
        session.commit()
    return f"/my/in/{token_of(PLATE, link)}"


def the_code(store: Store) -> str:
    with store.session() as session:
        sent = session.scalars(select(Message).where(Message.purpose == "code")).one()
    return re.findall(r"\b\d{6}\b", sent.text)[0]


def test_somebody_who_asks_when_this_is_due_hears_the_day_of_the_invoice_they_look_at(
    browser: Browser, own_store: Store
) -> None:
    with own_store.session() as session:
        stage = a_stage(session, language="en")
        an_invoice(session, stage.customer, "INV-A2", total_minor=99_900, due_on=DAY + timedelta(days=20))
        session.commit()
    settings = Settings(secret=KEY, base_url=PLATE.base_url, demo=False, _env_file=None)
    app = make_application(House(own_store, lambda: None, Assistant(), PLATE), settings)
    with served(app) as address:
        context = browser.new_context(base_url=address, viewport={"width": 390, "height": 844})
        page = context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(the_link(own_store, stage))
        # The later of two, so that what is due first is not what "this" means.
        page.goto("/my/invoices/INV-A2")
        page.get_by_role("button", name="Start the chat").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("INV-A2")
        box = page.get_by_label("Your message", exact=True)
        expect(box).to_be_visible(timeout=SOON)
        box.fill("When is this due?")
        page.keyboard.press("Enter")
        answer = page.locator("parley-chat article.assistant").last
        # A link may have been forwarded: before anything of an account is told in words, its reader shows who they are.
        expect(answer).to_contain_text("code in a separate message", timeout=SOON)
        box.fill(the_code(own_store))
        page.keyboard.press("Enter")
        expect(answer).to_contain_text("5 April 2026", timeout=SOON)
        expect(answer).to_contain_text("INV-A2")
        expect(answer).not_to_contain_text("13 March 2026")
        page.reload()
        expect(page.locator("parley-chat article.customer .said")).to_have_count(2, timeout=SOON)
        expect(page.locator("parley-chat article.customer .said").first).to_have_text("When is this due?")
        context.close()
        assert wrong == []
