"""How long an ERP's export takes to import, and to import again."""

from __future__ import annotations

import csv
import random
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app.installation import opened_store
from app.settings import Settings
from o2c_core.actions.import_ledger import import_ledger
from o2c_core.imports.profile import load_profile


@dataclass(frozen=True)
class ImportFigures:
    """Seconds to import that many invoice lines from CSV, and to import the same file again with nothing to change."""

    lines: int
    seconds: float
    lines_per_second: int
    again_seconds: float


def measure_import(lines: int = 25_000) -> ImportFigures:
    """Writes an export in the shape of the online-retail profile and imports it twice into a fresh ledger."""
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        export = Path(folder) / "export.csv"
        _write(export, lines)
        profile = load_profile("online_retail")
        with opened_store(Settings(data=Path(folder), _env_file=None)) as store:
            began = time.perf_counter()
            import_ledger(export, "bench", profile, store=store)
            first = time.perf_counter() - began
            began = time.perf_counter()
            import_ledger(export, "bench", profile, store=store)
            again = time.perf_counter() - began
    return ImportFigures(lines, round(first, 2), round(lines / first), round(again, 2))


def _write(path: Path, lines: int) -> None:
    dice = random.Random(1)  # noqa: S311 (figures to import, not secrets)
    moment = datetime(2011, 11, 1, 8, 0)  # noqa: DTZ001 (the export has no time zone either)
    with path.open("w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        sheet.writerow(
            ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
        )
        for number in range(lines):
            invoice = 600_000 + number // 22
            customer = 12_000 + invoice % 800
            at = moment + timedelta(minutes=number // 22)
            sheet.writerow(
                [invoice, f"2{dice.randrange(1000, 9999)}", f"ARTICLE {dice.randrange(3000)}", dice.randrange(1, 48),
                 at, f"{dice.randrange(5, 1500) / 100:.2f}", f"{customer}.0", "United Kingdom"]
            )  # fmt: skip
