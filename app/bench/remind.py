"""How fast a whole book is reminded, beside bare SQL that writes the same rows, and whether a killed worker loses any."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text

from app.bench.ledger import _plain_columns
from app.bench.remind_book import fill
from app.bench.turn import BenchFailed
from app.installation import database_url, opened_store
from app.settings import Settings, child_environment
from o2c_core.store.migrate import migrate
from o2c_core.store.store import Store, open_engine

INVOICES, CUSTOMERS = 1_000_000, 200_000
RATIO_MAX, MEMORY_MB_MAX = 4.0, 700
# A book of its own for the worker that is killed, so that the time of the other is that of an undisturbed run.
KILLED_SHARE, KILLED_CUSTOMERS_MIN = 10, 2_000
# What the rows of a run point at, and the rows of a run themselves.
_BEFORE = ("seller", "customer", "contact", "address", "invoice")
_WRITTEN = ("conversation", "message", "reminder", "trail", "reminder_decision", "procrastinate_jobs")

_COUNTS = text("""
    SELECT (SELECT count(*) FROM message m JOIN conversation c ON c.id = m.conversation_id
            WHERE c.seller_id = :seller AND m.purpose = 'reminder') AS messages,
           (SELECT count(DISTINCT c.customer_id) FROM message m JOIN conversation c ON c.id = m.conversation_id
            WHERE c.seller_id = :seller AND m.purpose = 'reminder') AS customers_written_to,
           (SELECT count(*) FROM reminder r JOIN invoice i ON i.id = r.invoice_id WHERE i.seller_id = :seller) AS steps,
           (SELECT count(DISTINCT r.invoice_id) FROM reminder r JOIN invoice i ON i.id = r.invoice_id
            WHERE i.seller_id = :seller) AS invoices_reminded_of,
           (SELECT count(*) FROM reminder_decision WHERE seller_id = :seller) AS decisions,
           (SELECT count(*) FROM trail t JOIN customer c ON c.id = t.customer_id
            WHERE c.seller_id = :seller AND t.what = 'reminder queued') AS trail_lines,
           (SELECT state FROM reminder_run WHERE seller_id = :seller) AS state
""")
_JOBS = text("""
    WITH asked AS (
        SELECT unnest(string_to_array(args->>'message_ids', ','))::uuid AS id
        FROM procrastinate_jobs WHERE task_name = 'deliver_messages')
    SELECT count(*) FROM asked JOIN message m ON m.id = asked.id JOIN conversation c ON c.id = m.conversation_id
    WHERE c.seller_id = :seller
""")


@dataclass(frozen=True)
class RemindFigures:
    """Seconds to plan, decide, render and queue a whole book, and to insert the same rows by bare SQL; and what a second
    book, whose worker was killed half-way, is short of or has twice."""

    invoices: int
    customers: int
    workers: int
    seconds: float
    bare_seconds: float
    ratio: float
    ratio_max: float
    customers_per_second: int
    cpu_seconds: float
    memory_mb: int
    message_bytes: int
    html_characters: int
    killed_after_messages: int
    killed_book: int
    lost: int
    repeated: int
    is_kept: bool


def measure_remind(invoices: int = INVOICES, customers: int = CUSTOMERS, workers: int = 2) -> RemindFigures:
    """Reminds a book of that many open invoices on one day, in as many processes as there are workers.

    Raises: BenchFailed when a worker fails.
    """
    with tempfile.TemporaryDirectory(prefix="parley-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        chosen = Settings(data=folder / "ledger", _env_file=None)
        with opened_store(chosen) as store:
            url = database_url(chosen)
            seller = fill(store, "whole", 1, invoices, customers)
            seconds, said = _carried_out(url, "whole", workers)
            faults = _faults(store, seller, customers, invoices)
            bare, sizes = _bare(store.engine, folder / "rows")
            few = max(min(KILLED_CUSTOMERS_MIN, customers), customers // KILLED_SHARE)
            other = fill(store, "killed", 2, few * 5, few)
            killed_after = _killed_half_way(store, url, other, few)
            lost, repeated = (sum(pair) for pair in zip(faults, _faults(store, other, few, few * 5), strict=True))
    ratio, memory = seconds / bare, max(int(one["memory_mb"]) for one in said)
    return RemindFigures(
        invoices=invoices,
        customers=customers,
        workers=workers,
        seconds=round(seconds, 1),
        bare_seconds=round(bare, 1),
        ratio=round(ratio, 2),
        ratio_max=RATIO_MAX,
        customers_per_second=round(customers / seconds),
        cpu_seconds=round(sum(one["cpu_seconds"] for one in said), 1),
        memory_mb=memory,
        message_bytes=sizes[0],
        html_characters=sizes[1],
        killed_after_messages=killed_after,
        killed_book=few,
        lost=lost,
        repeated=repeated,
        is_kept=lost == 0 and repeated == 0 and ratio <= RATIO_MAX and memory <= MEMORY_MB_MAX,
    )


def _worker(url: str, seller_ref: str) -> subprocess.Popen[str]:
    """A worker that is up and waits for the word.

    Raises: BenchFailed.
    """
    worker = subprocess.Popen(  # noqa: S603 (this very program)
        [sys.executable, "-m", "app.bench.remind_worker", url, seller_ref],
        env=child_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    if worker.stdout.readline() != "ready\n":
        raise BenchFailed("A worker of the bench did not come up.")
    return worker


def _go(worker: subprocess.Popen[str]) -> None:
    assert worker.stdin is not None
    worker.stdin.write("go\n")
    worker.stdin.flush()


def _carried_out(url: str, seller_ref: str, workers: int) -> tuple[float, list[dict[str, Any]]]:
    """Seconds from the word to the last worker's end, and what each says of itself."""
    working = [_worker(url, seller_ref) for _ in range(workers)]
    began = time.perf_counter()
    for worker in working:
        _go(worker)
    said = [_said(worker) for worker in working]
    return time.perf_counter() - began, said


