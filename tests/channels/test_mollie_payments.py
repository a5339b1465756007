"""Mollie by its own SDK: its webhook only says where to look, and only what its API says is believed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from mollie.utils.webhooks import SignatureValidator

from channels.mollie_payments import MolliePayments
from o2c_core.invoices.pay_provider import Asking, ForgedWord, Heard, HostedPage, ProviderDown, ProviderRefused, Word
from o2c_core.money import Money
from tests.channels.pay_servers import Server, api

OUR_ID = UUID("01950000-0000-7000-8000-000000000001")
ASKING = Asking(
    OUR_ID, Money(12_300, "EUR"), "INV-1", "de_DE", "https://parley.example/back", "https://parley.example/word"
)
CREATE, GET = "POST /v2/payments", "GET /v2/payments/tr_7UhSN1zuXS"
ERROR = {"status": 422, "title": "x", "detail": "x", "_links": {"documentation": {"href": "x", "type": "x"}}}


@pytest.fixture
def server() -> Iterator[Server]:
    with api("application/hal+json") as server:
        yield server


@pytest.fixture
def mollie(server: Server) -> MolliePayments:
    return MolliePayments("test_1", webhook_key="secret", api_url=server.url, seconds=1.0)


def a_payment(status: str = "open", **about: Any) -> dict[str, Any]:
    link = {"href": "https://www.mollie.com/checkout/1", "type": "text/html"}
    return {
        "resource": "payment", "id": "tr_7UhSN1zuXS", "mode": "test", "description": "INV-1", "status": status,
        "amount": {"currency": "EUR", "value": "123.00"}, "sequenceType": "oneoff", "profileId": "pfl_1",
        "createdAt": "2026-03-16T11:00:00+00:00", "metadata": {"online_payment": str(OUR_ID)},
        "_links": {"self": link, "dashboard": link, "checkout": link},
    } | about  # fmt: skip


def test_it_asks_for_one_page_for_exactly_that_amount_under_our_own_key(mollie: MolliePayments, server: Server) -> None:
    server.answers[CREATE] = (201, a_payment())
    assert mollie.begin(ASKING) == HostedPage("tr_7UhSN1zuXS", "https://www.mollie.com/checkout/1")
    (asked,) = server.asked
    assert asked.headers["idempotency-key"] == str(OUR_ID)
    assert asked.headers["authorization"] == "Bearer test_1"
    assert asked.body == {
        "description": "INV-1",
        "amount": {"currency": "EUR", "value": "123.00"},
        "redirectUrl": "https://parley.example/back",
        "webhookUrl": "https://parley.example/word",
        "metadata": {"online_payment": str(OUR_ID)},
        "locale": "de_DE",
    }


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ((500, {}), ProviderDown),
        ((503, ERROR), ProviderDown),
        ((429, ERROR), ProviderDown),
        ((401, {}), ProviderDown),
        ("hang", ProviderDown),
        ((201, {"id": "tr_7UhSN1zuXS"}), ProviderDown),
        ((422, ERROR), ProviderRefused),
        ((400, {}), ProviderRefused),
        (
            (201, a_payment(_links={"self": {"href": "x", "type": "x"}, "dashboard": {"href": "x", "type": "x"}})),
            ProviderRefused,
        ),
    ],
)
def test_what_mollie_cannot_or_will_not_do(
    mollie: MolliePayments, server: Server, answer: Any, failure: type[Exception]
) -> None:
    server.answers[CREATE] = answer
    with pytest.raises(failure):
        mollie.begin(ASKING)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("open", "open"), ("pending", "open"), ("authorized", "open"), ("paid", "paid"), ("canceled", "cancelled"),
        ("expired", "expired"), ("failed", "failed"), ("something new", "open"),
    ],
)  # fmt: skip
def test_a_webhook_is_looked_up_and_nothing_else_of_it_is_believed(
    mollie: MolliePayments, server: Server, status: str, standing: Any
) -> None:
    server.answers[GET] = (200, a_payment(status))
    # Whatever else it says: only the id counts.
    heard = mollie.hear(b"id=tr_7UhSN1zuXS&status=paid&amount=1", {})
    assert heard == Heard(Word("tr_7UhSN1zuXS", OUR_ID, standing, Money(12_300, "EUR")))


@pytest.mark.parametrize(
    "body",
    [b"", b"id=", b"id=tr_unknown", b"id=tr_../customers", b"id=ord_1", b"id=tr_" + b"a" * 200, b"{", b'{"entityId": "pl_1"}', b"[]"],
)  # fmt: skip
def test_a_webhook_about_nothing_we_know_says_nothing(mollie: MolliePayments, body: bytes) -> None:
    assert mollie.hear(body, {}) == Heard()


def test_while_mollie_does_not_answer_a_webhook_is_not_taken(mollie: MolliePayments, server: Server) -> None:
    server.answers[GET] = (500, {})
    with pytest.raises(ProviderDown):
        mollie.hear(b"id=tr_7UhSN1zuXS", {})


def test_a_next_gen_event_is_signed_and_looked_up_all_the_same(mollie: MolliePayments, server: Server) -> None:
    server.answers[GET] = (200, a_payment("paid"))
    body = json.dumps({"resource": "event", "id": "event_1", "type": "payment.paid", "entityId": "tr_7UhSN1zuXS"})
    good = "sha256=" + SignatureValidator.create_signature(body, "secret")
    heard = mollie.hear(body.encode(), {"x-mollie-signature": good})
    assert heard.word is not None
    assert heard.word.standing == "paid"
    for odd_body, signature in [
        (body, "sha256=00"), (body, "nonsense"), (body, "é"), (body.replace("tr_7", "tr_8"), good),
        (body, "sha256=" + SignatureValidator.create_signature(body, "another")),
    ]:  # fmt: skip
        with pytest.raises(ForgedWord):
            mollie.hear(odd_body.encode(), {"x-mollie-signature": signature})
    with pytest.raises(ForgedWord):
        mollie.hear(b"\xff", {})


def test_a_signature_nobody_can_check_is_not_believed(server: Server) -> None:
    with pytest.raises(ForgedWord):
        MolliePayments("test_1", api_url=server.url).hear(b"id=tr_7UhSN1zuXS", {"x-mollie-signature": "sha256=00"})


def test_money_that_left_again_is_told_by_its_sums(mollie: MolliePayments, server: Server) -> None:
    back = {"currency": "EUR", "value": "25.00"}
    server.answers[GET] = (
        200,
        a_payment("paid", amountRefunded=back, amountChargedBack={"currency": "EUR", "value": "0.00"}),
    )
    (told,) = mollie.hear(b"id=tr_7UhSN1zuXS", {}).taken_back
    assert (told.kind, told.id, told.amount) == ("refund", OUR_ID, Money(2_500, "EUR"))


def test_what_has_another_metadata_is_told_without_our_id(mollie: MolliePayments, server: Server) -> None:
    server.answers[GET] = (200, a_payment("paid", metadata="something"))
    heard = mollie.hear(b"id=tr_7UhSN1zuXS", {})
    assert heard.word is not None
    assert heard.word.id is None
