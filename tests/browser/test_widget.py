"""The chat on a company's own site, in a real browser: another origin, a strict policy, and everything by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import func, select

from bot.assistant import Assistant
from o2c_core.actions.hand_back import hand_back
from o2c_core.actions.make_host_key import make_host_key
from o2c_core.actions.take_over import take_over
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.desk import Presence
from o2c_core.conversations.host_token import host_key
from o2c_core.conversations.message import Message
from o2c_core.conversations.rating import Rating
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.staff.user import User
from o2c_core.store.store import Store
from tests.browser.site import served
from tests.browser.widget_site import KEY, company_site, may_stand, parley, policy_for
from tests.build import a_customer, a_seller, an_invoice

SOON = 20_000
LAUNCH, BOX = "Chat met ons", "Uw bericht"
TERMS = "Ik wil graag iemand spreken"


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return Assistant()


@dataclass
class Shop:
    """Van Dijk's site, and Parley on another port."""

    store: Store
    parley_at: str
    browser: Browser

    @contextmanager
    def visited(
        self, more: str = "", *, wide: bool = True, scheme: Literal["light", "dark"] = "light", is_named: bool = True
    ) -> Iterator[Page]:
        tag = f'<script src="{self.parley_at}/widget/parley-chat.js" data-seller="vandijk" {more} async></script>'
        with company_site(tag, policy=policy_for(self.parley_at)) as site:
            if is_named:
                may_stand(self.store, site)
            size: Any = {"width": 1280, "height": 800} if wide else {"width": 390, "height": 844}
            context = self.browser.new_context(base_url=site, viewport=size, color_scheme=scheme, has_touch=not wide)
            page = context.new_page()
            wrong: list[str] = []
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
            page.goto("/")
            yield page
            context.close()
            assert wrong == []

    def count(self, words: str) -> int:
        with self.store.session() as session:
            return int(session.scalar(select(func.count()).select_from(Message).where(Message.text == words)) or 0)

    def conversation_id(self) -> UUID:
        with self.store.session() as session:
            return session.scalars(select(Conversation.id)).one()


@pytest.fixture
def shop(own_store: Store, assistant: Assistant, browser: Browser) -> Iterator[Shop]:
    with own_store.session() as session:
        jansen = a_customer(session, a_seller(session), "C1001")
        an_invoice(session, jansen, "INV-2026-0042", total_minor=124050)
        session.commit()
    with ExitStack() as open_:
        at = open_.enter_context(served(parley(own_store, assistant)))
        yield Shop(own_store, at, browser)


def says(page: Page, words: str) -> None:
    page.get_by_label(BOX, exact=True).fill(words)
    page.keyboard.press("Enter")


def heard(page: Page, count: int) -> None:
    """So many answers of the assistant, beside its greeting."""
    expect(page.locator("article.assistant")).to_have_count(count + 1, timeout=SOON)


def conversation(page: Page) -> list[str]:
    return [text.split("\n")[0] for text in page.locator("article.customer .said").all_inner_texts()]


def test_a_whole_conversation_is_had_by_keyboard_alone(shop: Shop) -> None:
    with shop.visited() as page:
        launch = page.get_by_role("button", name=LAUNCH)
        expect(launch).to_be_visible(timeout=SOON)
        page.keyboard.press("Tab")  # the site's own link
        page.keyboard.press("Tab")
        expect(launch).to_be_focused()
        expect(launch).to_have_attribute("aria-expanded", "false")
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Chat met Van Dijk Groothandel")
        expect(dialog).to_be_visible()
        expect(page.get_by_label(BOX, exact=True)).to_be_focused()
        page.keyboard.type(TERMS)
        page.keyboard.press("Enter")
        heard(page, 1)
        expect(page.get_by_role("log", name="Gesprek")).to_have_attribute("aria-live", "polite")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(launch).to_be_focused()
        expect(launch).to_have_attribute("aria-expanded", "false")
        page.keyboard.press("Shift+Tab")
        expect(page.get_by_role("link", name="Aanbod")).to_be_focused()
    assert shop.count(TERMS) == 1


