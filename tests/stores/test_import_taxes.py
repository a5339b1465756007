"""Tax rates on the lines of imported invoices, and the tax per category that they make."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller
from tests.o2c_core.imports.files import imported, reasons

HEAD = "Invoice number,Customer number,Invoice date,VAT,Total,Article,Quantity,Unit price,VAT rate,VAT category\n"


def rows_of(*lines: str, number: str = "F1", tax: str = "", total: str = "") -> str:
    return HEAD + "".join(f"{number},1001,2026-01-31,{tax},{total},{line}\n" for line in lines)


@pytest.fixture(autouse=True)
def customer(session: Session) -> None:
    a_customer(session, a_seller(session), "1001")
    session.commit()


def test_tax_is_rounded_once_per_category_and_rate(store: Store, session: Session, tmp_path: Path) -> None:
    # Per line it would be 0.21 three times over, 0.63; of 3.03 together it is 0.64.
    rows = rows_of("A,1,1.01,21,", "B,1,1.01,21,", "C,1,1.01,21,S", "D,2,10.00,9,", "E,1,5.00,0,E")
    assert imported(store, tmp_path, rows, "invoices").is_all_good
    taken = session.scalars(select(Invoice)).one()
    assert (taken.net_minor, taken.tax_minor, taken.total_minor) == (2_803, 64 + 180, 2_803 + 244)
    assert {(tax.category, str(tax.rate), tax.base_minor, tax.tax_minor) for tax in taken.taxes} == {
        ("S", "21.00", 303, 64),
        ("S", "9.00", 2_000, 180),
        ("E", "0.00", 500, 0),
    }
    assert {line.tax_category for line in taken.lines} == {"S", "E"}
    assert imported(store, tmp_path, rows, "invoices").counts["invoice"] == {"unchanged": 1}


def test_a_credit_note_has_its_tax_in_positive_amounts(store: Store, session: Session, tmp_path: Path) -> None:
    imported(store, tmp_path, rows_of("A,-1,10.00,21,"), "invoices")
    taken = session.scalars(select(CreditNote)).one()
    assert (taken.net_minor, taken.tax_minor, taken.total_minor) == (1_000, 210, 1_210)
    assert [(tax.base_minor, tax.tax_minor) for tax in taken.taxes] == [(1_000, 210)]


@pytest.mark.parametrize(
    ("row", "tax", "total", "reason"),
    [
        ("A,1,10.00,21,", "9.00", "19.00", "2: the tax rates on the lines of invoice F1 come to 2.10 EUR, and its tax is 9.00 EUR"),
        ("A,1,10.00,121,", "", "", "2: VAT rate: '121' is not a tax rate in percent (invoice F1)"),
        ("A,1,10.00,21,X", "", "", "2: VAT category: 'X' is not a tax category: S, Z, E, AE, K, G, O (invoice F1)"),
    ],
)  # fmt: skip
def test_rates_that_cannot_be_are_refused(
    store: Store, tmp_path: Path, row: str, tax: str, total: str, reason: str
) -> None:
    assert reasons(imported(store, tmp_path, rows_of(row, tax=tax, total=total), "invoices")) == [reason]


def test_a_cent_of_the_erps_own_rounding_is_believed_and_not_explained(
    store: Store, session: Session, tmp_path: Path
) -> None:
    rows = rows_of("A,1,1.01,21,", "B,1,1.01,21,", "C,1,1.01,21,", tax="0.63", total="3.66")
    assert imported(store, tmp_path, rows, "invoices").is_all_good
    taken = session.scalars(select(Invoice)).one()
    assert (taken.tax_minor, taken.taxes) == (63, [])


def test_a_changed_invoice_has_only_its_new_taxes(store: Store, session: Session, tmp_path: Path) -> None:
    imported(store, tmp_path, rows_of("A,1,10.00,21,"), "invoices")
    imported(store, tmp_path, rows_of("A,1,10.00,9,"), "invoices")
    assert [(str(tax.rate), tax.tax_minor) for tax in session.scalars(select(Invoice)).one().taxes] == [("9.00", 90)]
