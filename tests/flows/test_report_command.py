"""`parley report` as it is typed."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_dispute, a_seller, an_invoice

ROOT = Path(__file__).parents[2]


def parley_report(database: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "report", *words],
        env={**os.environ, "PARLEY_DATABASE_URL": database, "PARLEY_DATA": str(folder), "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def said(database: str, folder: Path, *words: str) -> str:
    done = parley_report(database, folder, *words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture
def ledger(own_store: Store, own_database: str) -> str:
    with own_store.session() as session:
        seller = a_seller(session)
        late = an_invoice(
            session, a_customer(session, seller, "C-1"), "INV-1", total_minor=9_000, due_on=DAY - timedelta(days=40)
        )
        a_dispute(session, late, 2_000)
        an_invoice(session, a_customer(session, seller, "C-2", name="=Hart & Sons"), "INV-2", total_minor=1_000)
        a_seller(session, "empty")
        session.commit()
    return own_database


def test_the_ageing_keeps_its_shape(ledger: str, tmp_path: Path) -> None:
    assert json.loads(said(ledger, tmp_path, "ageing", "--on", "2026-03-16", "--json")) == {
        "report": "ageing",
        "on": "2026-03-16",
        "rows": [
            {
                "seller": "vandijk",
                "currency": "EUR",
                "buckets": {"current": 1_000, "1-30": 0, "31-60": 9_000, "61-90": 0, "over 90": 0},
                "unapplied": 0,
                "balance": 10_000,
            }
        ],
    }


def test_a_report_can_be_read_kept_as_csv_and_kept_as_a_workbook(ledger: str, tmp_path: Path) -> None:
    read = said(ledger, tmp_path, "open-invoices", "--on", "2026-03-16", "--seller", "vandijk")
    assert "Van Dijk Groothandel: open invoices, 2026-03-16" in read
    assert [line.split()[0] for line in read.splitlines()[2:]] == ["C-1", "C-2"]
    written = said(ledger, tmp_path, "open-invoices", "--on", "2026-03-16", "--csv", "open.csv", "--xlsx", "open.xlsx")
    assert written.splitlines() == ["Written: open.csv, 2 rows.", "Written: open.xlsx, 2 rows."]
    rows = list(csv.DictReader((tmp_path / "open.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["Seller"], row["Invoice"], row["Days late"], row["Open"]) for row in rows] == [
        ("vandijk", "INV-1", "40", "90.00"),
        ("vandijk", "INV-2", "0", "10.00"),
    ]
    assert rows[1]["Name"] == "'=Hart & Sons"  # nothing a spreadsheet would run
    sheet = openpyxl.load_workbook(tmp_path / "open.xlsx").active
    assert [cell.value for cell in sheet[2]][:4] == ["vandijk", "C-1", "Bakkerij Jansen", "INV-1"]


def test_every_figure_comes_with_its_formula(ledger: str, tmp_path: Path) -> None:
    rows = json.loads(said(ledger, tmp_path, "dso", "--on", "2026-03-16", "--json"))["rows"]
    by_name = {row["figure"]: row for row in rows}
    assert (by_name["DSO"]["value"], by_name["DSO"]["unit"]) == (365.0, "days")
    assert by_name["Average days to pay"]["value"] is None
    assert by_name["Average days to pay"]["remark"] == "No invoice was paid in full in the period."
    assert all(row["formula"] for row in rows)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["aging", "--on", "2026-03-16"], "There is no report of that name; there are: ageing, ageing-customers"),
        (["ageing", "--on", "16-03-2026"], "A day is written as year-month-day, for instance 2026-03-31."),
        (["ageing", "--on", "2026-03-16", "--seller", "nobody"], "There is no seller 'nobody' here."),
        (["ageing", "--on", "2026-03-16", "--csv", "nowhere/a.csv"], "nowhere/a.csv cannot be written:"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_reported_is_said_in_one_sentence(
    ledger: str, tmp_path: Path, words: list[str], sentence: str
) -> None:
    done = parley_report(ledger, tmp_path, *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"parley: {sentence}")
    assert len(done.stderr.splitlines()) == 1
