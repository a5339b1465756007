"""On the page of preferences somebody chooses which steps of their orders and payments they hear of."""

import re
from html import unescape

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.choose_steps import NoChoice, choose_steps, choose_steps_for_customer
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.preference_links import preferences_url
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.informing.informed import InformingWish
from o2c_core.informing.step import STEPS
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import a_customer, a_seller
from web.preferences import preference_pages, words_in

PLATE = Doorplate("key of the tests", "https://parley.example")


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = a_customer(session, a_seller(session), "C1")
    session.commit()
    return customer


@pytest.fixture
def page(store: Store, customer: Customer) -> tuple[TestClient, str]:
    app = FastAPI()
    app.include_router(preference_pages(store=store, doorplate=PLATE))
    url = preferences_url(PLATE, contact_id=customer.contacts[0].id, channel="email", address="ap@jansen.example")
    assert url is not None
    return TestClient(app), url.removeprefix("https://parley.example")


def steps(html: str) -> dict[str, bool]:
    return {name: bool(on) for name, on in re.findall(r'value="step\.(\w+)" id[^>]+?( checked)?>', html)}


AS_IT_IS = {
    "order_confirmed": True, "shipped": True, "delayed": True, "delivered": False, "payment_received": True,
    "hold_ended": True,
}  # fmt: skip


def test_the_steps_are_there_as_they_hold_and_invoices_are_not(page: tuple[TestClient, str]) -> None:
    client, url = page
    assert steps(client.get(url).text) == AS_IT_IS


def test_what_is_chosen_is_recorded_and_told(page: tuple[TestClient, str], session: Session) -> None:
    client, url = page
    sent = {"shown": [f"step.{step}" for step in AS_IT_IS], "on": ["step.shipped", "step.delayed", "step.delivered"]}
    after = unescape(client.post(url, data=sent).text)
    for line in ("Goederen geleverd: aan", "Bestelling bevestigd: uit", "Betaling ontvangen: uit"):
        assert f"<li>{line}</li>" in after
    assert steps(after) == {step: step in ("shipped", "delayed", "delivered") for step in AS_IT_IS}
    lines = session.scalars(select(TrailLine).where(TrailLine.what == "step chosen")).all()
    assert {(line.details["step"], line.details["is_on"], line.who) for line in lines} == {
        ("delivered", True, "customer"), ("order_confirmed", False, "customer"),
        ("payment_received", False, "customer"), ("hold_ended", False, "customer"),
    }  # fmt: skip
    again = unescape(client.post(url, data=sent).text)
    assert "Er was niets anders" in again


def test_everything_off_switches_the_steps_off_too(page: tuple[TestClient, str]) -> None:
    client, url = page
    shown = [f"step.{step}" for step in AS_IT_IS]
    after = client.post(url, data={"shown": shown, "on": shown, "nothing": "1"}).text
    assert not any(steps(after).values())


@pytest.mark.parametrize("field", ["step.invoice_issued", "step.credit_issued", "step.unheard_of"])
def test_what_nobody_may_decline_is_not_declined_by_a_made_up_form(
    page: tuple[TestClient, str], session: Session, field: str
) -> None:
    client, url = page
    assert client.post(url, data={"shown": [field]}).status_code == 200
    assert session.scalars(select(InformingWish)).all() == []


def test_what_the_seller_tells_nobody_is_not_offered(
    page: tuple[TestClient, str], session: Session, customer: Customer
) -> None:
    client, url = page
    seller = session.get_one(Seller, customer.seller_id)
    seller.settings = {"informing": {"steps": {"shipped": "off", "hold_ended": "off"}}}
    session.commit()
    assert set(steps(client.get(url).text)) == AS_IT_IS.keys() - {"shipped", "hold_ended"}


def test_what_was_set_for_the_customer_holds_for_who_says_nothing(
    page: tuple[TestClient, str], store: Store, customer: Customer
) -> None:
    client, url = page
    choose_steps_for_customer(customer.id, {"shipped": False, "delayed": False}, store=store, by="Eva")
    choose_steps(customer.contacts[0].id, {"delayed": True}, store=store)
    found = steps(client.get(url).text)
    assert (found["shipped"], found["delayed"]) == (False, True)


def test_nobody_chooses_about_what_is_not_there(store: Store, customer: Customer) -> None:
    with pytest.raises(NoChoice):
        choose_steps(customer.contacts[0].id, {"invoice_issued": False}, store=store)
    with pytest.raises(NotFound):
        choose_steps(new_key(), {"shipped": False}, store=store)
    with pytest.raises(NotFound):
        choose_steps_for_customer(new_key(), {"shipped": False}, store=store, by="Eva")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_has_words_in_every_language(language: str) -> None:
    words = words_in(language)["steps"]
    choosable = [step.name for step in STEPS.values() if step.may_decline]
    assert words.keys() == {"title", "under", *choosable, *(f"{step}_help" for step in choosable)}
