"""What is open on an invoice, how late it is, and what a customer owes."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from o2c_core.figures.ageing import ageing
from o2c_core.invoices.account import balance_of, balances, invoices_of
from o2c_core.invoices.invoice import due_day, invoice_state
from o2c_core.invoices.payment import Allocation
from o2c_core.money import Money
from tests.build import DAY, a_credit_note, a_customer, a_payment, a_seller, an_invoice


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


@pytest.mark.parametrize(
    ("total", "open_", "late", "state"),
    [
        (100, 100, -1, "due"),
        (100, 100, 0, "due"),
        (100, 100, 1, "overdue"),
        (100, 40, -1, "part_paid"),
        (100, 40, 0, "part_paid"),
        (100, 40, 1, "overdue"),
        (100, 0, 50, "paid"),
        (100, -5, 50, "paid"),
        (0, 0, 1, "paid"),
    ],
)
def test_one_word_for_where_an_invoice_stands(total: int, open_: int, late: int, state: str) -> None:
    assert invoice_state(eur(total), eur(open_), DAY, DAY + timedelta(days=late)) == state


def test_terms_count_from_the_invoice_date() -> None:
    assert due_day(date(2026, 1, 31), 30) == date(2026, 3, 2)


def test_open_is_the_total_less_everything_set_against_it(session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    invoice = an_invoice(session, customer, total_minor=10_000, due_on=DAY - timedelta(days=3))
    a_payment(session, invoice, 2_500)
    a_credit_note(session, customer, 1_000, against=invoice)
    (found,) = invoices_of(session, customer.id, DAY)
    assert (found.open, found.days_late, found.state) == (eur(6_500), 3, "overdue")


def test_a_customer_may_owe_in_two_currencies_and_hold_credit_in_a_third(session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    an_invoice(session, customer, total_minor=10_000, due_on=DAY - timedelta(days=3))
    an_invoice(session, customer, total_minor=500, currency="JPY", due_on=DAY)
    customer.currency = "KWD"
    a_credit_note(session, customer, 1_234)
    found = {balance.open.currency: balance for balance in balances(session, customer.id, DAY)}
    assert {
        currency: (one.open.minor, one.overdue.minor, one.unapplied.minor, one.owed.minor)
        for currency, one in found.items()
    } == {
        "EUR": (10_000, 10_000, 0, 10_000),
        "JPY": (500, 0, 0, 500),
        "KWD": (0, 0, 1_234, -1_234),
    }


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(-400, 400)), max_size=30), st.integers(0, 10**9))
def test_a_balance_is_the_sum_of_its_parts(invoices: list[tuple[int, int]], unapplied: int) -> None:
    rows = [(minor, DAY + timedelta(days=days)) for minor, days in invoices]
    balance = balance_of(rows, unapplied, "EUR", DAY)
    assert balance.open.minor == sum(minor for minor, _ in invoices)
    assert balance.overdue.minor == sum(minor for minor, days in invoices if days < 0)
    assert balance.owed.minor == balance.open.minor - unapplied


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 100_000), st.integers(0, 100), st.integers(-30, 120)), min_size=1, max_size=8))
def test_ageing_sums_to_the_balance(session: Session, invoices: list[tuple[int, int, int]]) -> None:
    with session.begin_nested() as undone:
        customer = a_customer(session, a_seller(session, "ageing"))
        for total, percent_paid, late in invoices:
            due_on = DAY - timedelta(days=late)
            issued_on = min(due_on, DAY) - timedelta(days=1)
            an_invoice(
                session,
                customer,
                total_minor=total,
                paid_minor=total * percent_paid // 100,
                due_on=due_on,
                issued_on=issued_on,
            )
        a_credit_note(session, customer, 777)
        (row,) = ageing(session, customer.seller_id, DAY)
        (balance,) = balances(session, customer.id, DAY)
        assert (row.open, row.overdue, -row.unapplied, row.balance) == (
            balance.open,
            balance.overdue,
            balance.unapplied,
            balance.owed,
        )
        undone.rollback()


@pytest.mark.parametrize(
    ("late", "bucket"), [(-1, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4)]
)
def test_an_invoice_ages_by_its_due_date(session: Session, late: int, bucket: int) -> None:
    customer = a_customer(session, a_seller(session))
    due_on = DAY - timedelta(days=late)
    an_invoice(session, customer, total_minor=100, due_on=due_on, issued_on=DAY - timedelta(days=200))
    (row,) = ageing(session, customer.seller_id, DAY)
    assert [minor.minor for minor in row.buckets] == [100 if number == bucket else 0 for number in range(5)]


def test_a_past_day_knows_nothing_of_later_money(session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    an_invoice(session, customer, total_minor=100, due_on=DAY - timedelta(days=5), paid_minor=100)
    (before,) = ageing(session, customer.seller_id, DAY - timedelta(days=1))
    (now,) = ageing(session, customer.seller_id, DAY)
    assert (before.balance.minor, now.balance.minor) == (100, 0)


@pytest.mark.parametrize("minor", [0, -1])
def test_the_database_refuses_an_allocation_of_nothing(session: Session, minor: int) -> None:
    customer = a_customer(session, a_seller(session))
    invoice = an_invoice(session, customer)
    payment = a_payment(session, invoice, 100)
    session.add(Allocation(invoice_id=invoice.id, payment_id=payment.id, amount_minor=minor, allocated_on=DAY))
    with pytest.raises(IntegrityError):
        session.flush()