def _said(worker: subprocess.Popen[str]) -> dict[str, Any]:
    out, _ = worker.communicate()
    if worker.returncode:
        raise BenchFailed("A worker of the bench failed.")
    figures: dict[str, Any] = json.loads(out)
    return figures


def _killed_half_way(store: Store, url: str, seller: UUID, customers: int) -> int:
    """Kills the one worker with SIGKILL when half of the messages are there, and has another go on; how many there were."""
    worker = _worker(url, "killed")
    _go(worker)
    written = 0
    query = text("SELECT coalesce((counts->>'messages')::bigint, 0) FROM reminder_run WHERE seller_id = :seller")
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while worker.poll() is None and written < customers // 2:
            written = connection.execute(query, {"seller": seller}).scalar() or 0
            time.sleep(0.01)
    with suppress(ProcessLookupError):
        os.kill(worker.pid, 9)
    worker.wait()
    _carried_out(url, "killed", 1)
    return int(written)


def _faults(store: Store, seller: UUID, customers: int, invoices: int) -> tuple[int, int]:
    """How many rows are missing, and how many are there twice: messages, steps, decisions, trail lines and jobs."""
    with store.session() as session:
        found = session.execute(_COUNTS, {"seller": seller}).one()
        jobs = session.execute(_JOBS, {"seller": seller}).scalar_one()
    wanted = [
        (found.messages, customers), (found.customers_written_to, customers), (found.steps, invoices),
        (found.invoices_reminded_of, invoices), (found.decisions, customers), (found.trail_lines, customers),
        (jobs, customers),
    ]  # fmt: skip
    lost = sum(max(0, due - there) for there, due in wanted) + (found.state != "done")
    return lost, sum(max(0, there - due) for there, due in wanted)


def _bare(engine: Engine, folder: Path) -> tuple[float, tuple[int, int]]:
    """Seconds to insert the very rows of the run into the same tables with their indexes, in one transaction, by COPY;
    the mean size of a message's row and of its HTML."""
    folder.mkdir()
    with engine.connect() as connection:
        for table in (*_BEFORE, *_WRITTEN):
            _copy_out(connection, table, folder / table)
        query = text("SELECT coalesce(avg(length(html)), 0)::int, count(*) FROM message")
        html, messages = connection.execute(query).one()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        admin.execute(text("CREATE DATABASE bare"))
    other = open_engine(engine.url.set(database="bare").render_as_string(hide_password=False))
    size = (folder / "message").stat().st_size // max(1, messages)
    try:
        migrate(other)
        with other.begin() as connection:
            for table in _BEFORE:
                _copy_in(connection, table, folder / table)
        with other.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
            admin.execute(text("VACUUM ANALYZE"))
            admin.execute(text("CHECKPOINT"))
        with other.connect() as connection:
            began = time.perf_counter()
            for table in _WRITTEN:
                _copy_in(connection, table, folder / table)
            connection.execute(text("COMMIT"))
            took = time.perf_counter() - began
    finally:
        other.dispose()
    for file in folder.iterdir():
        file.unlink()
    return took, (size, html)


def _copy_out(connection: Any, table: str, file: Path) -> None:
    statement = f"COPY {table} ({_plain_columns(connection, table)}) TO STDOUT"
    driver = connection.connection.driver_connection
    with file.open("wb") as kept, driver.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            kept.write(block)


def _copy_in(connection: Any, table: str, file: Path) -> None:
    statement = f"COPY {table} ({_plain_columns(connection, table)}) FROM STDIN"
    driver = connection.connection.driver_connection
    with file.open("rb") as kept, driver.cursor() as cursor, cursor.copy(statement) as copy:
        while block := kept.read(1 << 18):
            copy.write(block)
