"""The API's door: who is let in, for what, how often, and what those outside learn: nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from o2c_core.actions.make_api_key import make_api_key
from o2c_core.actions.revoke_api_key import revoke_api_key
from o2c_core.clock import MovableClock
from o2c_core.integrations.api_key import SCOPES
from o2c_core.integrations.rate import Rate
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller, an_invoice, an_order
from tests.web.api.called import Caller, a_key
from web.api.problems import MEDIA_TYPE

NOWHERE = "019a0000-0000-7000-8000-000000000000"


@pytest.fixture
def ledger(store: Store) -> Store:
    """Two sellers who both have an invoice INV-1, and one of them what the other has not."""
    with store.session() as session:
        for ref, numbers in (("vandijk", ["INV-1"]), ("other", ["INV-1", "INV-2"])):
            customer = a_customer(session, a_seller(session, ref), f"C-{ref}")
            for number in numbers:
                an_invoice(session, customer, number, paid_minor=100)
            an_order(session, customer, f"SO-{ref}")
        session.commit()
    return store


@pytest.mark.parametrize("what", ["no key", "unknown", "revoked", "expired", "basic", "nonsense", "empty"])
def test_whoever_has_no_good_key_hears_one_and_the_same(ledger: Store, clock: MovableClock, what: str) -> None:
    api = Caller(ledger)
    made = make_api_key("vandijk", "short", SCOPES, clock.now() + timedelta(hours=1), store=ledger)
    if what == "revoked":
        revoke_api_key("vandijk", made.row.start, store=ledger)
    clock.move(timedelta(hours=2 if what == "expired" else 0))
    header = {
        "no key": {}, "unknown": {"Authorization": "Bearer parley_unknown"}, "basic": {"Authorization": "Basic abc"},
        "nonsense": {"Authorization": "x" * 5_000}, "empty": {"Authorization": "Bearer "},
    }.get(what, {"Authorization": f"Bearer {made.key}"})  # fmt: skip
    for path in ("/api/v1/invoices/INV-1", "/api/v1/invoices/nothing", "/api/v1/seller"):
        answer = api.client.get(path, headers=header)
        assert (answer.status_code, answer.headers["content-type"]) == (401, MEDIA_TYPE)
        assert answer.headers["www-authenticate"] == 'Bearer realm="parley"'
        assert answer.json() == {
            "type": "urn:parley:problem:not-let-in", "title": "A valid key is needed", "status": 401,
            "detail": "A valid key is needed.",
        }  # fmt: skip


PLACES = [
    ("GET", "/invoices/INV-1", "/invoices/nothing"),
    ("GET", "/invoices/INV-1/pdf", "/invoices/nothing/pdf"),
    ("GET", "/customers/C-vandijk/balance", "/customers/nobody/balance"),
    ("GET", "/customers?limit=0", "/customers"),
    ("PUT", "/customers/C-vandijk", "/customers/nobody"),
    ("POST", "/orders/SO-vandijk/confirm", "/orders/nothing/confirm"),
    ("POST", "/imports/ledger", "/imports/ledger?profile=../x"),
    ("POST", "/customers/C-vandijk/erase", "/customers/nobody/erase"),
    ("GET", "/trail", "/trail?subject=x"),
]


@pytest.mark.parametrize(("method", "there", "not_there"), PLACES)
def test_a_key_without_the_scope_learns_nothing(ledger: Store, method: str, there: str, not_there: str) -> None:
    api = Caller(ledger, scopes=["webhooks:manage"])
    bodies = (b"", b"{}", b"not json", b'{"name": 7}')
    heard = set()
    for path in (there, not_there):
        for body in bodies if method != "GET" else bodies[:1]:
            for more in ({}, {"Idempotency-Key": "k"}):
                answer = api.client.request(method, f"/api/v1{path}", content=body, headers=api.headers() | more)
                heard.add((answer.status_code, answer.headers["content-type"], answer.content))
    assert len(heard) == 1
    assert next(iter(heard))[:2] == (403, MEDIA_TYPE)


def test_every_address_needs_a_scope_but_the_sellers_own_name(ledger: Store) -> None:
    api = Caller(ledger, scopes=["webhooks:manage"])
    other = a_key(ledger, scopes=["trail:read"])
    described = api.client.get("/api/v1/openapi.json").json()["paths"]
    open_to_all = []
    for path, methods in described.items():
        headers = {"Authorization": f"Bearer {other}"} if path.startswith("/webhooks") else api.headers()
        for method in methods:
            there = path.format(**dict.fromkeys(["ref", "number", "tracking_number", "name", "kind"], "x") | _IDS)
            if api.client.request(method, f"/api/v1{there}", headers=headers).status_code != 403:
                open_to_all.append(path)
    assert len(described) > 60
    assert open_to_all == ["/seller"]


_IDS = dict.fromkeys(
    ["contact_id", "payment_id", "allocation_id", "hold_id", "transaction_id", "webhook_id", "person_id"], NOWHERE
)


def test_another_sellers_things_are_not_there_just_as_what_does_not_exist(ledger: Store) -> None:
    api, other = Caller(ledger), Caller(ledger, "other")
    theirs = other.get("/payments").json()["data"][0]["id"]
    for there, nowhere in [
        ("/invoices/INV-2", "/invoices/INV-9"),
        ("/customers/C-other", "/customers/C-9"),
        ("/orders/SO-other", "/orders/SO-9"),
        (f"/payments/{theirs}", f"/payments/{NOWHERE}"),
        ("/invoices?customer=C-other", "/invoices?customer=C-9"),
    ]:
        found, missing = api.get(there), api.get(nowhere)
        assert (found.status_code, found.content) == (404, missing.content)
        assert other.get(there).status_code == 200
    for path in ("/invoices", "/orders", "/customers", "/payments", "/trail"):
        assert "other" not in api.get(path).text


def test_writes_do_not_reach_another_seller(ledger: Store) -> None:
    api, other = Caller(ledger), Caller(ledger, "other")
    payment = other.get("/payments").json()["data"][0]
    euro = {"minor": 100, "currency": "EUR"}
    for path, body in [
        ("/invoices/INV-2/write-offs", {"amount": euro, "reason": "goodwill", "words": "x"}),
        (f"/payments/{payment['id']}/refunds", {"amount": euro, "reason": "x"}),
        (f"/allocations/{payment['allocations'][0]['id']}/release", {"why": "x"}),
        ("/orders/SO-other/cancel", {"why": "x"}),
        ("/disputes", {"invoice": "INV-2", "reason": "PRICE", "description": "x"}),
        ("/payments", {"customer": "C-other", "amount": euro, "received_on": "2026-03-16", "key": "k"}),
        ("/promises", {"customer": "C-vandijk", "promised_on": "2026-03-20", "invoices": ["INV-2"]}),
    ]:
        assert api.post(path, body).status_code == 404, path


def test_a_key_that_calls_too_often_is_told_to_wait(ledger: Store) -> None:
    seconds = [0.0]
    api = Caller(ledger, rate=Rate(per_second=1, at_once=3, tick=lambda: seconds[0]))
    assert [api.get("/seller").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = api.get("/seller")
    assert answer.headers["content-type"] == MEDIA_TYPE
    seconds[0] += int(answer.headers["retry-after"])
    assert api.get("/seller").status_code == 200
    api.key = a_key(ledger)
    assert api.get("/seller").status_code == 200, "each key has its own"


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/nothing", 404), ("GET", "/", 404), ("PATCH", "/customers", 405), ("GET", "/seller/", 404),
])  # fmt: skip
def test_what_is_no_address_is_a_problem_too(ledger: Store, method: str, path: str, status: int) -> None:
    api = Caller(ledger)
    answer = api.client.request(method, f"/api/v1{path}", headers=api.headers())
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE)


def test_a_mistake_of_ours_says_nothing_of_the_inside(ledger: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    api = Caller(ledger)

    def breaks(*_: object) -> None:
        raise RuntimeError("SELECT secret FROM inside")

    monkeypatch.setattr("web.api.parties.seller_of", breaks)
    answer = api.get("/seller")
    assert (answer.status_code, answer.headers["content-type"]) == (500, MEDIA_TYPE)
    assert "secret" not in answer.text
    assert "RuntimeError" not in answer.text
