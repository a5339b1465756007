"""A file that lowers an amount and somebody who uses it at the same moment take turns; no money is made."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select, text

from o2c_core.imports.report import ImportReport
from o2c_core.invoices.account import unapplied_of
from o2c_core.invoices.invoice import CreditNote
from o2c_core.invoices.payment import Payment
from o2c_core.invoices.posting import apply, locked
from o2c_core.money import Money
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.o2c_core.imports.files import imported, reasons

_PAYMENT = (
    "Payment ID,Customer number,Payment date,Amount,Currency,Invoice number,Reference\nP1,1001,2026-03-01,{},,,\n"
)
_CREDIT = "Invoice number,Customer number,Invoice date,Total,Document type\nC1,1001,2026-03-01,{},credit note\n"


@pytest.mark.parametrize(
    ("noun", "profile", "content", "refused"),
    [
        (Payment, "payments", _PAYMENT, "2: 100.00 EUR of payment P1 is already set against invoices or given back, "
         "more than its new amount"),
        (CreditNote, "invoices", _CREDIT, "2: 100.00 EUR is already set against credit note C1, more than its new total, "
         "60.00 EUR"),
    ],
)  # fmt: skip
def test_an_amount_is_not_lowered_below_what_is_being_used_at_that_moment(
    own_store: Store, tmp_path: Path, noun: type[Payment | CreditNote], profile: str, content: str, refused: str
) -> None:
    with own_store.session() as session:
        customer = a_customer(session, a_seller(session), "1001")
        invoice = an_invoice(session, customer, "F1", total_minor=10_000)
        session.commit()
    imported(own_store, tmp_path, content.format("100.00"), profile)

    def lower() -> ImportReport:
        return imported(own_store, tmp_path, content.format("60.00"), profile)

    with ThreadPoolExecutor(1) as thread:
        with own_store.session() as session:
            source = locked(session, noun, session.scalars(select(noun.id)).one())
            everything = Money(10_000, "EUR")
            apply(session, source, {invoice.id: everything}, everything, DAY, "test")
            running = thread.submit(lower)
            _wait_until_it_waits(own_store)
            session.commit()
        report = running.result(timeout=20)
    assert reasons(report) == [refused]
    with own_store.session() as session:
        assert unapplied_of(session, customer.id) == {}


def _wait_until_it_waits(store: Store) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    patience = time.monotonic() + 20
    while True:
        with store.session() as looking:
            if looking.execute(waiting).scalar_one():
                return
        assert time.monotonic() < patience, "they never met"
        time.sleep(0.01)
