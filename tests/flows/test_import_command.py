"""`parley import` as it is typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.cli.import_ import import_files
from app.settings import settings
from o2c_core.customers.customer import Customer
from o2c_core.errors import Failure
from o2c_core.invoices.invoice import Invoice
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller
from tests.o2c_core.imports.files import a_file

ROOT = Path(__file__).parents[2]
INVOICES = "Invoice number,Customer number,Invoice date,Total\nF1,1001,2026-01-05,121.00\n"


def parley_import(database: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run_parley(database, folder, "import", *words)


def run_parley(database: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *words],
        env={**os.environ, "PARLEY_DATABASE_URL": database, "PARLEY_DATA": str(folder), "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def ledger(own_store: Store, own_database: str) -> str:
    with own_store.session() as session:
        a_customer(session, a_seller(session), "1001")
        session.commit()
    return own_database


def number_of(store: Store, noun: type[Invoice | Customer]) -> int:
    with store.session() as session:
        return int(session.execute(select(func.count(noun.id))).scalar_one())


def test_a_file_is_imported_its_profile_guessed_and_all_of_it_said(
    ledger: str, own_store: Store, tmp_path: Path
) -> None:
    a_file(tmp_path, INVOICES, "sales.csv")
    tried = parley_import(ledger, tmp_path, "sales.csv", "--seller", "vandijk", "--dry-run")
    assert (tried.returncode, tried.stderr) == (0, "")
    assert "nothing was kept" in tried.stdout
    assert number_of(own_store, Invoice) == 0

    done = parley_import(ledger, tmp_path, "sales.csv", "--seller", "vandijk")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no profile was named; the columns fit the profile invoices" in done.stdout
    assert "invoices: 1 accepted; total 121.00 EUR" in done.stdout
    assert number_of(own_store, Invoice) == 1

    again = parley_import(ledger, tmp_path, "sales.csv", "--seller", "vandijk")
    assert "invoices: 1 unchanged" in again.stdout


def test_refused_rows_are_exit_code_3_and_json_is_one_document_and_nothing_else(
    ledger: str, own_store: Store, tmp_path: Path
) -> None:
    a_file(tmp_path, INVOICES + "F2,1001,soon,1.00\n", "sales.csv")
    a_file(tmp_path, "Klantnummer;Naam\n1002;Slagerij Smit\n", "klanten.csv")
    done = parley_import(ledger, tmp_path, "klanten.csv", "sales.csv", "--seller", "vandijk", "--json")
    assert (done.returncode, done.stderr) == (3, "")
    document: dict[str, Any] = json.loads(done.stdout)
    customers, invoices = document["files"]
    assert (document["all_good"], document["dry_run"]) == (False, False)
    assert customers["counts"] == {"customer": {"accepted": 1, "changed": 0, "unchanged": 0, "refused": 0}}
    assert invoices["counts"] == {"invoice": {"accepted": 1, "changed": 0, "unchanged": 0, "refused": 1}}
    assert invoices["refused"] == [{"line": 3, "reason": "Invoice date: 'soon' is not a day (invoice F2)"}]
    assert invoices["totals"] == {"invoice": {"EUR": "121.00"}}
    assert number_of(own_store, Invoice) == 1


@pytest.mark.parametrize(
    ("name", "content", "words", "sentence"),
    [
        ("x.csv", None, ["--seller", "vandijk"], "There is no file x.csv."),
        ("x.csv", b"", ["--seller", "vandijk"], "x.csv is empty."),
        (
            "x.csv",
            b"\x7fELF\x00\x00",
            ["--seller", "vandijk"],
            "x.csv is not a file of text: it has bytes in it that no",
        ),
        ("x.csv", b"a,b\n1,2\n", ["--seller", "vandijk"], "No profile fits x.csv, whose columns are a, b;"),
        ("x.csv", b"a,b\n1,2\n", ["--seller", "vandijk", "--profile", "sap"], "There is no profile 'sap'; there are"),
        (
            "x.csv",
            b"a,b\n1,2\n",
            ["--seller", "vandijk", "--profile", "customers"],
            "The profile 'customers' does not fit x.csv: it misses ref ('Customer number',",
        ),
        (
            "x.csv",
            INVOICES.encode(),
            ["--seller", "nobody"],
            "There is no seller 'nobody', and the profile 'invoices' has",
        ),
    ],
)
def test_bad_input_is_refused_in_one_sentence(
    ledger: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    name: str, content: bytes | None, words: list[str], sentence: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("PARLEY_DATABASE_URL", ledger)
    monkeypatch.chdir(tmp_path)
    settings.cache_clear()
    if content is not None:
        a_file(tmp_path, content, name)
    seller, profile = words[1], words[3] if len(words) > 2 else None
    try:
        with pytest.raises(Failure) as refused:
            import_files([Path(name)], seller, profile, dry_run=False, as_json=True)
    finally:
        settings.cache_clear()
    assert refused.value.sentence.startswith(sentence)
    assert "\n" not in refused.value.sentence
    assert capsys.readouterr().out == ""


def test_a_failure_is_one_line_on_standard_error_and_exit_code_1(ledger: str, tmp_path: Path) -> None:
    done = parley_import(ledger, tmp_path, "nothing.csv", "--seller", "vandijk", "--json")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "parley: There is no file nothing.csv.\n")


def test_what_earlier_files_did_is_reported_before_a_later_one_fails(
    ledger: str, own_store: Store, tmp_path: Path
) -> None:
    a_file(tmp_path, "Klantnummer;Naam\n1002;Slagerij Smit\n", "klanten.csv")
    a_file(tmp_path, INVOICES, "sales.csv")
    done = parley_import(
        ledger, tmp_path, "klanten.csv", "sales.csv", "--seller", "vandijk", "--profile", "customers", "--json"
    )
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert [file["counts"]["customer"]["accepted"] for file in document["files"]] == [1]
    assert document["failure"] in done.stderr
    assert number_of(own_store, Customer) == 2
