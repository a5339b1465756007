"""A customer and an agent in two browsers: asked, disputed, handed to a person, answered, handed back, rated; by chat and text."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.application import make_application
from app.settings import Settings
from bot.assistant import Assistant
from bot.turn import House
from o2c_core.actions.make_host_key import make_host_key
from o2c_core.cases.dispute import Dispute
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.handoff import Handoff
from o2c_core.conversations.host_token import host_key
from o2c_core.conversations.message import Message
from o2c_core.conversations.rating import Rating
from o2c_core.store.store import Store
from tests.browser.site import served
from tests.browser.widget_site import company_site, may_stand, policy_for
from tests.flows.providers import BASE, INBOUND, TOKEN, Kept, Providers, known_by_both
from tests.web.opened import key_of_somebody
from web.desk.door import COOKIE

KEY = "a-key-for-the-tests"
SOON = 20_000
# What the desk is promised: from the customer's word to the row in an open inbox.
SEEN_WITHIN = 2_000


@dataclass
class Stage:
    """Parley served over one ledger, the company's own site, a customer's browser and an agent's."""

    store: Store
    address: str
    customer: Page
    agent: Page
    providers: Providers

    @property
    def clock(self) -> MovableClock:
        clock = self.store.clock
        assert isinstance(clock, MovableClock)
        return clock

    def later(self) -> None:
        """A moment goes by, so that what happened stands in its order."""
        self.clock.move(timedelta(seconds=20))

    def customer_writes(self, words: str) -> None:
        self.later()
        self.customer.get_by_label("Uw bericht", exact=True).fill(words)
        self.customer.get_by_role("button", name="Versturen").click()

    def answered(self, words: str) -> None:
        expect(self.customer.locator("article.assistant").last).to_contain_text(words, timeout=SOON)

    def texts(self, words: str) -> list[str]:
        """What goes out after the customer's text was taken in and all work was done."""
        self.later()
        found: list[str] = []
        # Playwright has this thread's event loop.
        worker = threading.Thread(target=lambda: found.extend(self.providers.hear(words)))
        worker.start()
        worker.join()
        return found

    def work(self) -> None:
        worker = threading.Thread(target=self.providers.work)
        worker.start()
        worker.join()


@pytest.fixture
def stage(own_store: Store, own_database: str, browser: Browser, tmp_path: Path) -> Iterator[Stage]:
    known_by_both(own_store, "ap@jansen.example")
    settings = Settings(
        data=tmp_path, secret=KEY, base_url=BASE, reply_domain="reply.parley.example", twilio_account_sid="AC1",
        twilio_auth_token=TOKEN, inbound_token=INBOUND, mail_sender="hello@parley.example", _env_file=None,
    )  # fmt: skip
    house = House(own_store, lambda: None, Assistant(), Doorplate(KEY, BASE, "reply.parley.example"))
    seller_id, number = make_host_key("vandijk", store=own_store)
    until = int((own_store.clock.now() + timedelta(minutes=5)).timestamp())
    claims = {"aud": "parley:vandijk", "sub": "C1001", "jti": "1", "exp": until}
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(host_key(KEY, seller_id, number)))
    with ExitStack() as open_:
        app = make_application(house, settings)
        # The address that providers sign is https; these browsers come by http.
        app.state.is_https = False
        address = open_.enter_context(served(app))
        tag = f'<script src="{address}/widget/parley-chat.js" data-seller="vandijk" data-identity="{token}" async></script>'
        site = open_.enter_context(company_site(tag, policy=policy_for(address)))
        may_stand(own_store, site)
        theirs = browser.new_context(base_url=site, viewport={"width": 1280, "height": 800})
        ours = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
        ours.add_cookies([{"name": COOKIE, "value": key_of_somebody(own_store, "agent", "Anna"), "url": address}])
        customer, agent = theirs.new_page(), ours.new_page()
        wrong: list[str] = []
        for page in (customer, agent):
            page.on("pageerror", lambda error: wrong.append(str(error)))
        client = open_.enter_context(httpx.Client(base_url=address))
        providers = Providers(client, own_database, own_store, house, Kept(), settings)  # type: ignore[arg-type]
        yield Stage(own_store, address, customer, agent, providers)
        theirs.close()
        ours.close()
        assert wrong == []


def seen_in_inbox(stage: Stage, words: str) -> float:
    """Seconds from the moment a person is called until the open inbox shows that somebody waits, and why."""
    until = time.monotonic() + SOON / 1000
    while time.monotonic() < until:
        with stage.store.session() as session:
            if session.scalar(select(Handoff.id)) is not None:
                break
        time.sleep(0.01)
    began = time.monotonic()
    expect(stage.agent.locator("tbody tr", has_text=words)).to_be_visible(timeout=SOON)
    return time.monotonic() - began


