"""From the page to the ledger with Stripe's and Mollie's own SDKs, over HTTP, through the doors of the house."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from stripe import WebhookSignature

from app.application import make_application
from app.installation import doorplate
from app.settings import Settings
from bot.assistant import Assistant
from bot.turn import House
from o2c_core.conversations.pay_links import Payable, pay_url
from o2c_core.invoices.online_payment import OnlinePayment
from o2c_core.invoices.payment import Payment
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller, an_invoice
from tests.channels.pay_servers import Server, api
from tests.channels.paying import booked, left_open, tasks

BASE = "https://parley.example"


@contextmanager
def opened(tmp_path: Path, store: Store, session: Session, **chosen: Any) -> Iterator[tuple[TestClient, str]]:
    """The whole application, and the path of a link to pay A (125.00) on it."""
    customer = a_customer(session, a_seller(session), "C1")
    an_invoice(session, customer, "A")
    session.commit()
    settings = Settings(data=tmp_path, secret="key", base_url=BASE, _env_file=None, **chosen)
    house = House(store, lambda: None, Assistant(), doorplate(settings))
    url = str(pay_url(doorplate(settings), Payable("EUR", customer.id), store.clock.now()))
    with TestClient(make_application(house, settings), follow_redirects=False) as client:
        yield client, url.removeprefix(BASE)


def pressed(client: TestClient, path: str, session: Session) -> tuple[OnlinePayment, str]:
    """The row after Pay online was pressed, and where the payer comes back to."""
    to = client.post(path, data={"chosen": "yes", "invoice": "A", "amount": ""}).headers["location"]
    payment = session.scalars(select(OnlinePayment).execution_options(populate_existing=True)).one()
    session.commit()
    return payment, to.replace("/to/", "/back/")


def a_mollie_payment(payment: OnlinePayment | None, status: str, value: str = "125.00") -> dict[str, Any]:
    link = {"href": "https://www.mollie.com/checkout/1", "type": "text/html"}
    return {
        "resource": "payment", "id": "tr_1", "mode": "test", "description": "A", "status": status,
        "amount": {"currency": "EUR", "value": value}, "sequenceType": "oneoff", "profileId": "pfl_1",
        "createdAt": "2026-03-16T11:00:00+00:00", "metadata": {"online_payment": str(payment.id if payment else "")},
        "_links": {"self": link, "dashboard": link, "checkout": link},
    }  # fmt: skip


def test_stripe_from_the_page_to_the_ledger(tmp_path: Path, store: Store, session: Session) -> None:
    def event(kind: str, **about: Any) -> tuple[bytes, dict[str, str]]:
        about = {
            "id": "cs_1", "object": "checkout.session", "amount_total": 12_500, "currency": "eur", "payment_status": "paid",
            "metadata": {"online_payment": str(payment.id)},
        } | about  # fmt: skip
        body = json.dumps({"id": "evt_1", "object": "event", "type": kind, "data": {"object": about}})
        return body.encode(), {
            "Stripe-Signature": WebhookSignature.generate_signature_header(body, "whsec_1", int(time.time()))
        }

    def deliver(kind: str, **about: Any) -> int:
        body, headers = event(kind, **about)
        return client.post("/webhooks/stripe", content=body, headers=headers).status_code

    with api("application/json") as stripe:
        stripe.answers["POST /v1/checkout/sessions"] = (
            200, {"id": "cs_1", "object": "checkout.session", "url": "https://checkout.stripe.com/c/pay/cs_1"}
        )  # fmt: skip
        keys = {"stripe_key": "sk_1", "stripe_webhook_key": "whsec_1", "stripe_api_url": stripe.url}
        with opened(tmp_path, store, session, **keys) as (client, path):
            payment, back = pressed(client, path, session)
            assert payment.provider_key == "cs_1"
            assert 'data-state="checking"' in client.get(back).text
            forged = event("checkout.session.completed")[0]
            assert (
                client.post("/webhooks/stripe", content=forged, headers={"Stripe-Signature": "t=1,v1=0"}).status_code
                == 403
            )
            assert deliver("checkout.session.completed", payment_status="unpaid") == 204
            assert deliver("checkout.session.completed", amount_total=1) == 204
            assert (booked(session), tasks(session)) == ([], 1)
            for _ in range(2):
                assert deliver("checkout.session.async_payment_succeeded") == 204
            assert deliver("checkout.session.expired") == 204
            assert (booked(session), left_open(session)) == ([12_500], {"A": 0})
            assert session.scalars(select(Payment.source_key)).one() == "stripe:cs_1"
            assert 'data-state="paid"' in client.get(back).text
            charge = {"id": "ch_1", "amount_refunded": 2_500}
            assert [deliver("charge.refunded", **charge) for _ in range(2)] == [204, 204]
            assert tasks(session) == 2


@pytest.fixture
def mollie() -> Iterator[Server]:
    with api("application/hal+json") as server:
        server.answers["POST /v2/payments"] = (201, a_mollie_payment(None, "open"))
        yield server


def test_mollie_from_the_page_to_the_ledger(tmp_path: Path, store: Store, session: Session, mollie: Server) -> None:
    def deliver(said: tuple[int, Any], body: bytes = b"id=tr_1") -> int:
        mollie.answers["GET /v2/payments/tr_1"] = said
        return client.post("/webhooks/mollie", content=body).status_code

    with opened(tmp_path, store, session, mollie_key="test_1", mollie_api_url=mollie.url) as (client, path):
        payment, back = pressed(client, path, session)
        assert mollie.asked[0].body["webhookUrl"] == f"{BASE}/webhooks/mollie"
        assert deliver((200, a_mollie_payment(payment, "open")), b"id=tr_1&status=paid") == 204
        assert deliver((500, {})) == 503
        assert deliver((200, a_mollie_payment(payment, "paid", "124.99"))) == 204
        assert (booked(session), tasks(session)) == ([], 1)
        for _ in range(2):
            assert deliver((200, a_mollie_payment(payment, "paid"))) == 204
        assert (booked(session), left_open(session)) == ([12_500], {"A": 0})
        assert session.scalars(select(Payment.source_key)).one() == "mollie:tr_1"
        assert 'data-state="paid"' in client.get(back).text
