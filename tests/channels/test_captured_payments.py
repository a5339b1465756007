"""The provider that plays one, and the doors at which every provider tells what became of a payment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.captured_payments import (
    GOOD_FOR,
    SIGNATURE_HEADER,
    CapturedPayments,
    captured_pages,
    signature,
    word_of,
)
from channels.payment_door import BODY_BYTES_MAX, payment_router
from o2c_core.actions.begin_online_payment import Begun, begin_online_payment
from o2c_core.clock import MovableClock
from o2c_core.conversations.door_count import DoorCount
from o2c_core.invoices.pay_provider import Asking, ProviderDown
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller, an_invoice
from tests.channels.paying import booked, eur, row

KEY = "key of the tests"


@dataclass
class Playing:
    """One payment of 100.00 that was begun, the browser of who pays it, and our own doors."""

    begun: Begun
    browser: TestClient
    doors: TestClient
    provider: CapturedPayments

    @property
    def page(self) -> str:
        return str(self.begun.url).removeprefix("https://pay.example")


@pytest.fixture
def playing(store: Store, session: Session, clock: MovableClock) -> Iterator[Playing]:
    customer = a_customer(session, a_seller(session), "C1")
    invoice = an_invoice(session, customer, "A", total_minor=10_000)
    session.commit()
    provider = CapturedPayments(KEY, page_url="https://pay.example", clock=clock)
    ours = FastAPI()
    ours.include_router(payment_router(store=store, providers=[provider]))
    with TestClient(ours) as doors:

        def deliver(url: str, body: bytes, headers: object) -> None:
            assert url == "https://parley.example/webhooks/captured"
            assert isinstance(headers, dict)
            if doors.post("/webhooks/captured", content=body, headers=headers).status_code != 204:
                raise ProviderDown

        theirs = FastAPI()
        theirs.include_router(captured_pages(KEY, deliver=deliver))
        with TestClient(theirs, follow_redirects=False) as browser:
            begun = begin_online_payment(
                customer.id, {invoice.id: eur(10_000)}, provider=provider, store=store,
                back_url=lambda id_: f"https://parley.example/pay/x/back/{id_}",
                word_url="https://parley.example/webhooks/captured",
            )  # fmt: skip
            yield Playing(begun, browser, doors, provider)


def test_its_page_says_that_no_money_moves_and_what_is_paid(playing: Playing) -> None:
    answer = playing.browser.get(playing.page)
    text = unescape(answer.text).replace("\xa0", " ")
    assert answer.status_code == 200
    assert "Hier gaat geen geld om" in text
    assert "€ 100,00" in text
    assert "<script" not in text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert playing.browser.get("/captured-payments/style.css").headers["content-type"].startswith("text/css")


@pytest.mark.parametrize(
    ("answer", "state", "money"), [("pay", "paid", [10_000]), ("fail", "failed", []), ("cancel", "cancelled", [])]
)
def test_its_buttons_send_a_signed_webhook_and_bring_the_payer_back(
    playing: Playing, session: Session, answer: str, state: str, money: list[int]
) -> None:
    sent = playing.browser.post(playing.page, data={"answer": answer})
    assert sent.status_code == 303
    assert sent.headers["location"] == f"https://parley.example/pay/x/back/{playing.begun.id}"
    assert (row(session, playing.begun).state, booked(session)) == (state, money)
    # Pressed again, nothing more comes of it.
    assert playing.browser.post(playing.page, data={"answer": answer}).status_code == 303
    assert booked(session) == money


def test_a_page_that_was_tampered_with_is_none(playing: Playing) -> None:
    for path in (playing.page[:-2] + "xx", "/captured-payments/nonsense"):
        assert playing.browser.get(path).status_code == 404
        assert playing.browser.post(path, data={"answer": "pay"}).status_code == 404
    assert playing.browser.post(playing.page, data={"answer": "steal"}).status_code == 404


def test_a_webhook_that_cannot_be_brought_is_said_on_the_page(playing: Playing) -> None:
    def nowhere(url: str, body: bytes, headers: object) -> None:
        raise ProviderDown

    app = FastAPI()
    app.include_router(captured_pages(KEY, deliver=nowhere))
    with TestClient(app, follow_redirects=False) as browser:
        answer = browser.post(playing.page, data={"answer": "pay"})
    assert answer.status_code == 502
    assert 'role="alert"' in answer.text


def test_a_door_hears_nobody_but_the_provider_and_counts_who_was_turned_away(
    playing: Playing, session: Session
) -> None:
    body = word_of({"key": "captured_1_x", "id": str(playing.begun.id), "minor": 10_000, "currency": "EUR"}, "paid")
    good = signature(KEY, body)
    for odd_body, odd in [
        (body, {}), (body, {SIGNATURE_HEADER: "00"}), (body, {SIGNATURE_HEADER: signature("another", body)}),
        (body.replace(b"10000", b"10001"), {SIGNATURE_HEADER: good}), (b"", {}), (b"\xff", {SIGNATURE_HEADER: good}),
    ]:  # fmt: skip
        assert playing.doors.post("/webhooks/captured", content=odd_body, headers=odd).status_code == 403
    for name in ("stripe", "mollie"):
        assert playing.doors.post(f"/webhooks/{name}", content=body).status_code == 403
    assert playing.doors.post("/webhooks/captured", content=b"x" * (BODY_BYTES_MAX + 1)).status_code == 413
    assert playing.doors.get("/webhooks/captured").status_code == 405
    counts = {(one.door, one.why): one.count for one in session.scalars(select(DoorCount))}
    assert counts == {("captured", "forged"): 6, ("stripe", "shut"): 1, ("mollie", "shut"): 1}
    assert booked(session) == []


def test_a_signed_word_of_somebody_elses_payment_is_taken_and_nothing_comes_of_it(
    playing: Playing, session: Session
) -> None:
    body = word_of({"key": "captured_1_x", "id": str(new_key()), "minor": 1, "currency": "EUR"}, "paid")
    answer = playing.doors.post("/webhooks/captured", content=body, headers={SIGNATURE_HEADER: signature(KEY, body)})
    assert (answer.status_code, booked(session)) == (204, [])


def test_looked_up_it_knows_only_whether_its_page_is_over(playing: Playing, clock: MovableClock) -> None:
    asking = Asking(new_key(), eur(1), "A", "nl_NL", "https://x.example", "https://x.example")
    key = playing.provider.begin(asking).key
    found = playing.provider.look_up(key)
    assert found is not None
    assert (found.standing, found.id) == ("open", asking.id)
    clock.move(GOOD_FOR + timedelta(seconds=1))
    over = playing.provider.look_up(key)
    assert over is not None
    assert over.standing == "expired"


@pytest.mark.parametrize("locale", ["en_GB", "nl_NL", "de_DE", "fr_FR", "xx"])
def test_its_page_speaks_the_readers_language(playing: Playing, locale: str) -> None:
    asking = Asking(
        new_key(), eur(1), "<A>", locale if locale != "xx" else "en_GB", "https://x.example", "https://x.example"
    )
    page = playing.browser.get(playing.provider.begin(asking).url.removeprefix("https://pay.example")).text
    assert re.findall(r'<html lang="(\w+)"', page) == [locale[:2] if locale != "xx" else "en"]
    assert "<A>" not in page