def test_beside_a_wide_page_the_page_stays_in_use_and_on_a_phone_it_has_to_wait(shop: Shop) -> None:
    for wide in (True, False):
        with shop.visited(wide=wide) as page:
            page.get_by_role("button", name=LAUNCH).click(timeout=SOON)
            is_modal = page.evaluate(
                "document.querySelector('parley-chat').shadowRoot.querySelector('dialog').matches(':modal')"
            )
            assert is_modal is not wide
            seen = set()
            for _ in range(12):
                page.keyboard.press("Tab")
                seen.add(page.evaluate("document.activeElement.localName"))
            assert ("a" in seen) is wide
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_after_a_reload_it_is_where_it_was(shop: Shop) -> None:
    with shop.visited() as page:
        page.get_by_role("button", name=LAUNCH).click(timeout=SOON)
        says(page, TERMS)
        heard(page, 1)
        page.reload()
        heard(page, 1)
        assert conversation(page) == [TERMS]
        says(page, "Bent u daar?")
        heard(page, 2)
        assert conversation(page) == [TERMS, "Bent u daar?"]
    shop.conversation_id()  # there is one and no more


def test_what_is_written_without_a_connection_is_kept_and_sent_once(shop: Shop) -> None:
    with shop.visited() as page:
        page.get_by_role("button", name=LAUNCH).click(timeout=SOON)
        says(page, TERMS)
        heard(page, 1)
        page.context.set_offline(True)
        expect(page.get_by_text("Geen verbinding.")).to_be_visible(timeout=SOON)
        says(page, "Bent u daar?")
        expect(page.get_by_text("Nog niet verstuurd")).to_be_visible()
        page.wait_for_timeout(2_500)
        assert shop.count("Bent u daar?") == 0
        page.context.set_offline(False)
        heard(page, 2)
        expect(page.get_by_text("Nog niet verstuurd")).to_have_count(0)
        expect(page.get_by_text("Geen verbinding.")).to_be_hidden()
        assert conversation(page) == [TERMS, "Bent u daar?"]
    assert shop.count("Bent u daar?") == 1


def test_an_answer_that_was_lost_on_its_way_is_asked_for_again_and_the_question_is_heard_once(shop: Shop) -> None:
    with shop.visited() as page:
        page.get_by_role("button", name=LAUNCH).click(timeout=SOON)
        lost: list[str] = []

        def lose(route: Route) -> None:
            if route.request.method != "POST" or lost:
                return route.continue_()
            lost.append(route.fetch().text())
            return route.abort("connectionreset")

        page.route("**/api/chat?*", lose)
        says(page, TERMS)
        heard(page, 1)
        assert lost, "the server had answered"
        assert conversation(page) == [TERMS]
    assert shop.count(TERMS) == 1


