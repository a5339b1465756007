"""One timeline for everybody: `parley timeline` as it is typed, and the same events by every door."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.tools import TOOLS
from bot.tools.history import HEARD
from o2c_core import money
from o2c_core.customers.customer import Customer
from o2c_core.money import Money
from o2c_core.store.store import Store
from tests.bot.test_tools import a_desk
from tests.build import DAY, a_credit_note, a_customer, a_dispute, a_payment, a_seller, an_invoice, an_order
from tests.stores.test_timeline import a_full_history
from tests.web.letters import a_letter
from tests.web.opened import open_pages, words

ROOT = Path(__file__).parents[2]


def parley_timeline(database: str, folder: Path, *asked: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "timeline", *asked],
        env={**os.environ, "PARLEY_DATABASE_URL": database, "PARLEY_DATA": str(folder), "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def as_json(database: str, folder: Path, *asked: str) -> dict[str, Any]:
    done = parley_timeline(database, folder, "--json", *asked)
    assert (done.returncode, done.stderr) == (0, "")
    return dict(json.loads(done.stdout))


def plain(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u202f", " ")


def test_the_same_event_is_told_with_the_same_number_and_amount_by_page_assistant_and_command(
    own_store: Store, own_database: str, tmp_path: Path
) -> None:
    with own_store.session() as session:
        seller = a_seller(session)
        customer = a_customer(session, seller, "C-1")
        an_order(session, customer, "SO-77", ordered_on=DAY - timedelta(days=8))
        invoice = an_invoice(session, customer, "INV-2026-0042", total_minor=124_050, issued_on=DAY - timedelta(days=6))
        a_payment(session, invoice, 4_099, DAY - timedelta(days=2))
        credit = a_credit_note(session, customer, 1_234)
        dispute = a_dispute(session, invoice, 4_500)
        a_letter(session, customer, subject="Not for the assistant")
        session.commit()
        names = {
            "order_placed": ("SO-77", None),
            "invoice_issued": ("INV-2026-0042", 124_050),
            "payment_received": (None, 4_099),
            "credit_note_issued": (credit.number, 1_234),
            "dispute_opened": (dispute.number, 4_500),
        }
    told = {event["kind"]: event for event in as_json(own_database, tmp_path, "C-1", "--seller", "vandijk")["events"]}
    listed = plain(parley_timeline(own_database, tmp_path, "C-1").stdout)
    shown = words(open_pages(own_store).get("/ledger/customers/C-1?seller=vandijk").text)
    desk = a_desk(own_store, seller, customer, language="nl")
    said = plain(desk.facts.render(TOOLS["account_history"](desk))[0])
    assert set(told) == {*names, "message_out"}
    for kind, (number, minor) in names.items():
        if number is not None:
            assert told[kind]["number"] == number
            assert all(number in text for text in (listed, shown, said)), kind
        if minor is not None:
            assert told[kind]["amount"] == {"minor": minor, "currency": "EUR", "decimal": f"{minor / 100:.2f}"}
            assert plain(money.show(Money(minor, "EUR"), "en_GB")) in listed, kind
            assert plain(money.show(Money(minor, "EUR"), "nl_NL")) in shown, kind
            assert plain(money.show(Money(minor, "EUR"), "nl_NL")) in said, kind
    assert ("Message sent" in listed, "Message sent" in shown) == (True, True)
    assert "Not for the assistant" in shown
    assert "Not for the assistant" not in said


@pytest.fixture
def history(own_store: Store) -> Customer:
    with own_store.session() as session:
        customer = a_customer(session, a_seller(session), "C-1")
        a_full_history(session, customer)
        session.commit()
        return customer


def test_page_by_page_nothing_is_lost_and_nothing_comes_twice(
    history: Customer, own_database: str, tmp_path: Path
) -> None:
    whole = as_json(own_database, tmp_path, history.ref, "--limit", "100")
    assert (whole["seller"], whole["customer"], whole["next"]) == ("vandijk", "C-1", None)
    found: list[dict[str, Any]] = []
    place: tuple[str, ...] = ()
    for _ in range(len(whole["events"])):
        part = as_json(own_database, tmp_path, history.ref, "--limit", "13", *place)
        found += part["events"]
        if part["next"] is None:
            break
        place = ("--before", part["next"])
    assert found == whole["events"]
    assert {event["kind"] for event in found} > set(HEARD)


def test_it_is_a_line_for_each_event_with_the_place_where_older_ones_begin(
    history: Customer, own_database: str, tmp_path: Path
) -> None:
    done = parley_timeline(own_database, tmp_path, history.ref, "--limit", "3")
    head, *lines, older = done.stdout.splitlines()
    assert head == "Bakkerij Jansen (C-1), customer of Van Dijk Groothandel"
    assert len(lines) == 3
    assert all(line.startswith(f"  {DAY.day} Mar 2026") for line in lines)
    again = parley_timeline(own_database, tmp_path, history.ref, "--limit", "3", *older.removeprefix("Older: ").split())
    assert again.returncode == 0
    assert not set(again.stdout.splitlines()[1:-1]) & set(lines)


def test_somebody_with_no_history_has_nothing(own_store: Store, own_database: str, tmp_path: Path) -> None:
    with own_store.session() as session:
        a_customer(session, a_seller(session), "C-2")
        session.commit()
    assert parley_timeline(own_database, tmp_path, "C-2").stdout.splitlines()[1:] == ["  Nothing."]


def test_what_cannot_be_told_is_one_sentence(own_store: Store, own_database: str, tmp_path: Path) -> None:
    with own_store.session() as session:
        for ref in ("vandijk", "other"):
            a_customer(session, a_seller(session, ref), "C-1")
        session.commit()
    refused = {
        ("C-9",): "There is no customer with that reference here.",
        ("C-1",): "Several sellers know a customer with that reference; say which seller with --seller.",
        ("C-1", "--seller", "nobody"): "There is no customer with that reference here.",
        (
            "C-1",
            "--seller",
            "other",
            "--before",
            "x",
        ): "That is not a place in a timeline; start again from its newest events.",
    }
    for asked, sentence in refused.items():
        done = parley_timeline(own_database, tmp_path, *asked)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", f"parley: {sentence}\n"), asked
    assert as_json(own_database, tmp_path, "C-1", "--seller", "other")["seller"] == "other"
