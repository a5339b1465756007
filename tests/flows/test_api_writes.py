"""What is written by the API: the whole way from an order to its money, each step once, and odd requests refused."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from app.application import BODY_BYTES_MAX, Doorframe
from o2c_core.customers.customer import Customer
from o2c_core.integrations.api_key import IdempotentCall
from o2c_core.integrations.webhook import WebhookEndpoint
from o2c_core.invoices.payment import Payment
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import a_customer, a_seller, an_invoice
from tests.web.api.called import Caller
from web.api.imports import FILE_BYTES_MAX
from web.api.openapi import PREFIX

JANSEN = {"name": "Bakkerij Jansen", "country": "NL", "language": "nl", "currency": "EUR"}
LINE = {
    "sku": "A",
    "description": "Flour",
    "quantity": "4",
    "unit_price": "12.50",
    "tax_category": "S",
    "tax_rate": "21",
}


def eur(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "EUR"}


@pytest.fixture
def api(store: Store) -> Caller:
    with store.session() as session:
        a_customer(session, a_seller(session), "C1001")
        session.commit()
    return Caller(store)


def test_from_an_order_to_its_money(api: Caller) -> None:
    order = api.post("/orders", {"customer": "C1001", "number": "SO-7", "lines": [LINE, LINE | {"sku": "B"}]})
    assert (order.status_code, order.json()["amount"]["minor"]) == (201, 10_000)
    assert api.post("/orders/SO-7/confirm").json()["confirmed_on"] == "2026-03-16"
    part = {"tracking_number": "3S1", "carrier": "PostNL", "lines": [{"position": 1, "quantity": 4}]}
    assert api.post("/orders/SO-7/shipments", part).json()["state"] == "part_shipped"
    delivered = api.post("/orders/SO-7/shipments/3S1/deliver", {"received_by": "A. Jansen", "proof_kind": "signature"})
    assert delivered.json()["shipments"][0]["proof"]["received_by"] == "A. Jansen"
    cancelled = api.post("/orders/SO-7/cancel", {"why": "out of stock", "lines": [{"position": 2, "quantity": 4}]})
    assert cancelled.json()["state"] == "delivered"

    invoice = api.post("/invoices", {"shipment": {"order": "SO-7", "tracking_number": "3S1"}, "number": "INV-7"}).json()
    assert (invoice["number"], invoice["total"]["minor"], invoice["order"]) == ("INV-7", 6_050, "SO-7")
    dispute = api.post(
        "/disputes", {"invoice": "INV-7", "reason": "DAMAGED", "description": "wet", "amount": eur(1_000)}
    )
    assert dispute.status_code == 201
    resolved = api.post(
        f"/disputes/{dispute.json()['number']}/resolve",
        {"outcome": "valid_as_billed", "words": "the photo shows it dry", "cause": "carrier", "cause_about": "PostNL"},
    )
    assert resolved.json()["state"] == "resolved"
    assert (resolved.json()["cause"], resolved.json()["cause_about"]) == ("carrier", "PostNL")

    payment = api.post(
        "/payments", {"customer": "C1001", "amount": eur(6_000), "received_on": "2026-03-16", "key": "bank-1"}
    ).json()
    assert payment["unapplied"]["minor"] == 0
    assert api.get("/invoices/INV-7").json()["open"]["minor"] == 50
    off = api.post("/invoices/INV-7/write-offs", {"amount": eur(50), "reason": "small_balance", "words": "rounding"})
    assert off.json()["state"] == "paid"
    (allocation,) = payment["allocations"]
    assert api.post(f"/allocations/{allocation['id']}/release", {"why": "wrong customer"}).status_code == 204
    assert api.get("/invoices/INV-7").json()["open"]["minor"] == 6_000
    refund = api.post(f"/payments/{payment['id']}/refunds", {"amount": eur(1_000), "reason": "paid too much"})
    assert (refund.status_code, refund.json()["kind"]) == (201, "refund")
    left = api.post(
        f"/payments/{payment['id']}/allocations", {"allocations": [{"invoice": "INV-7", "amount": eur(5_000)}]}
    )
    assert left.json()["unapplied"]["minor"] == 0
    back = api.post(
        f"/payments/{payment['id']}/returns",
        {"kind": "chargeback", "amount": eur(500), "returned_on": "2026-03-16", "reason": "AC06", "key": "bank-2"},
    )
    assert back.status_code == 201
    assert api.get("/invoices/INV-7").json()["open"]["minor"] == 1_500
    who = {line["who"] for line in api.get("/trail", customer="C1001").json()["data"]}
    assert who == {"api: the ERP", "system"}, "the system confirms by itself what it may"


def test_what_is_agreed_is_recorded(api: Caller, store: Store) -> None:
    with store.session() as session:
        an_invoice(session, session.scalars(select(Customer)).one(), "INV-1", total_minor=10_000)
        session.commit()
    promise = api.post("/promises", {"customer": "C1001", "promised_on": "2026-03-20", "invoices": ["INV-1"]})
    assert (promise.status_code, promise.json()["amount"]["minor"]) == (201, 10_000)
    plan = api.post("/plans", {"customer": "C1001", "invoices": ["INV-1"], "parts": 2, "first_on": "2026-03-31"}).json()
    assert [part["amount"]["minor"] for part in plan["parts"]] == [5_000, 5_000]
    assert api.post(f"/plans/{plan['number']}/answer", {"is_accepted": True}).json()["state"] == "active"
    hold = api.post(
        "/holds",
        {"customer": "C1001", "kind": "reminders", "reason": "moving", "owner": "Els", "until_on": "2026-03-30"},
    )
    assert hold.json()["stands"] == "running"
    assert api.post(f"/holds/{hold.json()['id']}/end", {"why": "moved"}).json()["ended_why"] == "moved"
    complaint = api.post("/complaints", {"customer": "C1001", "about": "rude driver", "category": "staff"}).json()
    done = api.post(f"/complaints/{complaint['number']}/resolve", {"resolution": "apologised", "root_cause": "haste"})
    assert (done.json()["state"], done.json()["cause"]) == ("resolved", None)
    (contact,) = api.get("/customers/C1001/contacts").json()
    said = {"channel": "email", "purpose": "reminders", "is_given": False, "how": "telephone", "words": "no more mail"}
    assert api.post(f"/customers/C1001/contacts/{contact['id']}/consents", said).status_code == 201


def test_a_customer_is_added_changed_and_left_alone(api: Caller, store: Store) -> None:
    asked = JANSEN | {"parent": "C1001", "payment_terms": "2/10 net 30", "credit_limit": eur(100_000)}
    told = api.put("/customers/C2", asked)
    assert (told.status_code, told.json()["payment_terms"], told.json()["parent"]) == (201, "2/10 net 30", "C1001")
    assert api.put("/customers/C2", asked).status_code == 200
    changed = api.put("/customers/C2", JANSEN | {"city": "Utrecht"}).json()
    assert (changed["city"], changed["parent"], changed["has_own_terms"]) == ("Utrecht", None, False)
    with store.session() as session:
        lines = session.scalars(select(TrailLine).where(TrailLine.subject == "customer").order_by(TrailLine.id))
        noted = [(line.what, line.details.get("changed")) for line in lines]
    assert [what for what, _ in noted] == ["customer added", "customer changed"]
    assert "Utrecht" not in str(noted)


@pytest.mark.parametrize(("change", "detail"), [
    ({"currency": "XXX"}, "That is not a currency code of ISO 4217."),
    ({"time_zone": "../../etc/passwd"}, "That is not a time zone; it is written as Europe/Amsterdam."),
    ({"time_zone": "Europe"}, "That is not a time zone; it is written as Europe/Amsterdam."),
    ({"parent": "C9"}, "The customer it should belong to is not there."),
    ({"parent": "C1001"}, "A customer cannot belong to itself, also not by way of others."),
    ({"payment_terms": "whenever"}, "Payment terms are written as: net 30, net 30 eom, eom+15, 2/10 net 30, or 30%@0 + 70%@60."),
    ({"credit_limit": {"minor": 1, "currency": "USD"}}, "A credit limit is in the customer's own currency."),
    ({"credit_limit": {"minor": 100, "currency": "EUR", "decimal": "100"}}, "The decimal of an amount must say the same as its minor units."),
])  # fmt: skip
def test_a_customer_that_makes_no_sense_is_refused_in_a_sentence(
    api: Caller, change: dict[str, Any], detail: str
) -> None:
    answer = api.put("/customers/C1001", JANSEN | change)
    assert (answer.status_code, answer.json()["detail"]) == (400, detail)


def test_a_contact_keeps_what_is_known_of_an_address(api: Caller) -> None:
    asked = {"name": "Els", "role": "owner", "emails": ["Els@Jansen.example "], "phones": ["06 12345678"]}
    made = api.post("/customers/C1001/contacts", asked).json()
    assert [address["value"] for address in made["addresses"]] == ["els@jansen.example", "+31612345678"]
    changed = api.put(f"/customers/C1001/contacts/{made['id']}", asked | {"phones": []}).json()
    assert [address["value"] for address in changed["addresses"]] == ["els@jansen.example"]
    assert api.post("/customers/C1001/contacts", {"name": "x", "phones": ["12"]}).status_code == 400


def test_what_is_known_of_a_person_is_given_out_and_erased(api: Caller, store: Store) -> None:
    api.put("/customers/P1", JANSEN | {"kind": "person", "name": "Anna Visser", "street": "Dorpsweg 1"})
    assert api.post("/customers/C1001/erase", {"why": "asked by mail"}).status_code == 400, "a company is no person"
    exported = api.post("/customers/P1/export", {"why": "asked by mail"}, once="x1")
    assert "Dorpsweg" in exported.text
    assert api.post("/customers/P1/export", {"why": "asked by mail"}, once="x1").json() == {"export": None}
    erased = api.post("/customers/P1/erase", {"why": "asked by mail"}, once="e1")
    assert (erased.status_code, erased.json()["rows"]["customer"]) == (200, 1)
    told = api.get("/customers/P1")
    assert "Visser" not in told.text
    assert "Dorpsweg" not in told.text
    assert api.put("/customers/P1", JANSEN).status_code == 400, "nothing is saved for who was erased"


ODD = ["a\u0000b", "a\nb", "", "   ", "\u00a0", "x" * 301, 7, None, ["x"], {"a": 1}]


@pytest.mark.parametrize("name", ODD)
def test_an_odd_name_is_refused(api: Caller, name: object) -> None:
    answer = api.put("/customers/C2", JANSEN | {"name": name})
    assert (answer.status_code, answer.json()["flaws"][0]["where"]) == (422, "body.name")


@pytest.mark.parametrize("body", [
    b"", b"null", b"[]", b"not json", b"\xff\xfe", b'{"name": "\xff"}', b"[" * 100_000, b'{"a": ' * 50_000,
    b'{"name": ' + b"9" * 5_000 + b"}", b'{"name": "\\ud83d", "country": "NL", "language": "nl", "currency": "EUR"}',
    b'{"name": NaN}', b'{"name": "x", "unknown": 1, "country": "NL", "language": "nl", "currency": "EUR"}',
])  # fmt: skip
def test_an_odd_body_is_refused(api: Caller, body: bytes) -> None:
    headers = api.headers() | {"Idempotency-Key": "k", "Content-Type": "application/json"}
    answer = api.client.put(f"{PREFIX}/customers/C2", content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["flaws"]


@pytest.mark.parametrize("ref", ["%20", "C1001%20", "%20C1001", "%C2%A0", "a%00b"])
def test_a_reference_that_looks_like_another_is_refused(api: Caller, ref: str) -> None:
    assert api.put(f"/customers/{ref}", JANSEN).status_code == 422


@pytest.mark.parametrize(("path", "asked"), [
    ("/orders", {"lines": [LINE | {"unit_price": "99999999999", "quantity": "9999999999"}]}),
    ("/invoices", {"lines": [LINE | {"unit_price": "99999999999", "quantity": "9999999999"}]}),
    ("/credit-notes", {"reason": "x", "lines": [LINE | {"unit_price": "99999999999", "quantity": "9999999999"}]}),
])  # fmt: skip
def test_more_money_than_a_ledger_holds_is_refused_in_a_sentence(api: Caller, path: str, asked: dict[str, Any]) -> None:
    answer = api.post(path, {"customer": "C1001"} | asked)
    assert (answer.status_code, "fifteen figures" in answer.json()["detail"]) == (400, True)


def test_an_invoice_of_a_day_to_come_is_refused(api: Caller) -> None:
    asked = {"customer": "C1001", "lines": [LINE], "issued_on": "2026-03-17"}
    answer = api.post("/invoices", asked)
    assert (answer.status_code, "in the future" in answer.json()["detail"]) == (400, True)
    assert api.post("/invoices", asked | {"issued_on": "2026-03-16"}).status_code == 201


@pytest.mark.parametrize(("allocate", "is_listed"), [("oldest_first", True), ("none", True), ("as_listed", False)])
def test_invoices_that_would_be_passed_over_are_refused(api: Caller, allocate: str, is_listed: bool) -> None:
    api.post("/invoices", {"customer": "C1001", "lines": [LINE], "number": "INV-7"})
    listed = [{"invoice": "INV-7", "amount": eur(100)}] if is_listed else []
    asked = {"customer": "C1001", "amount": eur(100), "received_on": "2026-03-16", "key": "k"}
    answer = api.post("/payments", asked | {"allocate": allocate, "allocations": listed})
    assert (answer.status_code, "as_listed" in answer.json()["detail"]) == (400, True)


def test_the_trail_names_the_key_that_sent_a_file(api: Caller, store: Store) -> None:
    body = b"Customer number,Name,Country,Language,Currency\nC7,Bakker,NL,nl,EUR\n"
    answer = sent(api, "/imports/ledger?profile=customers&name=c-4111111111111111.csv", body)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    with store.session() as session:
        line = session.scalars(select(TrailLine).where(TrailLine.what == "file imported")).one()
        kept = session.scalars(select(IdempotentCall)).one()
    assert line.who == "api: the ERP"
    assert "4111111111111111" not in f"{line.details} {kept.answer}", "nor is a card number in a name kept"


@pytest.mark.parametrize("amount", [
    {"minor": 0, "currency": "EUR"}, {"minor": -1, "currency": "EUR"}, {"minor": 10**16, "currency": "EUR"}, {"minor": 1.5, "currency": "EUR"},
    {"minor": 1, "currency": "eur"}, {"minor": 1}, {"minor": "x", "currency": "EUR"}, {"minor": True, "currency": []}, 12,
])  # fmt: skip
def test_an_odd_amount_is_refused(api: Caller, amount: object) -> None:
    asked = {"customer": "C1001", "amount": amount, "received_on": "2026-03-16", "key": "k"}
    assert api.post("/payments", asked).status_code == 422


@pytest.mark.parametrize("key", [None, "", "a b", "é".encode(), "x" * 256, "a\tb"])
def test_a_write_without_a_good_idempotency_key_is_refused(api: Caller, key: str | bytes | None) -> None:
    headers: dict[str, Any] = api.headers() | ({} if key is None else {"Idempotency-Key": key})
    answer = api.client.put(f"{PREFIX}/customers/C2", json=JANSEN, headers=headers)
    assert (answer.status_code, "Idempotency-Key" in answer.json()["detail"]) == (400, True)


def test_a_repeat_gets_the_first_answer_and_another_request_is_told_apart(api: Caller) -> None:
    first = api.put("/customers/C2", JANSEN, once="k1")
    again = api.put("/customers/C2", dict(reversed(JANSEN.items())), once="k1")
    assert "idempotent-replayed" not in first.headers
    assert (again.status_code, again.headers["idempotent-replayed"], again.json()) == (201, "true", first.json())
    for path, body in [("/customers/C2", JANSEN | {"name": "other"}), ("/customers/C3", JANSEN)]:
        answer = api.put(path, body, once="k1")
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert api.get("/customers/C3").status_code == 404


def test_a_refusal_may_be_sent_again_under_the_same_key(api: Caller) -> None:
    assert api.put("/customers/C2", JANSEN | {"parent": "C3"}, once="k1").status_code == 400
    api.put("/customers/C3", JANSEN)
    assert api.put("/customers/C2", JANSEN | {"parent": "C3"}, once="k1").status_code == 201


def test_of_the_same_payment_sent_at_the_same_time_one_is_booked(own_store: Store) -> None:
    with own_store.session() as session:
        a_customer(session, a_seller(session), "C1001")
        session.commit()
    api = Caller(own_store)
    asked = {"customer": "C1001", "amount": eur(100), "received_on": "2026-03-16", "key": "bank-1"}

    def send(_: int) -> int:
        return api.post("/payments", asked, once="k1").status_code

    with ThreadPoolExecutor(6) as threads:
        heard = list(threads.map(send, range(6)))
    assert set(heard) <= {201, 409}
    assert 201 in heard
    with own_store.session() as session:
        assert session.execute(select(func.count()).select_from(Payment)).scalar_one() == 1
        assert session.execute(select(func.count()).select_from(IdempotentCall)).scalar_one() == 1


def test_the_secret_of_an_endpoint_is_told_once(api: Caller, store: Store, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        first = api.post("/webhooks", {"url": "https://erp.example/parley"}, once="k1").json()
    again = api.post("/webhooks", {"url": "https://erp.example/parley"}, once="k1").json()
    with store.session() as session:
        secret = session.scalars(select(WebhookEndpoint.secret)).one()
        kept = session.scalars(select(IdempotentCall)).one().answer
    assert first["secret"] == secret
    assert again == first | {"secret": None} == kept
    for path in ("/webhooks", f"/webhooks/{first['id']}", "/trail"):
        assert secret not in api.get(path).text
    assert secret not in caplog.text
    assert api.write("DELETE", f"/webhooks/{first['id']}").status_code == 204
    assert api.get(f"/webhooks/{first['id']}").status_code == 404


@pytest.mark.parametrize("url", ["http://erp.example/", "https://localhost.:0/", "https://10.0.0.1/"])
def test_an_endpoint_inside_is_refused(api: Caller, url: str) -> None:
    assert api.post("/webhooks", {"url": url}).status_code == 400


def sent(api: Caller, path: str, body: bytes, key: str = "k") -> Any:
    headers = api.headers() | {"Idempotency-Key": key, "Content-Type": "application/octet-stream"}
    return api.client.post(PREFIX + path, content=body, headers=headers)


@pytest.mark.parametrize(("path", "body", "status"), [
    ("/imports/ledger", b"", 400), ("/imports/ledger", b"nothing,known\n1,2\n", 400), ("/imports/ledger?profile=nobody", b"a,b\n1,2\n", 400),
    ("/imports/ledger?profile=..%2Fx", b"a,b\n1,2\n", 422), ("/imports/ledger?name=..%2Fx", b"a,b\n1,2\n", 422), ("/imports/bank", b"\x00\xff", 400),
    ("/imports/bank", b"<a/>", 400), ("/imports/einvoice", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", 400),
])  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(api: Caller, path: str, body: bytes, status: int) -> None:
    answer = sent(api, path, body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert "parley-import" not in answer.text
    assert "root:" not in answer.text


def test_too_much_at_once_is_refused(api: Caller) -> None:
    framed = Doorframe(api.client.app)
    api.client.app = framed
    api.client._transport.app = framed

    def pieces(bytes_: int) -> Iterator[bytes]:
        for _ in range(0, bytes_, 65_536):
            yield b"x" * 65_536

    headers = api.headers() | {"Idempotency-Key": "k", "Content-Type": "application/json"}
    assert sent(api, "/imports/bank", b"x" * (FILE_BYTES_MAX + 1)).status_code == 413
    assert sent(api, "/imports/bank", b"x" * (BODY_BYTES_MAX + 1)).status_code == 400
    pieced = api.client.put(f"{PREFIX}/customers/C2", content=pieces(2 * BODY_BYTES_MAX), headers=headers)
    assert pieced.status_code == 413, "also when the request does not say how long it is"
    assert (
        api.client.put(f"{PREFIX}/customers/C2", content=b"x" * (BODY_BYTES_MAX + 1), headers=headers).status_code
        == 413
    )
    answer = api.client.post(f"{PREFIX}/imports/bank", content=pieces(FILE_BYTES_MAX + 100_000), headers=headers)
    assert answer.status_code == 413
