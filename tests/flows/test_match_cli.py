"""`parley match` as it is typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from o2c_core.actions.import_bank_file import import_bank_file
from o2c_core.actions.match_money import match_waiting
from o2c_core.customers.customer import Customer
from o2c_core.invoices.bank import BankTransaction
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller, an_invoice
from tests.o2c_core.imports.bank.files import Booked, Part, camt

ROOT = Path(__file__).parents[2]


@pytest.fixture
def ledger(own_store: Store, own_database: str, tmp_path: Path) -> str:
    with own_store.session() as session:
        seller = a_seller(session)
        jansen = a_customer(session, seller, "C-1")
        an_invoice(session, jansen, "INV-2026-0001", total_minor=10_000)
        an_invoice(session, jansen, "INV-2026-0002", total_minor=25_000)
        session.commit()
    (tmp_path / "march.xml").write_text(
        camt(
            Booked(10_000, bank_reference="B1", parts=(Part(text="factuur INV-2026-0001"),)),
            Booked(26_000, bank_reference="B2", parts=(Part(account=None, text="INV-2026-0002"),)),
            Booked(1_234, bank_reference="B3", parts=(Part(name="Wie Weet", account=None, text="MRT-77"),)),
        )
    )
    import_bank_file(tmp_path / "march.xml", "vandijk", store=own_store)
    return own_database


def parley_match(database: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "match", *words],
        env={**os.environ, "PARLEY_DATABASE_URL": database, "PARLEY_DATA": str(folder), "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def as_json(database: str, folder: Path, *words: str) -> dict[str, Any]:
    done = parley_match(database, folder, "--json", *words)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_money_is_matched_listed_accepted_and_ignored(ledger: str, own_store: Store, tmp_path: Path) -> None:
    (told,) = as_json(ledger, tmp_path, "--seller", "vandijk")["sellers"]
    assert (told["seller"], told["matched"], told["waiting"]) == ("vandijk", {"number": 1}, 2)
    over, unknown = told["transactions"]
    assert over["why"] == "The amount is not what is open on INV-2026-0002, which is 250.00 EUR."
    (best,) = over["suggestions"]
    assert (best["customer"], best["parts"][0]["invoice"], best["parts"][0]["minor"]) == (
        "C-1",
        "INV-2026-0002",
        25_000,
    )
    assert (unknown["why"], unknown["suggestions"]) == ("Nothing in it says whose it is.", [])

    listed = parley_match(ledger, tmp_path).stdout
    assert "vandijk: 0 matched, 0 taken back, 2 waiting" in listed
    assert "1. C-1 Bakkerij Jansen: INV-2026-0002 EUR 250.00. It names INV-2026-0002; " in listed

    done = as_json(ledger, tmp_path, "--accept", over["transaction"], "--invoices", "INV-2026-0002", "--by", "Anna")
    assert (done["invoices"], done["rest"]) == (["INV-2026-0002"], "10.00 EUR")
    again = parley_match(ledger, tmp_path, "--accept", over["transaction"], "--invoices", "INV-2026-0002")
    assert (again.returncode, again.stderr) == (
        1,
        "parley: That transaction does not wait any more: it is matched.\n",
    )
    paid = parley_match(ledger, tmp_path, "--accept", unknown["transaction"], "--invoices", "INV-2026-0001")
    assert paid.stderr == "parley: Nothing is open on invoice INV-2026-0001 any more.\n"
    left = parley_match(ledger, tmp_path, "--ignore", unknown["transaction"], "--why", "own money", "--by", "Anna")
    assert left.stdout == "Left alone.\n"
    with own_store.session() as session:
        states = session.scalars(select(BankTransaction.state).order_by(BankTransaction.id)).all()
    assert states == ["matched", "matched", "ignored"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--seller", "nobody"), "There is no seller 'nobody'."),
        (("--accept", "x", "--invoices", "A"), "Name a transaction by its id, as parley match lists it."),
        (("--accept", "00000000-0000-0000-0000-000000000000"), "With --accept say what the money pays"),
        (("--accept", "00000000-0000-0000-0000-000000000000", "--invoices", "A"), "There is no such transaction."),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    ledger: str, tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = parley_match(ledger, tmp_path, *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"parley: {sentence}")


def test_an_invoice_that_comes_after_its_money_is_paid_by_the_next_sweep(ledger: str, own_store: Store) -> None:
    (first,) = match_waiting(store=own_store)
    assert (sum(first.matched.values()), first.waiting) == (1, 2)
    with own_store.session() as session:
        customer = session.scalars(select(Customer)).one()
        an_invoice(session, customer, "MRT-77", total_minor=1_234)
        session.commit()
    assert [run.matched for run in match_waiting(store=own_store)] == [{"number": 1}]
