"""Statements of account on real rows: what was, what moved it, what is open."""

from datetime import date, timedelta
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.figures.ageing import BUCKETS as FIGURES_BUCKETS
from o2c_core.figures.ageing import ageing
from o2c_core.invoices.account import balances
from o2c_core.invoices.invoice import CreditNote, Instalment, Invoice
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn, WriteOff
from o2c_core.invoices.statement import (
    BUCKETS,
    DaysReversed,
    Statement,
    bucket_of,
    first_day,
    parts_open,
    running,
    statement_of,
)
from o2c_core.money import Money
from tests.build import DAY, a_credit_note, a_customer, a_payment, a_seller, an_invoice

_key = count(1)
FIRST = DAY - timedelta(days=100)


def at(days: int) -> date:
    return FIRST + timedelta(days=days)


def money_in(session: Session, customer: Customer, minor: int, on: date, reference: str = "RF1") -> Payment:
    payment = Payment(
        seller_id=customer.seller_id, customer_id=customer.id, received_on=on, amount_minor=minor,
        currency=customer.currency, reference=reference, source_key=f"statement-{next(_key)}",
    )  # fmt: skip
    session.add(payment)
    session.flush()
    return payment


def set_against(session: Session, invoice: Invoice, minor: int, on: date, **source: object) -> Allocation:
    allocation = Allocation(invoice_id=invoice.id, amount_minor=minor, allocated_on=on, **source)
    session.add(allocation)
    session.flush()
    return allocation


def take_back(session: Session, allocation: Allocation, on: date) -> None:
    session.add(
        Allocation(
            invoice_id=allocation.invoice_id, payment_id=allocation.payment_id, credit_note_id=allocation.credit_note_id,
            write_off_id=allocation.write_off_id, reverses_id=allocation.id, amount_minor=-allocation.amount_minor,
            allocated_on=on,
        )
    )  # fmt: skip
    session.flush()


def money_out(session: Session, payment: Payment, minor: int, on: date, kind: str) -> None:
    session.add(
        PaymentReturn(
            seller_id=payment.seller_id, customer_id=payment.customer_id, payment_id=payment.id, kind=kind, returned_on=on,
            amount_minor=minor, currency=payment.currency, source_key=f"statement-{next(_key)}",
        )
    )  # fmt: skip
    session.flush()


def write_off(session: Session, invoice: Invoice, minor: int, on: date) -> Allocation:
    written = WriteOff(
        seller_id=invoice.seller_id, customer_id=invoice.customer_id, invoice_id=invoice.id, amount_minor=minor,
        currency=invoice.currency, reason="small_balance", words="too little to ask for", by="N. Smit", role="finance",
        written_off_on=on,
    )  # fmt: skip
    session.add(written)
    session.flush()
    return set_against(session, invoice, minor, on, write_off_id=written.id)


def told(statement: Statement) -> list[str]:
    return [
        f"{move.on.isoformat()} {move.kind} {move.number} {move.amount.minor} {move.balance.minor}"
        for move in statement.movements
    ]


def check_sums(statement: Statement) -> None:
    """What must hold of every statement."""
    moved = sum(move.amount.minor for move in statement.movements)
    assert statement.opening.minor + moved == statement.closing.minor
    assert sum(item.open.minor for item in statement.open_items) == statement.closing.minor
    assert sum(bucket.minor for bucket in statement.buckets) + statement.unapplied.minor == statement.closing.minor


def a_busy_account(session: Session) -> Customer:
    """Every kind of movement once, with the day of each in `at`."""
    customer = a_customer(session, a_seller(session))
    one = an_invoice(session, customer, "INV-1", total_minor=10_000, issued_on=at(0), due_on=at(30))
    two = an_invoice(session, customer, "INV-2", total_minor=5_000, issued_on=at(10), due_on=at(40))
    an_invoice(session, customer, "INV-3", total_minor=700, issued_on=at(90), due_on=at(120))
    paid = money_in(session, customer, 6_000, at(20), "RF18")
    first = set_against(session, one, 6_000, at(21), payment_id=paid.id)
    credit = CreditNote(
        seller_id=customer.seller_id, customer_id=customer.id, number="CN-1", issued_on=at(25), currency="EUR",
        total_minor=1_000,
    )  # fmt: skip
    session.add(credit)
    session.flush()
    set_against(session, one, 800, at(25), credit_note_id=credit.id)
    take_back(session, first, at(50))
    money_out(session, paid, 6_000, at(50), "chargeback")
    again = money_in(session, customer, 9_500, at(60), "RF19")
    set_against(session, one, 9_200, at(60), payment_id=again.id)
    money_out(session, again, 100, at(70), "refund")
    undone = write_off(session, two, 40, at(80))
    take_back(session, undone, at(85))
    write_off(session, two, 25, at(95))
    return customer


