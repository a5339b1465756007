"""A customer of a real export asks what they owe, and gets the figures of the file. Left out where the file is absent."""

import csv
import gzip
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.assistant import Assistant
from bot.turn import House, take_turn
from o2c_core.actions.import_ledger import import_ledger
from o2c_core.actions.receive_message import Incoming
from o2c_core.customers.customer import Customer
from o2c_core.imports.profile import load_profile
from o2c_core.store.store import Store


@pytest.fixture
def export(shared_folder: Path) -> Path:
    found = sorted((shared_folder / "data" / "online_retail").glob("*.csv.gz"))
    if not found:
        pytest.skip("the real data are not beside the project")
    return found[0]


def invoiced(path: Path) -> dict[str, dict[str, int]]:
    """Pennies per customer and document, counted row by row without any of Parley's code."""
    totals: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            if row["CustomerID"]:
                worth = Decimal(row["Quantity"]) * Decimal(row["UnitPrice"]) * 100
                customer = row["CustomerID"].removesuffix(".0")
                totals[customer][row["InvoiceNo"]] += int(worth.quantize(Decimal(1), ROUND_HALF_UP))
    return totals


def pounds(pennies: int) -> str:
    return f"£{pennies // 100:,}.{pennies % 100:02}"


def test_last_invoice_and_balance_are_those_of_the_file(store: Store, export: Path) -> None:
    import_ledger(export, "retail", load_profile("online_retail"), store=store)
    house = House(store, lambda: None, Assistant())
    only_invoices = {
        customer: documents
        for customer, documents in invoiced(export).items()
        if all(number.isdigit() and pennies > 0 for number, pennies in documents.items())
    }
    asked = sorted(only_invoices, key=lambda customer: (-len(only_invoices[customer]), customer))[:3]
    for ref in [*asked, min(only_invoices)]:
        documents = only_invoices[ref]
        with store.session() as session:
            customer = session.scalars(select(Customer).where(Customer.ref == ref)).one()

        def reply(text: str, customer: Customer = customer) -> str:
            return str(take_turn(Incoming(customer.seller_id, "terminal", text, customer.id, "proven"), house).reply)

        last = max(documents)
        said = reply("How much was my latest invoice?")
        assert last in said
        assert pounds(documents[last]) in said
        assert pounds(sum(documents.values())) in reply("What is our outstanding balance?")
