"""The same invoices as a workbook, as Excel's CSV of another country, and as JSON: the same ledger."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.import_ledger import import_ledger
from o2c_core.customers.customer import Customer
from o2c_core.imports.profile import load_profile
from o2c_core.invoices.invoice import Invoice
from o2c_core.store.store import Store
from tests.build import a_seller
from tests.o2c_core.imports.files import a_file, a_profile, imported

HEAD = ["Factuurnummer", "Klantnummer", "Klantnaam", "Factuurdatum", "Omschrijving", "Aantal", "Stukprijs"]


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(HEAD)
    book.active.append([536365, 17733, "Café Zoë", datetime(2025, 12, 1, 8, 16), "Meel", 3, 0.1 + 0.2])  # noqa: DTZ001
    book.active.append([536366, 17733, "Café Zoë", 45993, "Gist", 1, 1250])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table(delimiter: str, rows: list[list[str]]) -> str:
    return "\r\n".join(delimiter.join(row) for row in [HEAD, *rows]) + "\r\n"


DUTCH = [
    ["536365.0", "17733.0", "Café Zoë", "1-12-2025", "Meel", "3", "0,30"],
    ["536366", "17733", "Café Zoë", "45993", "Gist", "1", "1.250"],
]
AMERICAN = [
    ["536365", "17733", "Café Zoë", "12/1/2025", "Meel", "3", "$0.30"],
    ["536366", "17733", "Café Zoë", "12/2/2025", "Gist", "1", '"$1,250"'],
]


@pytest.mark.parametrize(
    ("name", "content", "file"),
    [
        ("book.xlsx", workbook, ""),
        ("latin.csv", lambda: table(";", DUTCH).encode("cp1252"), "days = 'day first'"),
        ("marked.csv", lambda: table(";", DUTCH).encode("utf-8-sig"), "days = 'day first'"),
        ("excel.csv", lambda: table("\t", DUTCH).encode("utf-16"), "days = 'day first'"),
        ("us.csv.gz", lambda: gzip.compress(table(",", AMERICAN).encode()), "days = 'month first'"),
    ],
)
def test_every_way_to_write_the_same_invoices_gives_the_same_ledger(
    store: Store, session: Session, tmp_path: Path, name: str, content: Callable[[], bytes], file: str
) -> None:
    a_seller(session, currency="USD")
    session.commit()
    profile = a_profile(tmp_path, f"extends = 'invoices'\n[file]\n{file}")
    report = import_ledger(a_file(tmp_path, content(), name), "vandijk", profile, store=store)
    assert [refusal.reason for refusal in report.refused] == []
    found = session.scalars(select(Invoice).order_by(Invoice.number)).all()
    assert [(invoice.number, invoice.issued_on, invoice.total_minor) for invoice in found] == [
        ("536365", date(2025, 12, 1), 90),
        ("536366", date(2025, 12, 2), 125_000),
    ]
    assert [(customer.ref, customer.name) for customer in session.scalars(select(Customer))] == [("17733", "Café Zoë")]


def test_days_that_could_be_two_are_refused_until_the_profile_says_which(
    store: Store, session: Session, tmp_path: Path
) -> None:
    a_seller(session)
    session.commit()
    report = imported(store, tmp_path, table(";", DUTCH).encode(), "invoices")
    assert [refusal.line for refusal in report.refused] == [2]
    assert "'1-12-2025' is ambiguous: say days" in report.refused[0].reason


def test_what_was_assumed_about_a_file_is_in_its_report(store: Store, session: Session, tmp_path: Path) -> None:
    a_seller(session)
    session.commit()
    report = imported(store, tmp_path, table(";", DUTCH[1:]).encode("cp1252"), "invoices")
    said = json.loads(report.to_json())["remarks"]
    assert said[:2] == [
        "the file is not UTF-8 and was read as Windows-1252 (Latin-1)",
        "the columns are separated by a semicolon",
    ]
    assert "serial number" in " ".join(said)


def test_two_thousand_broken_rows_are_all_counted_and_the_first_thousand_listed(
    store: Store, session: Session, tmp_path: Path
) -> None:
    a_seller(session)
    session.commit()
    rows = [[f"F{number}", "1", "Jansen", "soon", "Meel", "1", "1.00"] for number in range(2_000)]
    report = imported(store, tmp_path, table(",", rows), load_profile("invoices"))
    assert (report.refused_rows, len(report.refused)) == (2_000, 1_000)
    assert report.counts["invoice"]["refused"] == 2_000
    assert not session.scalars(select(Invoice)).all()