def test_every_kind_of_movement_is_told_in_order_with_the_balance_after_it(session: Session) -> None:
    statement = statement_of(session, a_busy_account(session), "EUR", at(10), at(100))
    assert statement.opening == Money(10_000, "EUR")
    assert told(statement) == [
        f"{at(10)} invoice INV-2 5000 15000",
        f"{at(20)} payment RF18 -6000 9000",
        f"{at(25)} credit_note CN-1 -1000 8000",
        f"{at(50)} chargeback RF18 6000 14000",
        f"{at(60)} payment RF19 -9500 4500",
        f"{at(70)} refund RF19 100 4600",
        f"{at(80)} write_off INV-2 -40 4560",
        f"{at(85)} write_off INV-2 40 4600",
        f"{at(90)} invoice INV-3 700 5300",
        f"{at(95)} write_off INV-2 -25 5275",
    ]
    check_sums(statement)


def test_what_is_open_at_the_end_is_named_with_its_days_late_and_money_that_waits_is_taken_off(
    session: Session,
) -> None:
    statement = statement_of(session, a_busy_account(session), "EUR", at(10), at(100))
    assert [(item.kind, item.number, item.open.minor, item.days_late) for item in statement.open_items] == [
        ("invoice", "INV-2", 4_975, 60),
        ("invoice", "INV-3", 700, 0),
        ("payment", "RF19", -200, 0),
        ("credit_note", "CN-1", -200, 0),
    ]
    assert [bucket.minor for bucket in statement.buckets] == [700, 0, 4_975, 0, 0]
    assert (statement.overdue.minor, statement.unapplied.minor) == (4_975, -400)


@pytest.mark.parametrize("day", range(0, 105, 5))
def test_on_every_day_the_sums_hold_and_the_balance_is_that_of_the_whole_book(session: Session, day: int) -> None:
    customer = a_busy_account(session)
    statement = statement_of(session, customer, "EUR", at(0), at(day))
    check_sums(statement)
    (book,) = ageing(session, customer.seller_id, at(day))
    assert book.balance == statement.closing
    assert book.buckets == statement.buckets
    assert book.unapplied == statement.unapplied


def test_the_closing_balance_of_today_is_the_account_s_balance(session: Session) -> None:
    customer = a_busy_account(session)
    statement = statement_of(session, customer, "EUR", at(0), DAY)
    (balance,) = balances(session, customer.id, DAY)
    assert statement.closing == balance.owed
    assert statement.overdue == balance.overdue
    assert statement.unapplied == -balance.unapplied


@pytest.mark.parametrize("split", [0, 10, 20, 50, 60, 99, 100])
def test_two_statements_that_follow_each_other_say_what_one_says(session: Session, split: int) -> None:
    customer = a_busy_account(session)
    whole = statement_of(session, customer, "EUR", at(0), at(110))
    before = statement_of(session, customer, "EUR", at(0), at(split))
    after = statement_of(session, customer, "EUR", at(split + 1), at(110))
    assert after.opening == before.closing
    assert before.movements + after.movements == whole.movements


def test_other_customers_and_other_currencies_are_not_in_it(session: Session) -> None:
    customer = a_busy_account(session)
    other = a_customer(session, a_seller(session, "other"), name="Somebody else")
    a_payment(session, an_invoice(session, other, "INV-9"), 500)
    an_invoice(session, customer, "INV-USD", currency="USD", total_minor=99)
    euros = statement_of(session, customer, "EUR", at(0), DAY)
    dollars = statement_of(session, customer, "USD", at(0), DAY)
    assert "INV-9" not in {move.number for move in euros.movements}
    assert euros.closing.minor == 5_275
    assert dollars.closing == Money(99, "USD")


