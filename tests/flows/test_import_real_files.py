"""Real exports, from the first row to the ledger. They lie beside the project; where they do not, this is left out."""

from __future__ import annotations

import csv
import gzip
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.import_ledger import import_ledger
from o2c_core.customers.customer import Customer
from o2c_core.imports.profile import load_profile
from o2c_core.invoices.account import balances
from o2c_core.invoices.invoice import CreditNote, CreditNoteLine, Invoice, InvoiceLine
from o2c_core.orders.order import Order
from o2c_core.store.store import Store
from tests.build import DAY

SECONDS_MAX = 15


@pytest.fixture
def online_retail(shared_folder: Path) -> Path:
    found = sorted((shared_folder / "data" / "online_retail").glob("*.csv.gz"))
    if not found:
        pytest.skip("the real data are not beside the project")
    return found[0]


@pytest.fixture
def tau2_retail(shared_folder: Path) -> Path:
    path = shared_folder / "data" / "tau2_retail" / "db.json.gz"
    if not path.exists():
        pytest.skip("the real data are not beside the project")
    return path


def lines_of(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)


def pennies(line: dict[str, str]) -> int:
    """The line's amount, counted without any of Parley's code."""
    worth = Decimal(line["Quantity"]) * Decimal(line["UnitPrice"])
    return int((worth * 100).quantize(Decimal(1), ROUND_HALF_UP))


def counted(path: Path) -> dict[str, int]:
    """What the file holds, counted row by row."""
    totals: dict[str, int] = defaultdict(int)
    lines: Counter[str] = Counter()
    for line in lines_of(path):
        totals[line["InvoiceNo"]] += pennies(line)
        lines[line["InvoiceNo"]] += 1
    credit = {number for number in totals if number.startswith("C")}
    return {
        "invoices": len(totals) - len(credit),
        "credit notes": len(credit),
        "invoice lines": sum(lines[number] for number in totals if number not in credit),
        "credit note lines": sum(lines[number] for number in credit),
        "invoiced": sum(total for number, total in totals.items() if number not in credit),
        "credited": -sum(totals[number] for number in credit),
    }


def in_the_ledger(session: Session) -> dict[str, int]:
    def number(column: object) -> int:
        return int(session.execute(select(column)).scalar_one() or 0)  # type: ignore[call-overload]

    return {
        "invoices": number(func.count(Invoice.id)),
        "credit notes": number(func.count(CreditNote.id)),
        "invoice lines": number(func.count(InvoiceLine.id)),
        "credit note lines": number(func.count(CreditNoteLine.id)),
        "invoiced": number(func.sum(Invoice.total_minor)),
        "credited": number(func.sum(CreditNote.total_minor)),
    }


def test_the_online_retail_ledger_is_the_file_to_the_penny_and_a_second_import_changes_nothing(
    store: Store, session: Session, online_retail: Path
) -> None:
    profile = load_profile("online_retail")
    began = time.monotonic()
    report = import_ledger(online_retail, "retail", profile, store=store)
    seconds = time.monotonic() - began
    expected = counted(online_retail)
    assert in_the_ledger(session) == expected
    assert set(session.scalars(select(Invoice.currency).distinct())) == {"GBP"}
    assert report.counts["invoice"] == {"accepted": expected["invoices"]}
    assert report.counts["credit_note"] == {"accepted": expected["credit notes"]}
    assert report.lines == {"invoice": expected["invoice lines"], "credit_note": expected["credit note lines"]}
    assert report.rows == expected["invoice lines"] + expected["credit note lines"]
    assert {kind: per["GBP"].minor for kind, per in report.totals.items()} == {
        "invoice": expected["invoiced"],
        "credit_note": expected["credited"],
    }
    assert report.is_all_good
    assert seconds < SECONDS_MAX

    again = import_ledger(online_retail, "retail", profile, store=store)
    assert {kind: set(outcomes) for kind, outcomes in again.counts.items()} == {
        "customer": {"unchanged"},
        "invoice": {"unchanged"},
        "credit_note": {"unchanged"},
    }
    assert again.lines == report.lines
    assert again.totals == report.totals
    assert in_the_ledger(session) == expected


