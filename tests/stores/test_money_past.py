"""The books as they stood on any past day, and what is late of an invoice in instalments."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.refund import refund
from o2c_core.actions.release_allocation import release_allocation
from o2c_core.actions.return_payment import return_payment
from o2c_core.clock import MovableClock
from o2c_core.figures.ageing import ageing
from o2c_core.invoices.account import OpenInvoice, balances, invoices_of, open_parts
from o2c_core.invoices.invoice import Invoice
from o2c_core.store.store import Store
from tests.build import DAY, a_credit_note, a_customer, a_payment, a_seller, an_invoice
from tests.stores.money import books_of, eur, in_parts
from web.owed import held, owed


def on(days: int) -> date:
    return DAY + timedelta(days=days)


def test_a_past_day_is_as_it_was_whatever_happened_since(store: Store, session: Session, clock: MovableClock) -> None:
    customer = a_customer(session, a_seller(session))
    an_invoice(session, customer, "F1", total_minor=10_000, due_on=on(2), issued_on=on(-28))
    an_invoice(session, customer, "F2", total_minor=5_000, due_on=on(40), issued_on=on(5))
    books = books_of(store, session, customer)
    first = books.pay(8_000, "oldest first", on=on(0))
    clock.move(timedelta(days=6))
    books.pay(9_000, "oldest first", key="P2", on=on(6))
    clock.move(timedelta(days=2))
    release_allocation(first.changes[0].allocation_id, "meant for another order", store=store)
    clock.move(timedelta(days=2))
    refund(first.payment.id, eur(1_000), reason="asked for it back", store=store)
    return_payment(first.payment.id, "chargeback", eur(7_000), on(10), reason="MD06", source_key="R1", store=store)
    history = {
        -29: None,
        -28: (10_000, 0, 0),
        0: (2_000, 0, 0),
        3: (2_000, 2_000, 0),
        5: (7_000, 2_000, 0),
        6: (0, 0, 2_000),
        8: (8_000, 8_000, 10_000),
        9: (8_000, 8_000, 10_000),
        10: (8_000, 8_000, 2_000),
    }
    for days, expected in history.items():
        found = balances(session, customer.id, on(10), as_of=on(days))
        sums = [(one.open.minor, one.overdue.minor, one.unapplied.minor) for one in found]
        assert sums == ([expected] if expected else []), days
    assert books.balance() == (8_000, 0, 2_000)  # as of the test's own day nothing is late
    assert books.open(as_of=on(5)) == {"F1": 2_000, "F2": 5_000}
    assert books.open(as_of=on(4)) == {"F1": 2_000}


def test_money_that_came_before_its_invoice_counts_on_it_from_the_day_there_is_one(
    store: Store, session: Session
) -> None:
    customer = a_customer(session, a_seller(session))
    an_invoice(session, customer, "F1", total_minor=10_000, due_on=on(30), issued_on=on(0))
    books = books_of(store, session, customer)
    books.pay(10_000, "oldest first", on=on(-5))
    assert [books.balance(as_of=on(days)) for days in (-5, -1)] == [(0, 0, 10_000)] * 2
    assert books.open(as_of=on(0)) == {"F1": 0}
    assert books.unapplied(as_of=on(0)) == 0


PARTS = {on(-30): 3_000, on(0): 3_000, on(30): 4_000}


@pytest.mark.parametrize(
    ("paid", "days", "overdue", "late", "state", "next_due"),
    [
        (0, -31, 0, 0, "due", -30),
        (0, -29, 3_000, 1, "overdue", -30),
        (0, 0, 3_000, 30, "overdue", -30),
        (0, 1, 6_000, 31, "overdue", -30),
        (3_000, 0, 0, 0, "part_paid", 0),
        (3_000, 1, 3_000, 1, "overdue", 0),
        (3_500, 1, 2_500, 1, "overdue", 0),
        (6_000, 30, 0, 0, "part_paid", 30),
        (9_999, 31, 1, 1, "overdue", 30),
        (10_000, 31, 0, 0, "paid", 30),
    ],
)
def test_an_instalment_that_was_missed_is_late_though_the_last_is_not_due(
    session: Session, paid: int, days: int, overdue: int, late: int, state: str, next_due: int
) -> None:
    customer = a_customer(session, a_seller(session))
    invoice = an_invoice(session, customer, "F1", total_minor=10_000, issued_on=on(-60), due_on=on(30))
    in_parts(session, invoice, PARTS)
    if paid:
        a_payment(session, invoice, paid, on=on(-60))
    session.expire_all()
    (found,) = invoices_of(session, customer.id, on(days))
    assert (found.overdue, found.days_late, found.state) == (eur(overdue), late, state)
    assert found.next_due_on == on(next_due)
    assert sum(minor for _, minor in found.parts) == found.open.minor == 10_000 - paid
    lone = OpenInvoice(session.get_one(Invoice, invoice.id), found.open, on(days))
    assert (lone.overdue, lone.next_due_on) == (found.overdue, found.next_due_on)
    for balance in balances(session, customer.id, on(days)):
        assert (balance.open, balance.overdue) == (found.open, found.overdue)
    for row in ageing(session, customer.seller_id, on(days)):
        assert (row.open, row.overdue) == (found.open, found.overdue)
    for debt in session.execute(select(owed(on(days), Invoice.customer_id == customer.id))):
        assert (debt.open, debt.overdue, debt.invoices) == (found.open.minor, overdue, 1)


@pytest.mark.parametrize(
    ("total", "paid", "expected"),
    [
        (10_000, 4_000, [2_000, 4_000]),
        (12_000, 0, [3_000, 3_000, 6_000]),
        (12_000, 7_000, [5_000]),
        (8_000, 4_000, [2_000, 2_000]),
        (10_000, 10_500, [-500]),
    ],
)
def test_parts_sum_to_what_is_open_also_where_the_total_was_changed_since(
    session: Session, total: int, paid: int, expected: list[int]
) -> None:
    customer = a_customer(session, a_seller(session))
    invoice = in_parts(session, an_invoice(session, customer, "F1", total_minor=total, issued_on=on(-60)), PARTS)
    if paid:
        a_payment(session, invoice, paid)
    rows = session.execute(open_parts(Invoice.id == invoice.id)).all()
    assert [int(row.minor) for row in sorted(rows, key=lambda row: row.due_on)] == expected
    (found,) = invoices_of(session, customer.id, DAY)
    assert [minor for _, minor in found.parts] == expected


def test_what_is_held_is_less_what_was_paid_back(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    a_credit_note(session, customer, 700)
    books = books_of(store, session, customer)
    payment = books.pay(1_000).payment
    refund(payment.id, eur(400), reason="asked for it back", store=store)
    assert books.unapplied() == 1_300
    assert [tuple(row) for row in session.execute(select(held(DAY, [customer.id])))] == [(customer.id, "EUR", 1_300)]
    assert [tuple(row) for row in session.execute(select(held(on(-1), [customer.id])))] == []