def test_an_invoice_paid_before_it_was_issued_is_never_open_and_its_money_waits_until_then(session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    paid = money_in(session, customer, 500, at(0))
    invoice = an_invoice(session, customer, "INV-1", total_minor=500, issued_on=at(10), due_on=at(40))
    set_against(session, invoice, 500, at(0), payment_id=paid.id)
    early, later = (statement_of(session, customer, "EUR", at(0), at(day)) for day in (5, 15))
    assert [(item.kind, item.open.minor) for item in early.open_items] == [("payment", -500)]
    assert later.open_items == ()
    check_sums(early)
    check_sums(later)


def test_money_of_one_customer_for_another_s_invoice_is_told_to_both(session: Session) -> None:
    seller = a_seller(session)
    parent, site = a_customer(session, seller), a_customer(session, seller)
    invoice = an_invoice(session, site, "INV-1", total_minor=500, issued_on=at(0), due_on=at(30))
    paid = money_in(session, parent, 600, at(10), "RF18")
    set_against(session, invoice, 500, at(12), payment_id=paid.id)
    of_parent = statement_of(session, parent, "EUR", at(0), at(20))
    of_site = statement_of(session, site, "EUR", at(0), at(20))
    assert told(of_parent) == [f"{at(10)} payment RF18 -600 -600", f"{at(12)} paid_for_other INV-1 500 -100"]
    assert told(of_site) == [f"{at(0)} invoice INV-1 500 500", f"{at(12)} paid_by_other INV-1 -500 0"]
    check_sums(of_parent)
    check_sums(of_site)


def test_an_invoice_in_instalments_is_open_and_late_part_by_part(session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    invoice = an_invoice(
        session, customer, "INV-1", total_minor=1_000, issued_on=at(0), due_on=at(90), is_in_instalments=True
    )
    for place, (day, minor) in enumerate([(10, 300), (50, 300), (90, 400)], 1):
        session.add(Instalment(invoice_id=invoice.id, position=place, due_on=at(day), amount_minor=minor))
    session.flush()
    session.expire(invoice)
    set_against(session, invoice, 400, at(20), payment_id=money_in(session, customer, 400, at(20)).id)
    statement = statement_of(session, customer, "EUR", at(0), at(60))
    assert [(item.part, item.open.minor, item.total.minor, item.days_late) for item in statement.open_items] == [
        ((2, 3), 200, 300, 10),
        ((3, 3), 400, 400, 0),
    ]
    check_sums(statement)


def test_an_account_with_nothing_on_it_is_zero(session: Session) -> None:
    statement = statement_of(session, a_customer(session, a_seller(session)), "EUR", at(0), at(1))
    assert (statement.opening.minor, statement.closing.minor) == (0, 0)
    assert statement.movements == statement.open_items == ()


def test_a_credit_note_that_is_not_used_is_in_the_customer_s_favour(session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    a_credit_note(session, customer, 250)
    statement = statement_of(session, customer, "EUR", DAY, DAY)
    assert statement.closing.minor == -250
    check_sums(statement)


def test_days_the_wrong_way_round_are_refused(session: Session) -> None:
    with pytest.raises(DaysReversed):
        statement_of(session, a_customer(session, a_seller(session)), "EUR", DAY, DAY - timedelta(days=1))


@pytest.mark.parametrize(("issued", "paid", "since"), [
    (200, 0, 200),
    (200, 12_500, 90),
    (20, 0, 90),
    (None, 0, 90),
])  # fmt: skip
def test_a_statement_nobody_chose_days_for_goes_back_to_the_oldest_open_invoice(
    session: Session, issued: int | None, paid: int, since: int
) -> None:
    customer = a_customer(session, a_seller(session))
    if issued is not None:
        issued_on = DAY - timedelta(days=issued)
        an_invoice(session, customer, issued_on=issued_on, due_on=issued_on + timedelta(days=30), paid_minor=paid)
    assert first_day(session, customer.id, "EUR", DAY) == DAY - timedelta(days=since)
    assert isinstance(customer.id, UUID)


@pytest.mark.parametrize(("late", "name"), [
    (-5, "current"), (0, "current"), (1, "1-30"), (30, "1-30"), (31, "31-60"), (60, "31-60"), (61, "61-90"), (90, "61-90"),
    (91, "over 90"), (4_000, "over 90"),
])  # fmt: skip
def test_days_late_fall_in_the_buckets_of_the_ageing_report(late: int, name: str) -> None:
    assert BUCKETS[bucket_of(late)] == name
    assert BUCKETS == FIGURES_BUCKETS


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(-(10**9), 10**9)))
def test_the_running_balance_ends_at_the_opening_and_all_that_moved(opening: int, minors: list[int]) -> None:
    moves = running([(DAY, "invoice", "", minor) for minor in minors], Money(opening, "EUR"))
    balance = opening
    for move, minor in zip(moves, minors, strict=True):
        assert move.balance.minor - balance == minor
        balance = move.balance.minor
    assert balance == opening + sum(minors)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=12), st.data())
def test_what_is_open_on_instalments_is_what_is_open_on_the_invoice(amounts: list[int], data: st.DataObject) -> None:
    total = sum(amounts)
    open_minor = data.draw(st.integers(1, total))
    parts = [(DAY + timedelta(days=place), amount) for place, amount in enumerate(amounts)]
    found = parts_open(total, open_minor, parts)
    assert sum(left for *_, left in found) == open_minor
    assert all(0 < left <= amount for _, _, amount, left in found)
    # Only the first of the open ones can be partly filled, and all before it are filled.
    assert [place for place, *_ in found] == list(range(found[0][0], len(amounts) + 1))
    assert all(left == amount for _, _, amount, left in found[1:])
