"""How the ledger holds up at a million invoices: import beside a bare COPY, ageing, one customer's balance and timeline."""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.bench.book import ON, SELLER
from app.installation import database_url, opened_store
from app.settings import Settings, child_environment
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.figures.ageing import ageing
from o2c_core.figures.timeline import timeline
from o2c_core.invoices.account import balances
from o2c_core.store.migrate import migrate
from o2c_core.store.store import Store, open_engine

INVOICES, FEW = 1_000_000, 10_000
ASKED = 400
_COPIED = ("seller", "customer", "contact", "address", "invoice")

# What the import is measured against: the same book aged by one statement that knows nothing of instalments, of several
# currencies in one answer or of money given back.
_BEST_AGEING = """
WITH used AS (SELECT invoice_id, sum(amount_minor) AS minor FROM allocation WHERE allocated_on <= :on GROUP BY invoice_id)
SELECT currency, sum(open_minor) FILTER (WHERE late <= 0), sum(open_minor) FILTER (WHERE late BETWEEN 1 AND 30),
       sum(open_minor) FILTER (WHERE late BETWEEN 31 AND 60), sum(open_minor) FILTER (WHERE late BETWEEN 61 AND 90),
       sum(open_minor) FILTER (WHERE late > 90)
FROM (SELECT i.currency, i.total_minor - coalesce(u.minor, 0) AS open_minor, CAST(:on AS date) - i.due_on AS late
      FROM invoice i LEFT JOIN used u ON u.invoice_id = i.id WHERE i.seller_id = :seller AND i.issued_on <= :on) o
GROUP BY currency
"""
# Seven of ten invoices are paid, one of ten in part; every hundredth customer has money on account.
_PAY = (
    """
    INSERT INTO payment (id, seller_id, customer_id, received_on, amount_minor, currency, source_key)
    SELECT gen_random_uuid(), seller_id, customer_id, due_on + (hashtext(number) % 20), CASE WHEN hashtext(number) % 10 = 9
           THEN greatest(1, total_minor / 2) ELSE total_minor END, currency, 'bench-' || number
    FROM invoice WHERE abs(hashtext(number)) % 10 IN (0, 1, 2, 3, 4, 5, 6, 9)
    """,
    """
    INSERT INTO allocation (id, invoice_id, payment_id, amount_minor, allocated_on)
    SELECT gen_random_uuid(), i.id, p.id, p.amount_minor, p.received_on
    FROM payment p JOIN invoice i ON i.seller_id = p.seller_id AND 'bench-' || i.number = p.source_key
    """,
    """
    INSERT INTO payment (id, seller_id, customer_id, received_on, amount_minor, currency, source_key)
    SELECT gen_random_uuid(), seller_id, id, DATE '2026-02-01', 5000, currency, 'bench-account-' || ref
    FROM customer WHERE abs(hashtext(ref)) % 100 = 0
    """,
)


@dataclass(frozen=True)
class LedgerFigures:
    """Seconds, ratios and milliseconds for a book of that size; the aim of each ratio is in docs/benchmarks.md."""

    invoices: int
    customers: int
    import_seconds: float
    copy_seconds: float
    import_to_copy: float
    again_seconds: float
    memory_mb: int
    microseconds_per_row: float
    microseconds_per_row_at_10000: float
    per_row_to_10000: float
    ageing_seconds: float
    best_statement_seconds: float
    ageing_to_best: float
    balance_p95_ms: float
    timeline_p95_ms: float
    balance_p50_ms: float
    timeline_p50_ms: float


def measure_ledger(invoices: int = INVOICES) -> LedgerFigures:
    """Imports a book of that many invoices (five a customer) into a fresh ledger and asks it what people ask."""
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        large = _imported(Path(folder) / "large", invoices)
        few = min(FEW, invoices)
        # The small book is imported three times over, since a second of start-up noise is much of its time.
        small = statistics.median(_imported(Path(folder) / f"small-{n}", few)["seconds"] for n in range(3))
        with _opened(Path(folder) / "large") as (store, engine):
            copied = _copied(engine, Path(folder) / "large" / "rows")
            for statement in _PAY:
                with engine.begin() as connection:
                    connection.execute(text(statement))
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
            asked = _asked(store)
    rows, few_rows = invoices + invoices // 5, few + few // 5
    per_row, per_row_few = large["seconds"] / rows * 1e6, small / few_rows * 1e6
    return LedgerFigures(
        invoices=invoices,
        customers=invoices // 5,
        import_seconds=round(large["seconds"], 1),
        copy_seconds=round(copied, 1),
        import_to_copy=round(large["seconds"] / copied, 2),
        again_seconds=round(large["again"], 1),
        memory_mb=int(large["memory_mb"]),
        microseconds_per_row=round(per_row, 1),
        microseconds_per_row_at_10000=round(per_row_few, 1),
        per_row_to_10000=round(per_row / per_row_few, 2),
        **asked,
    )