def test_every_customer_of_online_retail_owes_what_the_file_says(
    store: Store, session: Session, online_retail: Path
) -> None:
    import_ledger(online_retail, "retail", load_profile("online_retail"), store=store)
    owed: dict[str, int] = defaultdict(int)
    for line in lines_of(online_retail):
        owed[line["CustomerID"].removesuffix(".0") or "walk-in"] += pennies(line)
    found: Counter[str] = Counter()
    for noun, sign in ((Invoice, 1), (CreditNote, -1)):
        query = select(Customer.ref, func.sum(noun.total_minor)).join(Customer, Customer.id == noun.customer_id)
        for ref, total in session.execute(query.group_by(Customer.ref)):
            found[ref] += sign * int(total)
    assert found == owed
    walk_in = session.scalars(select(Customer).where(Customer.ref == "walk-in")).one()
    assert walk_in.is_walk_in
    (balance,) = balances(session, walk_in.id, DAY)
    assert balance.owed.minor == owed["walk-in"]


def test_countries_are_codes_also_where_the_file_has_names_of_its_own(
    store: Store, session: Session, online_retail: Path
) -> None:
    import_ledger(online_retail, "retail", load_profile("online_retail"), store=store)
    country = {line["CustomerID"].removesuffix(".0"): line["Country"] for line in lines_of(online_retail)}
    codes = {"EIRE": "IE", "France": "FR", "United Kingdom": "GB", "Channel Islands": "JE", "Netherlands": "NL"}
    for customer in session.scalars(select(Customer).where(~Customer.is_walk_in)):
        assert customer.country == codes.get(country[customer.ref], customer.country)
        assert (customer.name, customer.language) == (f"Customer {customer.ref}", "en")


def test_a_correction_in_the_export_changes_that_invoice_and_no_other(
    store: Store, session: Session, online_retail: Path, tmp_path: Path
) -> None:
    profile = load_profile("online_retail")
    import_ledger(online_retail, "retail", profile, store=store)
    with gzip.open(online_retail, "rt", encoding="utf-8", newline="") as text:
        content = text.read()
    before = "573744,21314,SMALL GLASS HEART TRINKET POT,8,"
    assert content.count(before) == 1
    corrected = tmp_path / "corrected.csv"
    corrected.write_text(content.replace(before, before.replace(",8,", ",10,")), newline="")
    report = import_ledger(corrected, "retail", profile, store=store)
    assert report.counts["invoice"]["changed"] == 1
    assert report.counts["invoice"]["unchanged"] == counted(online_retail)["invoices"] - 1
    assert in_the_ledger(session) == counted(online_retail) | {"invoiced": counted(online_retail)["invoiced"] + 2 * 210}


def test_the_orders_of_tau2_are_in_the_ledger_with_their_people_states_and_tracking_numbers(
    store: Store, session: Session, tau2_retail: Path
) -> None:
    profile = load_profile("tau2_retail")
    report = import_ledger(tau2_retail, "tau2", profile, store=store)
    document = json.loads(gzip.decompress(tau2_retail.read_bytes()), parse_float=Decimal)
    assert report.is_all_good
    assert report.counts == {
        "customer": {"accepted": len(document["users"])},
        "order": {"accepted": len(document["orders"])},
    }
    states = {"pending": "ordered", "processed": "confirmed", "delivered": "delivered", "cancelled": "cancelled"}
    people = {customer.id: customer for customer in session.scalars(select(Customer))}
    for order in session.scalars(select(Order)):
        said = document["orders"][order.number]
        customer = people[order.customer_id]
        person = document["users"][said["user_id"]]
        assert customer.ref == said["user_id"]
        assert customer.kind == "person"
        assert customer.name == f"{person['name']['first_name']} {person['name']['last_name']}"
        assert [a.value for contact in customer.contacts for a in contact.addresses] == [person["email"].lower()]
        assert all(a.verified_at is None for contact in customer.contacts for a in contact.addresses)
        assert [(line.sku, line.amount_minor) for line in order.lines] == [
            (item["item_id"], int(item["price"] * 100)) for item in said["items"]
        ]
        assert order.state == states[said["status"]]
        assert {shipment.tracking_number for shipment in order.shipments} == {
            number for fulfilled in said["fulfillments"] for number in fulfilled["tracking_id"]
        }
    assert not list(session.scalars(select(Invoice.id)))
    again = import_ledger(tau2_retail, "tau2", profile, store=store)
    assert again.counts == {"customer": {"unchanged": 500}, "order": {"unchanged": 1000}}