def test_a_chat_goes_from_the_assistant_to_a_person_and_back(stage: Stage) -> None:
    customer, agent = stage.customer, stage.agent
    agent.goto("/inbox")
    customer.goto("/")
    customer.get_by_role("button", name="Chat met ons").click(timeout=SOON)
    stage.customer_writes("Wat moeten we nog betalen?")
    stage.answered("1.240,50")
    stage.customer_writes("Ik betwist factuur INV-2026-0042: er waren 3 dozen kapot, 45 euro")
    customer.get_by_role("button", name="Ja, graag").click(timeout=SOON)
    stage.answered("D-")
    stage.customer_writes("Ik wil graag een medewerker spreken")
    seconds = seen_in_inbox(stage, "asked for a person")
    assert seconds * 1000 < SEEN_WITHIN, f"the inbox showed it after {seconds:.2f} s"

    agent.get_by_role("link", name="Jansen").first.click()
    expect(agent.get_by_role("heading", name="Asked for a person")).to_be_visible()
    expect(agent.locator(".beside-talk")).to_contain_text("1.240,50")
    stage.later()
    agent.get_by_role("button", name="Take over").click()
    expect(agent.locator("#status")).to_contain_text("You have it")
    expect(customer.get_by_text("Anna leest mee en antwoordt u hier.")).to_be_visible(timeout=SOON)
    # The assistant is silent now: what the customer writes goes to Anna, and stands in her page without a reload.
    customer.get_by_label("Uw bericht", exact=True).fill("De dozen waren nat.")
    customer.get_by_role("button", name="Versturen").click()
    expect(agent.locator("#thread")).to_contain_text("De dozen waren nat.", timeout=SOON)
    stage.later()
    agent.get_by_label("Reply by Chat").fill("Dank u, ik stuur de chauffeur terug.")
    expect(customer.get_by_text("Anna is aan het typen")).to_be_visible(timeout=SOON)
    agent.keyboard.press("Control+Enter")
    expect(customer.locator("article.person").last).to_contain_text(
        "Dank u, ik stuur de chauffeur terug.", timeout=SOON
    )
    expect(agent.locator("#thread .from-agent")).to_have_count(1)

    stage.later()
    agent.get_by_role("button", name="Hand back").click()
    expect(agent.locator("#thread")).to_contain_text("Anna handed back to the assistant")
    customer.get_by_role("button", name="Heel goed").click(timeout=SOON)
    expect(customer.get_by_text("Het is genoteerd.")).to_be_visible(timeout=SOON)
    stage.customer_writes("Wat staat er nu nog open?")
    stage.answered("digitale assistent")
    with stage.store.session() as session:
        assert session.scalars(select(Rating.score)).all() == [5]
        assert len(session.scalars(select(Dispute)).all()) == 1


def test_the_same_by_text_message(stage: Stage) -> None:
    agent = stage.agent
    agent.goto("/inbox")
    [owed] = stage.texts("Wat moeten we nog betalen?")
    assert "1.240,50" in owed
    stage.texts("Ik betwist factuur INV-2026-0042: er waren 3 dozen kapot, 45 euro")
    [disputed] = stage.texts("ja graag")
    assert "D-" in disputed
    stage.texts("Ik wil graag een medewerker spreken")
    row = agent.locator("tbody tr", has_text="asked for a person")
    expect(row).to_be_visible(timeout=SEEN_WITHIN)
    row.get_by_role("link").first.click()
    stage.later()
    agent.get_by_role("button", name="Take over").click()
    expect(agent.locator("#status")).to_contain_text("You have it")
    # Nothing is said by the assistant to what is written to Anna, and her page shows it by itself.
    assert stage.texts("De dozen waren nat") == []
    expect(agent.locator("#thread")).to_contain_text("De dozen waren nat", timeout=SOON)
    stage.later()
    agent.get_by_label("Reply by SMS").fill("Dank u, ik stuur de chauffeur terug.")
    agent.get_by_role("button", name="Send", exact=True).click()
    expect(agent.locator("#thread .from-agent")).to_have_count(1)
    before = len(stage.providers.carrier.sent)
    stage.work()
    assert stage.providers.carrier.texts[before:] == [
        "Dank u, ik stuur de chauffeur terug.\n\nAnna, Van Dijk Groothandel"
    ]
    expect(agent.locator("#thread .from-agent .state")).to_have_text("sent", timeout=SOON)
    stage.later()
    agent.get_by_role("button", name="Hand back").click()
    expect(agent.locator("#status")).to_contain_text("The assistant speaks")
    before = len(stage.providers.carrier.sent)
    stage.work()
    [asked] = stage.providers.carrier.texts[before:]
    assert "1 (niet goed) tot 5 (heel goed)" in asked
    assert stage.texts("4 snel opgelost") == []
    [again] = stage.texts("Wat staat er nog open?")
    assert "assistent" in again
    with stage.store.session() as session:
        assert [(one.score, one.words) for one in session.scalars(select(Rating))] == [(4, "snel opgelost")]
        assert session.scalars(select(Conversation.speaker)).all() == ["assistant"]
        told = session.scalars(select(Message.author).where(Message.direction == "out").order_by(Message.id)).all()
    assert told.count("Anna") == 1
