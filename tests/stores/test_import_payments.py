"""Payments from files, set against the invoices they name."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.account import balances, invoices_of
from o2c_core.invoices.payment import Allocation, Payment
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.o2c_core.imports.files import imported, reasons

HEAD = "Payment ID,Customer number,Payment date,Amount,Currency,Invoice number,Reference\n"


@pytest.fixture
def customer(session: Session) -> Customer:
    """A customer that owes 100.00 on F1, 50.00 on F2 and 25.00 dollars on F3; another owes 10.00 on G1."""
    seller = a_seller(session)
    customer = a_customer(session, seller, "1001")
    an_invoice(session, customer, "F1", total_minor=10_000)
    an_invoice(session, customer, "F2", total_minor=5_000)
    an_invoice(session, customer, "F3", total_minor=2_500, currency="USD")
    an_invoice(session, a_customer(session, seller, "1002"), "G1", total_minor=1_000)
    session.commit()
    return customer


def left(session: Session, customer: Customer) -> dict[str, int]:
    session.expire_all()
    return {found.invoice.number: found.open.minor for found in invoices_of(session, customer.id, DAY)}


def unapplied(session: Session, customer: Customer) -> int:
    return sum(
        balance.unapplied.minor
        for balance in balances(session, customer.id, DAY)
        if balance.unapplied.currency == "EUR"
    )


@pytest.mark.parametrize(
    ("rows", "open_", "on_account"),
    [
        (["P1,1001,2026-03-01,100.00,,F1,"], (0, 5_000), 0),
        (["P1,,2026-03-01,40.00,,F1,"], (6_000, 5_000), 0),
        (["P1,1001,2026-03-01,150.00,,F1 F2,"], (10_000, 5_000), None),
        (["P1,1001,2026-03-01,120.00,,F1; F2,"], (0, 3_000), 0),
        (["P1,1001,2026-03-01,120.00,,F2|F1,"], (3_000, 0), 0),
        (['P1,1001,2026-03-01,170.00,,"F1, F2",'], (0, 0), 2_000),
        (["P1,1001,2026-03-01,70.00,,F1,", "P2,1001,2026-03-02,70.00,,F1,"], (0, 5_000), 4_000),
        (["P1,1001,2026-03-01,30.00,,F1,", "P1,1001,2026-03-01,20.00,,F2,"], (7_000, 3_000), 0),
        (["P1,1001,2026-03-01,75.00,,,paid by phone"], (10_000, 5_000), 7_500),
        ([",1001,2026-03-01,10.00,,F1,", ",1001,2026-03-01,10.00,,F1,"], (8_000, 5_000), 0),
    ],
)
def test_a_payment_goes_to_the_invoices_it_names_up_to_what_is_open_on_them(
    store: Store, session: Session, customer: Customer, tmp_path: Path,
    rows: list[str], open_: tuple[int, int], on_account: int | None,
) -> None:  # fmt: skip
    content = HEAD + "\n".join(rows) + "\n"
    report = imported(store, tmp_path, content, "payments")
    if on_account is None:
        assert reasons(report) == ["2: the invoice F1 F2 is not known; import the invoices first"]
        return
    after = left(session, customer)
    assert (after["F1"], after["F2"]) == open_
    assert unapplied(session, customer) == on_account
    allocations = set(session.scalars(select(Allocation.id)))
    again = imported(store, tmp_path, content, "payments")
    assert again.counts["payment"]["unchanged"] == report.counts["payment"]["accepted"]
    assert set(session.scalars(select(Allocation.id))) == allocations


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("P1,1001,2026-03-01,,,F1,", "Amount: is empty"),
        ("P1,1001,2026-03-01,0.00,,F1,", "Amount: money that arrived is more than zero"),
        ("P1,1001,2026-03-01,-10.00,,F1,", "Amount: money that arrived is more than zero"),
        ("P1,1001,,10.00,,F1,", "Payment date: is empty"),
        ("P1,,2026-03-01,10.00,,,", "Customer number: is empty, and no invoice is named either"),
        ("P1,4711,2026-03-01,10.00,,,", "the customer 4711 is not known"),
        ("P1,1001,2026-03-01,10.00,,F77,", "the invoice F77 is not known; import the invoices first"),
        ("P1,1001,2026-03-01,10.00,,G1,", "the payment names invoices of different customers"),
        ("P1,,2026-03-01,10.00,,F1;G1,", "the payment names invoices of different customers"),
        ("P1,1001,2026-03-01,10.00,EUR,F3,", "the payment is in EUR, and an invoice it names is not"),
        ("P1,1001,2026-03-01,10.00,EUR,F1,\nP1,1001,2026-03-01,x,EUR,F2,", "the payment P1 is refused as a whole"),
        (
            "P1,1001,2026-03-01,10.00,EUR,F1,\nP1,1001,2026-03-01,10.00,USD,F3,",
            "the rows of payment P1 are in different",
        ),
    ],
)
def test_money_that_cannot_be_placed_for_certain_is_refused_and_the_rest_is_kept(
    store: Store, session: Session, customer: Customer, tmp_path: Path, row: str, reason: str
) -> None:
    report = imported(store, tmp_path, f"{HEAD}{row}\nP9,1001,2026-03-01,1.00,,F2,\n", "payments")
    assert reasons(report)[0].startswith(f"2: {reason}")
    assert session.scalars(select(Payment.source_key)).all() == ["P9"]
    assert left(session, customer) == {"F1": 10_000, "F2": 4_900, "F3": 2_500}
    assert report.counts["payment"]["refused"] == 1


def test_a_changed_payment_never_falls_below_what_it_paid(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    row = "P1,1001,2026-03-01,{},,{},\n"
    imported(store, tmp_path, HEAD + row.format("60.00", "F1"), "payments")
    lower = imported(store, tmp_path, HEAD + row.format("59.00", "F1"), "payments")
    assert reasons(lower) == [
        "2: 60.00 EUR of payment P1 is already set against invoices or given back, more than its new amount"
    ]
    higher = imported(store, tmp_path, HEAD + row.format("70.00", "F2"), "payments")
    assert higher.counts["payment"]["changed"] == 1
    after = left(session, customer)
    assert (after["F1"], after["F2"]) == (4_000, 4_000)


def test_a_payment_already_known_from_one_customer_is_never_given_to_another(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    imported(store, tmp_path, HEAD + "P1,1001,2026-03-01,10.00,,F1,\n", "payments")
    report = imported(store, tmp_path, HEAD + "P1,1002,2026-03-01,11.00,,,\n", "payments")
    assert reasons(report) == ["2: the payment P1 is already known from another customer"]


def test_money_on_account_is_said_in_the_report(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    report = imported(store, tmp_path, HEAD + "P1,1001,2026-03-01,170.00,,F1;F2,\n", "payments")
    assert "of 1 payments, 20.00 EUR found no open invoice and stays as money on account" in report.remarks


def test_an_invoice_of_another_seller_with_the_same_number_is_never_paid(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    other = a_customer(session, a_seller(session, "other"), "1001")
    an_invoice(session, other, "F77", total_minor=1_000)
    session.commit()
    assert session.get_one(Seller, other.seller_id).ref == "other"
    report = imported(store, tmp_path, HEAD + "P1,1001,2026-03-01,10.00,,F77,\n", "payments")
    assert reasons(report) == ["2: the invoice F77 is not known; import the invoices first"]
