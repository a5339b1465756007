"""`parley remind` as it is typed."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice

ROOT = Path(__file__).parents[2]


def parley_remind(database: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "remind", *words],
        env={**os.environ, "PARLEY_DATABASE_URL": database, "PARLEY_DATA": str(folder), "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def said(database: str, folder: Path, *words: str) -> str:
    done = parley_remind(database, folder, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def ledger(own_store: Store, own_database: str) -> str:
    with own_store.session() as session:
        seller = a_seller(session)
        an_invoice(session, a_customer(session, seller, "C-1"), "INV-1", due_on=DAY - timedelta(days=7))
        broken = a_customer(session, seller, "C-2", name="Hart [bold] & Sons", email=None)
        an_invoice(session, broken, "INV-2", due_on=DAY - timedelta(days=7))
        an_invoice(session, a_customer(session, seller, "C-3"), "INV-3", due_on=DAY + timedelta(days=20))
        session.commit()
    return own_database


def test_the_second_run_of_a_day_sends_nothing_and_says_why(ledger: str, tmp_path: Path) -> None:
    dry = said(ledger, tmp_path, "--on", "2026-03-16", "--dry-run")
    assert "Subject: Van Dijk Groothandel: betaling van factuur INV-1" in dry
    assert "nothing was written and nothing was sent" in dry

    first = said(ledger, tmp_path, "--on", "2026-03-16")
    assert "Reminders on 16 March 2026: 1 message, asking for EUR 125.00." in first
    assert "Hart [bold] & Sons" in first
    assert "There is no email address or phone number to write to." in first
    assert "Nothing due yet: 1 customer." in first
    # What the clock on the wall says where the customer is decides whether it leaves at once.
    is_waiting = "Waiting for their hour: 1 message." in first
    assert ("Sent: 0 messages." if is_waiting else "Sent: 1 message.") in first
    assert is_waiting == ("It is outside the hours for writing to them; it waits until" in first)

    second = said(ledger, tmp_path, "--on", "2026-03-16")
    assert "Reminders on 16 March 2026: 0 messages." in second
    assert "Already reminded at this step on 16 March 2026." in second
    assert "Sent: 0 messages." in second


def test_json_is_one_document_and_nothing_else(ledger: str, tmp_path: Path) -> None:
    document: dict[str, Any] = json.loads(said(ledger, tmp_path, "--on", "2026-03-16", "--seller", "vandijk", "--json"))
    assert (document["messages"], document["asked"]) == (1, {"EUR": "125.00"})
    assert document["sent"] + document["waiting"] == 1
    by_customer = {entry["customer"]: entry for entry in document["entries"]}
    assert by_customer["C-1"]["rung"] == "first"
    assert by_customer["C-1"]["channel"] == "email"
    assert bool(by_customer["C-1"]["waits_until"]) == bool(document["waiting"])
    assert by_customer["C-1"]["invoices"][0]["open"] == "125.00"
    assert by_customer["C-2"]["skipped"]["reason"] == "no_address"
    assert by_customer["C-3"]["skipped"]["reason"] == "not_yet"


@pytest.mark.parametrize(("words", "sentence"), [
    (["--on", "16-03-2026"], "Give --on as a day of the calendar, year first: 2026-03-16."),
    (["--on", "2026-02-30"], "Give --on as a day of the calendar, year first: 2026-03-16."),
    (["--on", "2026-03-16", "--seller", "nobody"], "There is no seller with that reference."),
])  # fmt: skip
def test_what_cannot_be_done_is_one_sentence(ledger: str, tmp_path: Path, words: list[str], sentence: str) -> None:
    done = parley_remind(ledger, tmp_path, *words)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.strip() == f"parley: {sentence}"
