"""Whatever a file holds, importing it twice leaves the ledger as importing it once does."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from o2c_core.actions.import_ledger import import_ledger
from o2c_core.imports.profile import load_profile
from o2c_core.store.store import Store
from tests.build import a_seller
from tests.o2c_core.imports.files import a_file

# Whose a row is; every example has a seller of its own.
TABLES = {
    "customer": "seller_id = :seller",
    "invoice": "seller_id = :seller",
    "credit_note": "seller_id = :seller",
    "payment": "seller_id = :seller",
    "instalment": "invoice_id IN (SELECT id FROM invoice WHERE seller_id = :seller)",
    "allocation": "invoice_id IN (SELECT id FROM invoice WHERE seller_id = :seller)",
}
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


def ledger(session: Session, seller_id: UUID) -> dict[str, list[str]]:
    """Everything that seller has in the ledger, without keys."""
    found: dict[str, list[str]] = {}
    for table, whose in TABLES.items():
        query = text(f"SELECT to_jsonb(t) AS row FROM {table} t WHERE {whose}")  # noqa: S608 (fixed names)
        rows = session.execute(query, {"seller": seller_id}).scalars()
        kept = ({k: v for k, v in row.items() if k not in UNCOUNTED and not k.endswith("_id")} for row in rows)
        found[table] = sorted(str(sorted(row.items())) for row in kept)
    session.rollback()
    return found


def take(store: Store, folder: Path, seller: str, invoices: list[Any], payments: list[Any]) -> None:
    head = ["Invoice number", "Customer number", "Customer name", "Invoice date", "Terms", "Total"]
    named = [(number, ref, f"Customer {ref}", day, term, amount) for number, ref, day, term, amount in invoices]
    import_ledger(a_file(folder, sheet(head, named)), seller, load_profile("invoices"), store=store)
    head = ["Payment number", "Customer number", "Payment date", "Amount", "Invoice number"]
    import_ledger(a_file(folder, sheet(head, payments)), seller, load_profile("payments"), store=store)


@pytest.mark.long
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=EXAMPLES)
@given(invoices=invoice_rows, payments=payment_rows)
def test_twice_is_once(own_store: Store, tmp_path: Path, invoices: list[Any], payments: list[Any]) -> None:
    with own_store.session() as session:
        seller = a_seller(session, ref=str(uuid4()))
        session.commit()
        take(own_store, tmp_path, seller.ref, invoices, payments)
        once = ledger(session, seller.id)
        take(own_store, tmp_path, seller.ref, invoices, payments)
        assert ledger(session, seller.id) == once
        set_ = "SELECT coalesce(sum(a.amount_minor), 0) FROM allocation a JOIN payment p ON p.id = a.payment_id WHERE p.seller_id = :s"
        received = "SELECT coalesce(sum(amount_minor), 0) FROM payment WHERE seller_id = :s"
        allocated, money = (session.execute(text(query), {"s": seller.id}).scalar_one() for query in (set_, received))
        assert 0 <= allocated <= money