def _imported(folder: Path, invoices: int) -> dict[str, float]:
    """Imports a book in a process of its own, so that its memory is its own."""
    folder.mkdir()
    child = subprocess.Popen(  # noqa: S603 (this very program)
        [sys.executable, "-m", "app.bench.book", str(folder), str(invoices)],
        env=child_environment(data=str(folder)),
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    said = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, "import")
    figures: dict[str, float] = json.loads(said)
    return figures | {"memory_mb": used.ru_maxrss / 1024}


@contextmanager
def _opened(folder: Path) -> Iterator[tuple[Store, Engine]]:
    chosen = Settings(data=folder, _env_file=None)
    with opened_store(chosen) as store:
        engine = open_engine(database_url(chosen))
        try:
            yield store, engine
        finally:
            engine.dispose()


def _copied(engine: Engine, folder: Path) -> float:
    """Seconds to COPY the imported rows, as they are, into the same tables with their indexes in an empty database."""
    folder.mkdir()
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        for table in _COPIED:
            columns = _plain_columns(connection, table)
            statement = f"COPY {table} ({columns}) TO STDOUT (FORMAT binary)"
            with (folder / table).open("wb") as file, driver.cursor() as cursor, cursor.copy(statement) as copy:
                for block in copy:
                    file.write(block)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        admin.execute(text("CREATE DATABASE copied"))
    other = open_engine(engine.url.set(database="copied").render_as_string(hide_password=False))
    try:
        migrate(other)
        with other.connect() as connection:
            driver = connection.connection.driver_connection
            began = time.perf_counter()
            for table in _COPIED:
                columns = _plain_columns(connection, table)
                statement = f"COPY {table} ({columns}) FROM STDIN (FORMAT binary)"
                with (folder / table).open("rb") as file, driver.cursor() as cursor, cursor.copy(statement) as copy:
                    while block := file.read(1 << 18):
                        copy.write(block)
            connection.commit()
            return time.perf_counter() - began
    finally:
        other.dispose()


def _plain_columns(connection: Any, table: str) -> str:
    """The columns that are written; those the database computes are left to it."""
    query = """
        SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = :table AND is_generated = 'NEVER'
    """
    return str(connection.execute(text(query), {"table": table}).scalar_one())


def _asked(store: Store) -> dict[str, float]:
    with store.session() as session:
        seller_id = session.scalars(select(Seller.id).where(Seller.ref == SELLER)).one()
        facts = {"seller": seller_id, "on": ON}
        best = _seconds(lambda: session.execute(text(_BEST_AGEING), facts).all())
        ours = _seconds(lambda: ageing(session, seller_id, ON))
        refs = list(session.scalars(select(Customer.id).where(Customer.seller_id == seller_id)))
        chosen = random.Random(1).sample(refs, min(ASKED, len(refs)))  # noqa: S311 (which customers to ask about)
        balance = _milliseconds(session, chosen, lambda customer_id: balances(session, customer_id, ON))
        line = _milliseconds(session, chosen, lambda customer_id: timeline(session, customer_id))
    return {
        "ageing_seconds": round(ours, 2),
        "best_statement_seconds": round(best, 2),
        "ageing_to_best": round(ours / best, 2),
        "balance_p50_ms": balance[0],
        "balance_p95_ms": balance[1],
        "timeline_p50_ms": line[0],
        "timeline_p95_ms": line[1],
    }


def _seconds(ask: Callable[[], object]) -> float:
    """The median of five, after one that warms the cache."""
    ask()
    took = []
    for _ in range(5):
        began = time.perf_counter()
        ask()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def _milliseconds(session: Session, ids: Sequence[UUID], ask: Callable[[UUID], object]) -> tuple[float, float]:
    """Median and 95th percentile over the customers, after twenty that warm up statements."""
    for customer_id in ids[:20]:
        ask(customer_id)
    took = []
    for customer_id in ids:
        session.expire_all()
        began = time.perf_counter()
        ask(customer_id)
        took.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(took, n=20)
    return round(statistics.median(took), 2), round(cuts[18], 2)
