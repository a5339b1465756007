"""A book of invoices as an ERP exports it, and its import in a process of its own."""

from __future__ import annotations

import csv
import json
import random
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from app.installation import opened_store
from app.settings import settings
from o2c_core.actions.import_ledger import import_ledger
from o2c_core.customers.seller import Seller
from o2c_core.imports.profile import load_profile
from o2c_core.store.store import Store

SELLER = "bench"
ON = date(2026, 3, 16)
INVOICES_PER_CUSTOMER = 5


def write_customers(path: Path, customers: int) -> None:
    """A row per customer with one contact, its email address and its terms."""
    dice = random.Random(1)  # noqa: S311 (rows to import, not secrets)
    with path.open("w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        sheet.writerow(
            ["Customer number", "Customer name", "Country", "City", "Contact name", "Email", "Payment terms"]
        )
        for number in range(customers):
            sheet.writerow(
                [f"C{number:07}", f"Customer {number}", dice.choice(("NL", "BE", "DE")), f"Town {number % 900}",
                 f"Buyer {number}", f"ap@customer{number}.example", dice.choice(("14", "30", "60"))]
            )  # fmt: skip


def write_invoices(path: Path, invoices: int) -> None:
    """A row per invoice, in no order of customers, over the eighteen months before the day of the bench."""
    dice = random.Random(2)  # noqa: S311 (rows to import, not secrets)
    customers = max(1, invoices // INVOICES_PER_CUSTOMER)
    with path.open("w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        sheet.writerow(
            ["Invoice number", "Customer number", "Invoice date", "Due date", "Net", "VAT", "Total", "PO number"]
        )
        for number in range(invoices):
            issued_on = ON - timedelta(days=dice.randrange(540))
            net = dice.randrange(1_000, 500_000)
            tax = net * 21 // 100
            sheet.writerow(
                [f"INV-{number:08}", f"C{dice.randrange(customers):07}", issued_on.isoformat(),
                 (issued_on + timedelta(days=30)).isoformat(), _major(net), _major(tax), _major(net + tax), f"PO{number}"]
            )  # fmt: skip


def _major(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def _open_seller(store: Store) -> None:
    with store.session() as session:
        session.add(
            Seller(
                ref=SELLER, name="Bench", country="NL", currency="EUR", language="nl", time_zone="Europe/Amsterdam",
                payment_terms_days=30,
            )
        )  # fmt: skip
        session.commit()


def main() -> None:
    """Imports customers and invoices twice from CSV and prints the seconds each time took as JSON."""
    folder, invoices = Path(sys.argv[1]), int(sys.argv[2])
    customers_file, invoices_file = folder / "customers.csv", folder / "invoices.csv"
    write_customers(customers_file, max(1, invoices // INVOICES_PER_CUSTOMER))
    write_invoices(invoices_file, invoices)
    took = []
    with opened_store(settings()) as store:
        _open_seller(store)
        for _ in range(2):
            began = time.perf_counter()
            for file, profile in ((customers_file, "customers"), (invoices_file, "invoices")):
                report = import_ledger(file, SELLER, load_profile(profile), store=store)
                assert report.is_all_good, report.refused[:3]
            took.append(time.perf_counter() - began)
    sys.stdout.write(json.dumps({"seconds": took[0], "again": took[1]}))


if __name__ == "__main__":
    main()
