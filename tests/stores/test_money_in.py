"""Money that arrives: booked once, set against invoices as wanted, and what is over stays unapplied."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.allocate_payment import allocate_payment
from o2c_core.actions.record_payment import KnownDifferently, record_payment
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.invoices.allocation import (
    InTheFuture,
    MoreThanIsLeft,
    MoreThanIsOpen,
    NotAboveZero,
    NothingLeft,
    NotTheirInvoice,
    OtherCurrency,
)
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Payment, WriteOff
from o2c_core.keys import new_key
from o2c_core.money import Money
from o2c_core.reminders.reminder import Reminder
from o2c_core.store.store import Store
from tests.build import DAY, a_credit_note, a_customer, a_seller, an_invoice
from tests.stores.money import Books, books_of, eur, in_parts


@pytest.fixture
def customer(session: Session) -> Customer:
    return a_customer(session, a_seller(session))


@pytest.fixture
def ids(session: Session, customer: Customer) -> dict[str, UUID]:
    """F1 is 100.00 and long due, F2 50.00 and due today; both are the customer's. G1 is somebody else's."""
    first = an_invoice(session, customer, "F1", total_minor=10_000, due_on=DAY - timedelta(days=20))
    second = an_invoice(session, customer, "F2", total_minor=5_000)
    session.flush()
    other = a_customer(session, a_seller(session, "other"))
    return {"F1": first.id, "F2": second.id, "G1": an_invoice(session, other, "G1").id}


@pytest.fixture
def books(store: Store, session: Session, customer: Customer, ids: dict[str, UUID]) -> Books:
    return books_of(store, session, customer)


@pytest.mark.parametrize(
    ("minor", "wanted", "open_", "unapplied"),
    [
        (12_000, None, (10_000, 5_000), 12_000),
        (12_000, "oldest first", (0, 3_000), 0),
        (16_000, "oldest first", (0, 0), 1_000),
        (4_000, "oldest first", (6_000, 5_000), 0),
        (6_000, {"F2": 5_000, "F1": 1_000}, (9_000, 0), 0),
        (6_000, {"F2": 2_000}, (10_000, 3_000), 4_000),
    ],
)
def test_money_goes_where_it_is_wanted_and_the_rest_stays_unapplied(
    books: Books, ids: dict[str, UUID], minor: int, wanted: object, open_: tuple[int, int], unapplied: int
) -> None:
    named = {ids[number]: eur(part) for number, part in wanted.items()} if isinstance(wanted, dict) else wanted
    recorded = books.pay(minor, named)  # type: ignore[arg-type]
    assert tuple(books.open().values()) == open_
    assert books.unapplied() == recorded.unapplied.minor == unapplied
    line = books.said()
    assert (line.what, line.details["amount"], line.details["key"]) == ("payment recorded", str(eur(minor)), "P1")
    assert sum(change.amount.minor for change in recorded.changes) + unapplied == minor


def test_the_same_payment_counts_once_and_another_one_under_its_key_is_refused(books: Books) -> None:
    first = books.pay(4_000, "oldest first")
    again = books.pay(4_000, "oldest first")
    assert (again.payment.id, again.is_new, again.changes) == (first.payment.id, False, ())
    assert books.open() == {"F1": 6_000, "F2": 5_000}
    with pytest.raises(KnownDifferently) as refused:
        books.pay(4_001)
    assert str(refused.value) == "The payment P1 is already booked with 40.00 EUR, not 40.01 EUR."


def test_a_key_another_customer_paid_under_is_refused(store: Store, session: Session, books: Books) -> None:
    books.pay(4_000)
    known = session.get_one(Customer, books.customer_id)
    stranger = a_customer(session, session.get_one(Seller, known.seller_id))
    with pytest.raises(KnownDifferently) as refused:
        books_of(store, session, stranger).pay(4_000)
    assert str(refused.value) == "The payment P1 is already booked for another customer."


@pytest.mark.parametrize(
    ("minor", "currency", "days", "wanted", "refusal"),
    [
        (0, "EUR", 0, None, NotAboveZero),
        (-1, "EUR", 0, None, NotAboveZero),
        (100, "EUR", 1, None, InTheFuture),
        (20_000, "EUR", 0, {"F1": 10_001}, MoreThanIsOpen),
        (9_999, "EUR", 0, {"F1": 10_000}, MoreThanIsLeft),
        (100, "USD", 0, {"F1": 100}, OtherCurrency),
        (100, "EUR", 0, {"G1": 100}, NotTheirInvoice),
    ],
)
def test_what_cannot_be_booked_is_refused_and_leaves_nothing_behind(
    store: Store, session: Session, books: Books, ids: dict[str, UUID],
    minor: int, currency: str, days: int, wanted: dict[str, int] | None, refusal: type[Exception],
) -> None:  # fmt: skip
    named = {ids[number]: Money(part, currency) for number, part in wanted.items()} if wanted else None
    amount, on = Money(minor, currency), DAY + timedelta(days=days)
    with pytest.raises(refusal):
        record_payment(books.customer_id, amount, on, source_key="P1", store=store, wanted=named)
    assert session.scalar(select(func.count()).select_from(Payment)) == 0
    assert books.open() == {"F1": 10_000, "F2": 5_000}


def test_money_in_another_currency_fills_only_invoices_in_it(store: Store, session: Session, books: Books) -> None:
    customer = session.get_one(Customer, books.customer_id)
    an_invoice(session, customer, "Y1", total_minor=1_500, currency="JPY")
    an_invoice(session, customer, "K1", total_minor=12_345, currency="KWD")
    session.commit()
    for amount, key in ((Money(2_000, "JPY"), "P1"), (Money(12_344, "KWD"), "P2")):
        record_payment(books.customer_id, amount, DAY, source_key=key, store=store, wanted="oldest first")
    assert books.open() == {"F1": 10_000, "F2": 5_000, "Y1": 0, "K1": 1}


def test_nobody_can_pay_for_a_customer_there_is_not(store: Store) -> None:
    with pytest.raises(NotFound) as refused:
        record_payment(new_key(), eur(100), DAY, source_key="P1", store=store)
    assert str(refused.value) == "There is no such customer."


def test_unapplied_money_is_set_against_invoices_later(store: Store, books: Books, ids: dict[str, UUID]) -> None:
    payment = books.pay(12_000).payment
    allocate_payment(payment.id, {ids["F2"]: eur(5_000)}, store=store, by="Sam")
    assert (books.open(), books.unapplied()) == ({"F1": 10_000, "F2": 0}, 7_000)
    line = books.said()
    assert (line.who, line.what, line.details["unapplied"]) == ("Sam", "payment allocated", "70.00 EUR")
    allocate_payment(payment.id, store=store, amount=eur(2_000))
    assert (books.open(), books.unapplied()) == ({"F1": 8_000, "F2": 0}, 5_000)
    with pytest.raises(MoreThanIsLeft):
        allocate_payment(payment.id, {ids["F1"]: eur(5_001)}, store=store)
    with pytest.raises(MoreThanIsLeft):
        allocate_payment(payment.id, store=store, amount=eur(5_001))
    allocate_payment(payment.id, store=store)
    assert (books.open(), books.unapplied()) == ({"F1": 3_000, "F2": 0}, 0)
    with pytest.raises(NothingLeft) as refused:
        allocate_payment(payment.id, store=store)
    assert str(refused.value) == "Nothing is left of it: all of it has been set against invoices or paid back."


def test_credit_is_set_against_invoices_as_money_is(
    store: Store, session: Session, books: Books, ids: dict[str, UUID]
) -> None:
    credit = a_credit_note(session, session.get_one(Customer, books.customer_id), 2_000)
    session.commit()
    (change,) = allocate_payment(credit.id, store=store)
    assert (change.invoice, change.amount) == ("F1", eur(2_000))
    assert (books.open(), books.unapplied()) == ({"F1": 8_000, "F2": 5_000}, 0)
    assert books.said().what == "credit note allocated"
    with pytest.raises(NotFound):
        allocate_payment(ids["F1"], store=store)


def test_with_nothing_open_unapplied_money_stays_where_it_is(store: Store, books: Books) -> None:
    payment = books.pay(16_000, "oldest first").payment
    assert allocate_payment(payment.id, store=store) == ()
    assert books.unapplied() == 1_000
    assert books.said().what == "payment recorded"


def test_oldest_first_pays_the_instalment_that_is_due_before_a_later_invoice(
    store: Store, session: Session, customer: Customer
) -> None:
    month = timedelta(days=30)
    invoice = an_invoice(session, customer, "F3", total_minor=10_000, issued_on=DAY - month)
    in_parts(session, invoice, {DAY - timedelta(days=5): 3_000, DAY + month: 7_000})
    an_invoice(session, customer, "F4", total_minor=2_000, due_on=DAY)
    books = books_of(store, session, customer)
    books.pay(4_000, "oldest first", key="P1")
    assert books.open() == {"F3": 7_000, "F4": 1_000}
    books.pay(4_000, "oldest first", key="P2")
    assert books.open() == {"F3": 4_000, "F4": 0}


def discounted(session: Session, customer: Customer, days: int = 5) -> Invoice:
    """An invoice of 100.00 of which 2.00 may be kept by who pays within so many days."""
    until = DAY + timedelta(days=days)
    due_on = DAY + timedelta(days=25)
    return an_invoice(
        session, customer, "F1", total_minor=10_000, due_on=due_on, discount_minor=200, discount_until_on=until
    )


@pytest.mark.parametrize(
    ("payments", "days", "open_", "kept"),
    [
        ([9_800], 5, 0, [200]),
        ([9_800], 0, 0, [200]),
        ([9_800], -1, 200, []),
        ([9_799], 5, 201, []),
        ([5_000, 4_800], 5, 0, [200]),
        ([5_000, 4_900], 5, 0, [100]),
        ([10_000], 5, 0, []),
        ([9_700, 50], 5, 250, []),
    ],
)
def test_paying_early_earns_the_discount_as_a_write_off(
    store: Store, session: Session, customer: Customer,
    payments: list[int], days: int, open_: int, kept: list[int],
) -> None:  # fmt: skip
    discounted(session, customer, days)
    books = books_of(store, session, customer)
    for number, minor in enumerate(payments):
        books.pay(minor, "oldest first", key=f"P{number}")
    assert books.open() == {"F1": open_}
    written = session.scalars(select(WriteOff)).all()
    assert [(one.amount_minor, one.reason) for one in written] == [(minor, "early_payment_discount") for minor in kept]


def test_money_that_came_in_time_earns_the_discount_also_when_it_is_allocated_later(
    store: Store, session: Session, customer: Customer
) -> None:
    invoice = discounted(session, customer, days=-2)
    books = books_of(store, session, customer)
    payment = books.pay(9_800, on=DAY - timedelta(days=3)).payment
    money, discount = allocate_payment(payment.id, {invoice.id: eur(9_800)}, store=store)
    assert (money.amount, discount.amount, discount.is_discount) == (eur(9_800), eur(200), True)
    assert books.open() == {"F1": 0}


def test_a_credit_note_alone_earns_no_discount(store: Store, session: Session, customer: Customer) -> None:
    discounted(session, customer)
    credit = a_credit_note(session, customer, 9_900)
    books = books_of(store, session, customer)
    allocate_payment(credit.id, store=store)
    assert books.open() == {"F1": 100}


def test_a_reminder_that_money_makes_pointless_is_withdrawn_in_the_same_breath(
    store: Store, session: Session, books: Books, ids: dict[str, UUID]
) -> None:
    run_reminders(DAY, store=store, seller_ref="vandijk")
    message = session.scalars(select(Message)).one()
    assert message.delivery == "queued"
    books.pay(10_000, {ids["F1"]: eur(10_000)})
    session.refresh(message)
    assert message.delivery == "withdrawn"
    assert session.scalar(select(func.count()).select_from(Reminder)) == 0
    line = books.said()
    assert (line.what, line.details["reason"]) == ("reminder withdrawn", "paid")


def test_a_reminder_that_is_still_right_is_left_to_go(store: Store, session: Session, books: Books) -> None:
    run_reminders(DAY, store=store, seller_ref="vandijk")
    dollars = Money(100, "USD")
    record_payment(books.customer_id, dollars, DAY, source_key="P1", store=store, wanted="oldest first")
    assert session.scalars(select(Message)).one().delivery == "queued"
