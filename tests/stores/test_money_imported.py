"""Imports after people have worked with the money: what they used or paid back is not used once more."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.allocate_payment import allocate_payment
from o2c_core.actions.refund import refund
from o2c_core.actions.release_allocation import release_allocation
from o2c_core.invoices.payment import Payment
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.o2c_core.imports.files import imported
from tests.stores.money import Books, books_of, eur

ROW = "Payment ID,Customer number,Payment date,Amount,Currency,Invoice number,Reference\nP1,1001,2026-03-01,{},EUR,{},{}\n"


def the_books(store: Store, session: Session) -> Books:
    """Customer 1001 owes 100.00 on F1 and 50.00 on F2."""
    customer = a_customer(session, a_seller(session), "1001")
    an_invoice(session, customer, "F1", total_minor=10_000, due_on=DAY - timedelta(days=5))
    an_invoice(session, customer, "F2", total_minor=5_000)
    return books_of(store, session, customer)


def test_money_that_was_paid_back_is_not_allocated_by_a_later_import(
    store: Store, session: Session, tmp_path: Path
) -> None:
    books = the_books(store, session)
    imported(store, tmp_path, ROW.format("100.00", "", ""), "payments")
    payment = session.scalars(select(Payment)).one()
    refund(payment.id, eur(4_000), reason="paid twice", store=store)
    imported(store, tmp_path, ROW.format("100.00", "F1", "now with its number"), "payments")
    assert (books.open(), books.unapplied()) == ({"F1": 4_000, "F2": 5_000}, 0)


def test_money_that_somebody_set_against_an_invoice_is_not_used_again(
    store: Store, session: Session, tmp_path: Path
) -> None:
    books = the_books(store, session)
    imported(store, tmp_path, ROW.format("100.00", "", ""), "payments")
    payment = session.scalars(select(Payment)).one()
    (change,) = allocate_payment(payment.id, store=store, amount=eur(7_000))
    imported(store, tmp_path, ROW.format("110.00", "F2", ""), "payments")
    assert (books.open(), books.unapplied()) == ({"F1": 3_000, "F2": 1_000}, 0)
    release_allocation(change.allocation_id, "it was for F2", store=store)
    imported(store, tmp_path, ROW.format("110.00", "F2", "and so it says"), "payments")
    assert (books.open(), books.unapplied()) == ({"F1": 10_000, "F2": 0}, 6_000)


def test_money_in_a_file_that_came_before_its_invoice_counts_from_the_invoices_day(
    store: Store, session: Session, tmp_path: Path
) -> None:
    customer = a_customer(session, a_seller(session), "1001")
    an_invoice(session, customer, "F1", total_minor=10_000, issued_on=DAY)
    books = books_of(store, session, customer)
    imported(store, tmp_path, ROW.format("100.00", "F1", ""), "payments")
    assert books.balance(as_of=DAY - timedelta(days=1)) == (0, 0, 10_000)
    assert books.open(as_of=DAY) == {"F1": 0}
