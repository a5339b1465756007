"""What the API tells: amounts to the cent, days as days, lists in pages that miss nothing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from o2c_core.invoices.invoice import Instalment, InvoiceLine, TaxSubtotal
from o2c_core.store.store import Store
from tests.build import DAY, a_credit_note, a_customer, a_dispute, a_seller, a_shipment, an_invoice, an_order
from tests.web.api.called import Caller


@pytest.fixture
def api(store: Store) -> Caller:
    with store.session() as session:
        seller = a_seller(session)
        jansen = a_customer(session, seller, "C1001", credit_limit_minor=500_000, payment_terms_days=14)
        order = an_order(session, jansen, "SO-1", states=("shipped", "ordered"))
        a_shipment(session, order)
        invoice = an_invoice(
            session,
            jansen,
            "INV-1",
            total_minor=12_100,
            net_minor=10_000,
            tax_minor=2_100,
            paid_minor=2_100,
            order_id=order.id,
        )
        invoice.lines.append(
            InvoiceLine(
                position=1,
                sku="A",
                description="Flour",
                quantity=Decimal("2.500"),
                unit_price=Decimal(40),
                amount_minor=10_000,
            )
        )
        invoice.taxes.append(TaxSubtotal(category="S", rate=Decimal(21), base_minor=10_000, tax_minor=2_100))
        a_dispute(session, invoice, 500)
        a_credit_note(session, jansen, 700)
        yen = a_customer(session, seller, "C1002", currency="JPY", name="田中")
        an_invoice(session, yen, "INV-2", total_minor=5_000, due_on=DAY - timedelta(days=10))
        parts = an_invoice(
            session, yen, "INV-3", total_minor=900, due_on=DAY + timedelta(days=40), is_in_instalments=True
        )
        parts.instalments += [
            Instalment(position=1, due_on=DAY - timedelta(days=1), amount_minor=300),
            Instalment(position=2, due_on=DAY + timedelta(days=40), amount_minor=600),
        ]
        an_invoice(session, yen, "2026/00 42", total_minor=1, paid_minor=1)
        session.commit()
    return Caller(store)


def eur(minor: int, decimal: str) -> dict[str, Any]:
    return {"minor": minor, "currency": "EUR", "decimal": decimal}


def test_an_invoice_is_told_with_what_is_open(api: Caller) -> None:
    told = api.get("/invoices/INV-1").json()
    assert (told["net"], told["tax"], told["total"]) == (
        eur(10_000, "100.00"),
        eur(2_100, "21.00"),
        eur(12_100, "121.00"),
    )
    assert (told["open"], told["state"], told["days_late"]) == (eur(10_000, "100.00"), "part_paid", 0)
    assert (told["customer"], told["order"]) == ("C1001", "SO-1")
    assert (told["issued_on"], told["due_on"]) == (str(DAY - timedelta(days=30)), str(DAY))
    assert told["lines"] == [{
        "position": 1, "sku": "A", "description": "Flour", "quantity": "2.5", "unit_price": "40", "amount": eur(10_000, "100.00"),
        "tax_category": None, "tax_rate": None,
    }]  # fmt: skip
    assert told["taxes"][0] | {"exemption_reason": None} == {
        "category": "S", "rate": "21", "base": eur(10_000, "100.00"), "tax": eur(2_100, "21.00"), "exemption_reason": None,
    }  # fmt: skip


def test_a_currency_has_its_own_decimals_and_an_instalment_makes_late(api: Caller) -> None:
    told = api.get("/invoices/INV-2").json()
    assert told["open"] == {"minor": 5_000, "currency": "JPY", "decimal": "5000"}
    assert (told["state"], told["days_late"]) == ("overdue", 10)
    told = api.get("/invoices/INV-3").json()
    assert (told["state"], told["days_late"], told["next_due_on"]) == ("overdue", 1, str(DAY - timedelta(days=1)))


@pytest.mark.parametrize(("query", "numbers"), [
    ({}, ["INV-1", "INV-2", "INV-3", "2026/00 42"]),
    ({"state": "paid"}, ["2026/00 42"]),
    ({"state": "open"}, ["INV-1", "INV-2", "INV-3"]),
    ({"state": "overdue"}, ["INV-2", "INV-3"]),
    ({"customer": "C1001"}, ["INV-1"]),
    ({"number": "2026/00 42"}, ["2026/00 42"]),
    ({"due_from": str(DAY), "due_to": str(DAY)}, ["INV-1", "2026/00 42"]),
    ({"issued_to": str(DAY - timedelta(days=31))}, ["INV-2"]),
    ({"issued_from": str(DAY)}, ["INV-3"]),
])  # fmt: skip
def test_invoices_are_found_by_what_is_asked(api: Caller, query: dict[str, str], numbers: list[str]) -> None:
    assert [one["number"] for one in api.get("/invoices", **query).json()["data"]] == numbers


def test_pages_follow_each_other_and_miss_nothing(api: Caller, store: Store) -> None:
    with store.session() as session:
        customer = a_customer(session, a_seller(session, "second"), "C1")
        for place in range(7):
            an_invoice(session, customer, f"P-{place}")
        session.commit()
    api = Caller(store, "second")
    seen: list[str] = []
    path, query = "/invoices", {"limit": 3}
    answer = api.get(path, **query)
    while True:
        seen += [one["number"] for one in answer.json()["data"]]
        if answer.json()["next"] is None:
            assert "link" not in answer.headers
            break
        link = answer.headers["link"]
        assert link.endswith('>; rel="next"')
        assert answer.json()["next"] in link
        if len(seen) == 3:  # what comes in between is at the end
            with store.session() as session:
                an_invoice(session, session.merge(customer), "P-new")
                session.commit()
        answer = api.client.get(link[1 : link.index(">")], headers=api.headers())
    assert seen == [f"P-{place}" for place in range(7)] + ["P-new"]


@pytest.mark.parametrize("cursor", ["abc", "é", "AAAA", "a" * 64, "a" * 65, "", "====", "AZoAAAAAcACAAAAAAAAAAAB"])
def test_a_cursor_that_was_not_given_out_is_refused(api: Caller, cursor: str) -> None:
    answer = api.get("/invoices", cursor=cursor)
    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "That is not a cursor; give back what a list said as `next`.",
    )


@pytest.mark.parametrize(("path", "where"), [
    ("/invoices?limit=0", "query.limit"), ("/invoices?limit=201", "query.limit"), ("/invoices?limit=9999999999999999999999", "query.limit"),
    ("/invoices?due_from=2026-02-30", "query.due_from"), ("/invoices?due_from=0000-01-01", "query.due_from"),
    ("/invoices?due_from=9999-12-31", "query.due_from"), ("/invoices?due_from=1770000000", "query.due_from"),
    ("/invoices?state=lost", "query.state"), ("/invoices/%00", "path.number"), ("/customers/a%07b", "path.ref"),
    ("/customers/" + "a" * 101, "path.ref"), ("/payments/INV-1", "path.payment_id"),
])  # fmt: skip
def test_what_cannot_be_is_said_part_by_part(api: Caller, path: str, where: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.json()["flaws"][0]["where"]) == (422, where)


def test_an_account_is_told_as_of_any_day(api: Caller) -> None:
    (today,) = api.get("/customers/C1001/balance").json()["balances"]
    assert (today["open"], today["unapplied"], today["owed"]) == (
        eur(10_000, "100.00"),
        eur(700, "7.00"),
        eur(9_300, "93.00"),
    )
    (before,) = api.get("/customers/C1001/balance", as_of=str(DAY - timedelta(days=1))).json()["balances"]
    assert before["owed"] == eur(12_100, "121.00")
    assert api.get("/customers/C1001/balance", as_of="2020-01-01").json()["balances"] == []


def test_a_statement_adds_up_and_comes_as_a_pdf_too(api: Caller) -> None:
    told = api.get("/customers/C1001/statement").json()
    moved = sum(one["amount"]["minor"] for one in told["movements"])
    assert (
        told["opening"]["minor"] + moved
        == told["closing"]["minor"]
        == sum(one["open"]["minor"] for one in told["open_items"])
    )
    for path in ("/customers/C1001/statement/pdf", "/invoices/INV-1/pdf"):
        answer = api.get(path, language="en")
        assert (answer.headers["content-type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert api.get("/customers/C1001/statement", from_on="2026-03-02", to_on="2026-03-01").status_code == 400


def test_a_timeline_is_read_to_its_end(api: Caller) -> None:
    whole = api.get("/customers/C1001/timeline").json()["data"]
    seen: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 2}
    while query.get("before", "") is not None:
        page = api.get("/customers/C1001/timeline", **query).json()
        seen += page["data"]
        query = {"limit": 2, "before": page["next"]}
    assert seen == whole
    assert {"invoice_issued", "payment_received", "dispute_opened", "order_placed"} <= {one["kind"] for one in whole}


def test_orders_and_what_is_under_way(api: Caller) -> None:
    told = api.get("/orders/SO-1").json()
    assert (told["state"], [line["state"] for line in told["lines"]]) == ("part_shipped", ["shipped", "ordered"])
    assert api.get("/orders/SO-1/shipments").json() == told["shipments"] == api.get("/shipments").json()["data"]
    assert api.get("/orders", is_open="false").json()["data"] == []


def test_customers_contacts_and_terms(api: Caller) -> None:
    told = api.get("/customers/C1001").json()
    assert (told["payment_terms"], told["has_own_terms"], told["credit_limit"]) == (
        "net 14",
        True,
        eur(500_000, "5000.00"),
    )
    told = api.get("/customers/C1002").json()
    assert (told["payment_terms"], told["has_own_terms"], told["name"]) == ("net 30", False, "田中")
    (contact,) = api.get("/customers/C1001/contacts").json()
    assert [address["value"] for address in contact["addresses"]] == ["ap@jansen.example"]


def test_the_ageing_sums_to_its_balance(api: Caller) -> None:
    for row in api.get("/reports/ageing").json()["rows"]:
        buckets = sum(bucket["minor"] for bucket in row["buckets"].values())
        assert buckets + row["unapplied"]["minor"] == row["balance"]["minor"]


def test_days_are_the_sellers(api: Caller) -> None:
    assert api.get("/reports/ageing").json()["on"] == str(date(2026, 3, 16))
