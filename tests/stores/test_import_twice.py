"""Whatever a file holds, importing it twice leaves the ledger as importing it once does."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from o2c_core.store.store import Store
from tests.build import a_seller
from tests.o2c_core.imports.files import imported

TABLES = (
    "customer",
    "invoice",
    "invoice_line",
    "credit_note",
    "credit_note_line",
    "tax_subtotal",
    "payment",
    "allocation",
)
# An example is four imports, so only CI runs as many as for pure rules.
EXAMPLES = settings().max_examples if settings().max_examples >= 2_000 else 25
# What is different by nature: keys, and what says when it was written.
UNCOUNTED = ("id", "created_at")

refs = st.sampled_from(["1001", "1002", "1003", ""])
numbers = st.sampled_from(["F1", "F2", "F3", "F4", "CN1"])
days = st.sampled_from(["2026-01-05", "2026-02-28", "05-03-2026", "soon", ""])
amounts = st.one_of(
    st.integers(-99_999, 99_999).map(lambda minor: f"{minor / 100:.2f}"), st.sampled_from(["", "x", "1,5"])
)
terms = st.sampled_from(["", "", "net 14", "2/10 net 30", "50%@0 + 50%@30", "whenever"])
invoice_rows = st.lists(st.tuples(numbers, refs, days, terms, amounts), max_size=8)
payment_rows = st.lists(st.tuples(st.sampled_from(["P1", "P2", ""]), refs, days, amounts, numbers), max_size=6)


def sheet(head: list[str], rows: list[tuple[str, ...]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([head, *rows])
    return written.getvalue()


def ledger(session: Session) -> dict[str, list[str]]:
    """Everything in the ledger, without keys."""
    session.rollback()
    found: dict[str, list[str]] = {}
    for table in TABLES:
        rows = session.execute(text(f"SELECT to_jsonb(t) AS row FROM {table} t")).scalars()  # noqa: S608 (a fixed name)
        kept = ({k: v for k, v in row.items() if k not in UNCOUNTED and not k.endswith("_id")} for row in rows)
        found[table] = sorted(str(sorted(row.items())) for row in kept)
    return found


def take(store: Store, folder: Path, invoices: list[Any], payments: list[Any]) -> None:
    head = ["Invoice number", "Customer number", "Customer name", "Invoice date", "Terms", "Total"]
    named = [(number, ref, f"Customer {ref}", day, term, amount) for number, ref, day, term, amount in invoices]
    imported(store, folder, sheet(head, named), "invoices")
    head = ["Payment number", "Customer number", "Payment date", "Amount", "Invoice number"]
    imported(store, folder, sheet(head, payments), "payments")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=EXAMPLES)
@given(invoices=invoice_rows, payments=payment_rows)
def test_twice_is_once(store: Store, tmp_path: Path, invoices: list[Any], payments: list[Any]) -> None:
    with store.session() as session:
        session.execute(text(f"TRUNCATE {', '.join(TABLES)}, seller CASCADE"))
        a_seller(session)
        session.commit()
        take(store, tmp_path, invoices, payments)
        once = ledger(session)
        take(store, tmp_path, invoices, payments)
        assert ledger(session) == once
        paid = text("SELECT coalesce(sum(amount_minor), 0) FROM allocation WHERE payment_id IS NOT NULL")
        received = text("SELECT coalesce(sum(amount_minor), 0) FROM payment")
        assert session.execute(paid).scalar_one() <= session.execute(received).scalar_one()
