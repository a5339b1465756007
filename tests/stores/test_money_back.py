"""Money that leaves again and allocations that are taken back: what they paid is open again, and nothing else moves."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.allocate_payment import allocate_payment
from o2c_core.actions.refund import refund
from o2c_core.actions.release_allocation import AlreadyReleased, release_allocation
from o2c_core.actions.return_payment import AlreadyReturned, BeforeItCame, NotAReturn, Returned, return_payment
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound
from o2c_core.invoices.allocation import InTheFuture, MoreThanIsLeft, NotAboveZero, NothingLeft, OtherCurrency
from o2c_core.invoices.payment import PaymentReturn
from o2c_core.invoices.returning import ReturnKnownDifferently
from o2c_core.keys import new_key
from o2c_core.money import Money
from o2c_core.store.store import Store
from tests.build import DAY, a_credit_note, a_customer, a_seller, an_invoice
from tests.stores.money import Books, books_of, eur


@pytest.fixture
def customer(session: Session) -> Customer:
    """A customer that owes 100.00 on F1, long due, and 50.00 on F2, due today."""
    customer = a_customer(session, a_seller(session))
    an_invoice(session, customer, "F1", total_minor=10_000, due_on=DAY - timedelta(days=20))
    an_invoice(session, customer, "F2", total_minor=5_000)
    return customer


@pytest.fixture
def books(store: Store, session: Session, customer: Customer) -> Books:
    return books_of(store, session, customer)


def take_back(books: Books, payment_id: UUID, minor: int, kind: str = "reversal", key: str = "R1") -> Returned:
    return return_payment(payment_id, kind, eur(minor), DAY, reason="MD01", source_key=key, store=books.store)


@pytest.mark.parametrize(
    ("paid", "gone", "open_", "unapplied"),
    [
        (15_000, 15_000, (10_000, 5_000), 0),
        (18_000, 18_000, (10_000, 5_000), 0),
        (18_000, 3_000, (0, 0), 0),
        (18_000, 2_000, (0, 0), 1_000),
        (18_000, 5_000, (0, 2_000), 0),
        (12_000, 4_000, (2_000, 5_000), 0),
        (12_000, 1, (0, 3_001), 0),
    ],
)
def test_what_is_unapplied_goes_first_and_then_what_was_set_last(
    books: Books, paid: int, gone: int, open_: tuple[int, int], unapplied: int
) -> None:
    payment = books.pay(paid, "oldest first").payment
    returned = take_back(books, payment.id, gone)
    assert tuple(books.open().values()) == open_
    assert books.unapplied() == unapplied
    line = books.said()
    assert (line.what, line.why, line.details["amount"]) == ("payment returned", "MD01", str(eur(gone)))
    taken_back = -sum(change.amount.minor for change in returned.changes)
    assert taken_back == max(0, gone - max(0, paid - 15_000))


def test_the_same_return_counts_once(books: Books) -> None:
    payment = books.pay(15_000, "oldest first").payment
    first = take_back(books, payment.id, 5_000)
    again = take_back(books, payment.id, 5_000)
    assert (again.payment_return.id, again.is_new) == (first.payment_return.id, False)
    assert books.open() == {"F1": 0, "F2": 5_000}
    with pytest.raises(ReturnKnownDifferently) as refused:
        take_back(books, payment.id, 6_000)
    assert str(refused.value) == "The return R1 is already booked: a reversal of 50.00 EUR."


def test_no_more_is_taken_back_than_came(books: Books) -> None:
    payment = books.pay(15_000, "oldest first").payment
    take_back(books, payment.id, 10_000)
    with pytest.raises(AlreadyReturned) as refused:
        take_back(books, payment.id, 5_001, key="R2")
    assert str(refused.value) == "50.01 EUR cannot be taken back: of the payment 50.00 EUR is still here."
    take_back(books, payment.id, 5_000, kind="chargeback", key="R2")
    with pytest.raises(AlreadyReturned) as refused:
        take_back(books, payment.id, 1, key="R3")
    assert str(refused.value) == "That payment has already been taken back."
    assert (books.open(), books.unapplied()) == ({"F1": 10_000, "F2": 5_000}, 0)


@pytest.mark.parametrize(
    ("kind", "amount", "days", "refusal"),
    [
        ("refund", eur(100), 0, NotAReturn),
        ("reversal", eur(0), 0, NotAboveZero),
        ("reversal", eur(100), 1, InTheFuture),
        ("reversal", eur(100), -4, BeforeItCame),
        ("reversal", Money(100, "USD"), 0, OtherCurrency),
    ],
)
def test_a_return_that_cannot_be_is_refused(
    store: Store, session: Session, books: Books, kind: str, amount: Money, days: int, refusal: type[Exception]
) -> None:
    payment = books.pay(15_000, "oldest first", on=DAY - timedelta(days=3)).payment
    on = DAY + timedelta(days=days)
    with pytest.raises(refusal):
        return_payment(payment.id, kind, amount, on, reason="", source_key="R1", store=store)
    assert session.scalar(select(func.count()).select_from(PaymentReturn)) == 0
    with pytest.raises(NotFound):
        return_payment(new_key(), "reversal", eur(1), DAY, reason="", source_key="R1", store=store)


def test_a_return_takes_the_discount_back_that_the_payment_had_earned(
    store: Store, session: Session, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, "F3", total_minor=10_000, discount_minor=200, discount_until_on=DAY)
    books = books_of(store, session, customer)
    payment = books.pay(9_800, {invoice.id: eur(9_800)}).payment
    assert books.open()["F3"] == 0
    money, discount = take_back(books, payment.id, 100).changes
    assert (money.amount, discount.amount, discount.is_discount) == (eur(-100), eur(-200), True)
    assert books.open()["F3"] == 300
    books.pay(100, {invoice.id: eur(100)}, key="P2")
    assert books.open()["F3"] == 0


def test_an_allocation_is_taken_back_once_and_its_row_stays(store: Store, books: Books) -> None:
    recorded = books.pay(12_000, "oldest first")
    on_f2 = recorded.changes[1].allocation_id
    (change,) = release_allocation(on_f2, "it was meant for another order", store=store, by="Sam")
    assert (change.invoice, change.amount) == ("F2", eur(-2_000))
    assert (books.open(), books.unapplied()) == ({"F1": 0, "F2": 5_000}, 2_000)
    line = books.said()
    assert (line.who, line.what, line.why) == ("Sam", "allocation released", "it was meant for another order")
    assert [one.amount_minor for one in books.allocations()] == [10_000, 2_000, -2_000]
    with pytest.raises(AlreadyReleased) as refused:
        release_allocation(on_f2, "again", store=store)
    assert str(refused.value) == "That has already been taken back."
    back = next(one for one in books.allocations() if one.amount_minor < 0)
    with pytest.raises(AlreadyReleased):
        release_allocation(back.id, "the taking back itself", store=store)
    with pytest.raises(NotFound):
        release_allocation(new_key(), "nothing there", store=store)


def test_part_of_an_allocation_can_be_taken_back(store: Store, books: Books) -> None:
    on_f1 = books.pay(10_000, "oldest first").changes[0].allocation_id
    for amount, refusal in ((10_001, MoreThanIsLeft), (0, NotAboveZero)):
        with pytest.raises(refusal):
            release_allocation(on_f1, "too much", store=store, amount=eur(amount))
    (change,) = release_allocation(on_f1, "ten of it", store=store, amount=eur(1_000))
    assert change.amount == eur(-1_000)
    assert (books.open(), books.unapplied()) == ({"F1": 1_000, "F2": 5_000}, 1_000)
    assert sorted(one.amount_minor for one in books.allocations()) == [-10_000, 9_000, 10_000]


def test_what_is_paid_back_is_no_longer_unapplied(store: Store, books: Books) -> None:
    payment = books.pay(16_000, "oldest first").payment
    with pytest.raises(MoreThanIsLeft) as refused:
        refund(payment.id, eur(1_001), reason="overpaid", store=store)
    assert str(refused.value) == "10.01 EUR is more than is left of the money, which is 10.00 EUR."
    with pytest.raises(OtherCurrency):
        refund(payment.id, Money(1, "USD"), reason="overpaid", store=store)
    first = refund(payment.id, eur(400), reason="overpaid", store=store, source_key="B1", by="Sam")
    assert refund(payment.id, eur(400), reason="overpaid", store=store, source_key="B1").id == first.id
    assert books.unapplied() == 600
    assert (books.said().what, books.said().details["unapplied"]) == ("money refunded", "6.00 EUR")
    refund(payment.id, eur(600), reason="the rest", store=store)
    with pytest.raises(NothingLeft):
        refund(payment.id, eur(1), reason="once more", store=store)
    with pytest.raises(NothingLeft):
        allocate_payment(payment.id, store=store)
    take_back(books, payment.id, 15_000)
    assert (books.open(), books.unapplied()) == ({"F1": 10_000, "F2": 5_000}, 0)


def test_credit_is_paid_back_as_money_is(store: Store, session: Session, customer: Customer) -> None:
    credit = a_credit_note(session, customer, 2_000)
    books = books_of(store, session, customer)
    refund(credit.id, eur(1_500), reason="closing the account", store=store)
    assert books.unapplied() == 500
    with pytest.raises(MoreThanIsLeft):
        allocate_payment(credit.id, store=store, amount=eur(501))


def test_a_reminder_that_says_too_little_is_withdrawn_when_money_is_taken_back(
    store: Store, session: Session, books: Books
) -> None:
    payment = books.pay(4_000, "oldest first").payment
    run_reminders(DAY, store=store)
    take_back(books, payment.id, 4_000)
    assert session.scalars(select(Message)).one().delivery == "withdrawn"
    assert books.said().details["reason"] == "amount_changed"