def test_a_person_who_takes_over_is_seen_writing_and_answering_and_rated_afterwards(shop: Shop) -> None:
    store = shop.store
    with store.session() as session:
        eva = User(email="eva@vandijk.example", name="Eva Smit", role="agent", teams=[], created_at=store.clock.now())
        session.add(eva)
        session.commit()
    with shop.visited() as page:
        page.get_by_role("button", name=LAUNCH).click(timeout=SOON)
        says(page, TERMS)
        heard(page, 1)
        thread = shop.conversation_id()
        take_over(thread, agent=eva.name, agent_id=eva.id, store=store)
        expect(page.locator(".note")).to_have_text("Eva Smit leest mee en antwoordt u hier.", timeout=2_000)
        expect(page.locator("header p")).to_have_text("Eva Smit")
        with store.session() as session:
            now = store.clock.now()
            session.add(Presence(conversation_id=thread, user_id=eva.id, seen_at=now, typed_at=now))
            session.commit()
        expect(page.get_by_text("Eva Smit is aan het typen")).to_be_visible(timeout=2_000)
        page.get_by_role("button", name="Chat sluiten").click()
        with store.session() as session:
            session.add(
                Message(
                    conversation_id=thread, direction="out", author="Eva Smit", channel="chat", text="Goedemorgen, ik help u.",
                    delivery="sent", created_at=store.clock.now() + timedelta(seconds=1),
                )
            )  # fmt: skip
            session.commit()
        page.get_by_role("button", name="Chat met ons: 1 nieuw").click(timeout=2_000)
        expect(page.locator("article.person")).to_contain_text("Goedemorgen, ik help u.")
        expect(page.locator("article.person h3")).to_have_text("Eva Smit")
        hand_back(thread, agent=eva.name, store=store, asks_rating=True)
        expect(page.locator("header p")).to_have_text("Digitale assistent", timeout=2_000)
        expect(page.locator(".note")).to_have_count(3)
        page.get_by_role("button", name="Heel goed").click(timeout=SOON)
        expect(page.get_by_text("Dank u. Het is genoteerd.")).to_be_visible(timeout=SOON)
        expect(page.get_by_role("button", name="Heel goed")).to_have_count(0)
    with store.session() as session:
        assert session.scalars(select(Rating.score)).all() == [5]


def test_on_a_site_the_company_did_not_name_there_is_no_chat(shop: Shop) -> None:
    with shop.visited(is_named=False) as page:
        page.wait_for_timeout(1_500)
        expect(page.locator("parley-chat button")).to_have_count(0)


def test_files_go_both_ways_and_one_that_could_do_harm_is_refused_in_a_sentence(shop: Shop) -> None:
    with shop.visited() as page:
        page.get_by_role("button", name=LAUNCH).click(timeout=SOON)
        pick = page.locator('parley-chat input[type="file"]')
        pick.set_input_files([{"name": "virus.exe", "mimeType": "image/png", "buffer": b"MZ virus"}])
        expect(page.get_by_role("button", name="virus.exe weghalen")).to_be_visible()
        page.get_by_role("button", name="Versturen").click()
        expect(page.get_by_text("virus.exe kan niet worden verstuurd")).to_be_visible(timeout=SOON)
        pick.set_input_files([{"name": "foto.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n123"}])
        says(page, "Dit is de foto van de kapotte doos")
        heard(page, 1)
        page.reload()
        with page.expect_download(timeout=SOON) as download:
            page.get_by_role("button", name="foto.png downloaden").click(timeout=SOON)
        assert download.value.suggested_filename == "foto.png"
        assert download.value.path().read_bytes() == b"\x89PNG\r\n\x1a\n123"
    with shop.store.session() as session:
        assert session.scalars(select(ReceivedFile.name)).all() == ["foto.png"]


def test_who_is_signed_in_on_the_site_is_answered_from_their_account_and_gone_when_they_sign_out(shop: Shop) -> None:
    seller_id, number = make_host_key("vandijk", store=shop.store)
    key = OctKey.import_key(host_key(KEY, seller_id, number))
    until = int((shop.store.clock.now() + timedelta(minutes=5)).timestamp())
    token = jwt.encode({"alg": "HS256"}, {"aud": "parley:vandijk", "sub": "C1001", "jti": "1", "exp": until}, key)
    with shop.visited(f'data-identity="{token}"') as page:
        page.get_by_role("button", name=LAUNCH).click(timeout=SOON)
        says(page, "Wat moet ik nog betalen?")
        heard(page, 1)
        expect(page.locator("article.assistant").last).to_contain_text("€\xa01.240,50")
        page.reload()
        heard(page, 1)  # the same page with the same token
        page.goto("/?out")
        expect(page.get_by_role("button", name=LAUNCH)).to_be_visible(timeout=SOON)
        heard(page, 0)
        assert "1.240,50" not in page.locator("parley-chat").evaluate("element => element.shadowRoot.textContent")
