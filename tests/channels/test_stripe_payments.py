"""Stripe by its own SDK: what it is asked, and which of its words are money."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from stripe import WebhookSignature

from channels.stripe_payments import StripePayments
from o2c_core.invoices.pay_provider import Asking, ForgedWord, HostedPage, ProviderDown, ProviderRefused, Word
from o2c_core.money import Money
from tests.channels.pay_servers import Server, api

OUR_ID = UUID("01950000-0000-7000-8000-000000000001")
SECRET = "whsec_of_the_tests"
ASKING = Asking(
    OUR_ID, Money(12_345, "EUR"), "INV-1, INV-2", "nl_NL", "https://parley.example/back", "https://parley.example/word"
)
SESSIONS = "POST /v1/checkout/sessions"


@pytest.fixture
def server() -> Iterator[Server]:
    with api("application/json") as server:
        yield server


@pytest.fixture
def stripe(server: Server) -> StripePayments:
    return StripePayments("sk_test_1", webhook_key=SECRET, api_url=server.url, seconds=1.0)


def a_session(**about: Any) -> dict[str, Any]:
    return {
        "id": "cs_1", "object": "checkout.session", "url": "https://checkout.stripe.com/c/pay/cs_1", "status": "open",
        "payment_status": "unpaid", "amount_total": 12_345, "currency": "eur", "client_reference_id": str(OUR_ID),
        "metadata": {"online_payment": str(OUR_ID)},
    } | about  # fmt: skip


def signed(event: dict[str, Any], *, secret: str = SECRET, seconds_ago: int = 0) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(event)
    header = WebhookSignature.generate_signature_header(body, secret, int(time.time()) - seconds_ago)
    return body.encode(), {"stripe-signature": header}


def an_event(kind: str, **about: Any) -> dict[str, Any]:
    return {"id": "evt_1", "object": "event", "type": kind, "data": {"object": about}}


def test_it_asks_for_one_page_for_exactly_that_amount_under_our_own_key(stripe: StripePayments, server: Server) -> None:
    server.answers[SESSIONS] = (200, a_session())
    assert stripe.begin(ASKING) == HostedPage("cs_1", "https://checkout.stripe.com/c/pay/cs_1")
    (asked,) = server.asked
    assert asked.headers["idempotency-key"] == str(OUR_ID)
    assert asked.headers["authorization"] == "Bearer sk_test_1"
    assert asked.body == {
        "mode": "payment",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "eur",
        "line_items[0][price_data][unit_amount]": "12345",
        "line_items[0][price_data][product_data][name]": "INV-1, INV-2",
        "client_reference_id": str(OUR_ID),
        "metadata[online_payment]": str(OUR_ID),
        "payment_intent_data[metadata][online_payment]": str(OUR_ID),
        "payment_intent_data[description]": "INV-1, INV-2",
        "success_url": "https://parley.example/back",
        "cancel_url": "https://parley.example/back",
        "locale": "nl",
    }


@pytest.mark.parametrize(
    ("amount", "units"),
    [
        (Money(12_345, "EUR"), 12_345),
        (Money(500, "JPY"), 500),
        (Money(500, "ISK"), 50_000),
        (Money(500, "UGX"), 50_000),
        (Money(1_230, "KWD"), 1_230),
    ],
)
def test_amounts_are_counted_as_stripe_does(stripe: StripePayments, server: Server, amount: Money, units: int) -> None:
    server.answers[SESSIONS] = (200, a_session())
    stripe.begin(Asking(OUR_ID, amount, "INV-1", "en_GB", "https://x.example", "https://x.example"))
    assert server.asked[0].body["line_items[0][price_data][unit_amount]"] == str(units)
    event = an_event(
        "checkout.session.completed",
        **a_session(payment_status="paid", amount_total=units, currency=amount.currency.lower()),
    )
    heard = stripe.hear(*signed(event))
    assert heard.word is not None
    assert heard.word.amount == amount


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ((500, {"error": {"message": "x"}}), ProviderDown),
        ((503, "<html>"), ProviderDown),
        ((429, {"error": {"message": "x"}}), ProviderDown),
        ("hang", ProviderDown),
        ((400, {"error": {"type": "invalid_request_error", "message": "x"}}), ProviderRefused),
        ((401, {"error": {"message": "x"}}), ProviderRefused),
        ((402, {"error": {"type": "card_error", "message": "x"}}), ProviderRefused),
        ((200, a_session(url=None)), ProviderRefused),
    ],
)
def test_what_stripe_cannot_or_will_not_do(
    stripe: StripePayments, server: Server, answer: Any, failure: type[Exception]
) -> None:
    server.answers[SESSIONS] = answer
    with pytest.raises(failure):
        stripe.begin(ASKING)
    assert len(server.asked) == 1


def test_nobody_listening_is_down() -> None:
    with pytest.raises(ProviderDown):
        StripePayments("sk_test_1", webhook_key=SECRET, api_url="http://127.0.0.1:9", seconds=1.0).begin(ASKING)


@pytest.mark.parametrize(
    ("kind", "about", "standing"),
    [
        ("checkout.session.completed", {"payment_status": "paid"}, "paid"),
        # Completed by a method whose money is still on its way.
        ("checkout.session.completed", {"payment_status": "unpaid"}, "open"),
        ("checkout.session.completed", {"payment_status": "no_payment_required"}, "open"),
        ("checkout.session.async_payment_succeeded", {"payment_status": "paid"}, "paid"),
        ("checkout.session.async_payment_failed", {}, "failed"),
        ("checkout.session.expired", {}, "expired"),
        ("customer.created", {}, None),
        ("payment_intent.succeeded", {}, None),
    ],
)
def test_which_event_says_what(stripe: StripePayments, kind: str, about: dict[str, Any], standing: Any) -> None:
    heard = stripe.hear(*signed(an_event(kind, **a_session(**about))))
    expected = Word("cs_1", OUR_ID, standing, Money(12_345, "EUR")) if standing else None
    assert (heard.word, heard.taken_back) == (expected, ())


def test_a_forged_altered_or_old_event_is_not_heard(stripe: StripePayments) -> None:
    event = an_event("checkout.session.completed", **a_session(payment_status="paid"))
    body, headers = signed(event)
    for odd_body, odd_headers in [
        (body, {}),
        (body, {"stripe-signature": ""}),
        (body, {"stripe-signature": "t=1,v1=00"}),
        (body, {"stripe-signature": "nonsense"}),
        (body.replace(b"12345", b"12346"), headers),
        signed(event, secret="whsec_another"),
        signed(event, seconds_ago=3_600),
        (b"\xff\xfe", headers),
        (b"", headers),
    ]:
        with pytest.raises(ForgedWord):
            stripe.hear(odd_body, odd_headers)
    assert stripe.hear(body, headers).word is not None


def test_without_a_webhook_key_nothing_is_heard(server: Server) -> None:
    event = an_event("checkout.session.completed", **a_session(payment_status="paid"))
    with pytest.raises(ForgedWord):
        StripePayments("sk_test_1", webhook_key=None, api_url=server.url).hear(*signed(event, secret=""))


def test_a_refund_is_told_with_our_own_id(stripe: StripePayments) -> None:
    charge = {"id": "ch_1", "amount_refunded": 2_500, "currency": "eur", "metadata": {"online_payment": str(OUR_ID)}}
    (back,) = stripe.hear(*signed(an_event("charge.refunded", **charge))).taken_back
    assert (back.id, back.kind, back.amount) == (OUR_ID, "refund", Money(2_500, "EUR"))


def test_of_a_dispute_the_payment_is_looked_up(stripe: StripePayments, server: Server) -> None:
    dispute = {"id": "dp_1", "amount": 12_345, "currency": "eur", "payment_intent": "pi_1", "metadata": {}}
    event = signed(an_event("charge.dispute.created", **dispute))
    server.answers["GET /v1/payment_intents/pi_1"] = (503, {})
    with pytest.raises(ProviderDown):
        stripe.hear(*event)
    intent = {"id": "pi_1", "object": "payment_intent", "metadata": {"online_payment": str(OUR_ID)}}
    server.answers["GET /v1/payment_intents/pi_1"] = (200, intent)
    (back,) = stripe.hear(*event).taken_back
    assert (back.id, back.kind, back.return_key) == (OUR_ID, "dispute", "dp_1")


@pytest.mark.parametrize(
    ("answer", "standing"),
    [
        ((200, a_session(status="complete", payment_status="paid")), "paid"),
        ((200, a_session(status="complete")), "open"),
        ((200, a_session()), "open"),
        ((200, a_session(status="expired")), "expired"),
        ((404, {"error": {"type": "invalid_request_error", "message": "no such session"}}), None),
    ],
)
def test_what_a_look_up_says(stripe: StripePayments, server: Server, answer: Any, standing: str | None) -> None:
    server.answers["GET /v1/checkout/sessions/cs_1"] = answer
    found = stripe.look_up("cs_1")
    assert (found.standing if found else None) == standing
    assert not stripe.believes_look_up


def test_a_look_up_while_stripe_is_down_is_an_outage(stripe: StripePayments, server: Server) -> None:
    server.answers["GET /v1/checkout/sessions/cs_1"] = (500, {})
    with pytest.raises(ProviderDown):
        stripe.look_up("cs_1")
