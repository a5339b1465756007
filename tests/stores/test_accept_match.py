"""A person says what waiting money pays, or that it is no customer's, once and within what is open."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.accept_match import accept_match
from o2c_core.actions.ignore_transaction import ignore_transaction
from o2c_core.actions.match_money import match_money
from o2c_core.customers.seller import Seller
from o2c_core.errors import Failure
from o2c_core.invoices.payment import Payment
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import a_customer, a_seller, an_invoice
from tests.stores.bank_money import a_transaction, everything, opens, seen


@pytest.fixture
def seller(session: Session) -> Seller:
    seller = a_seller(session)
    session.commit()
    return seller


def test_a_person_accepts_and_the_account_is_known_from_then_on(store: Store, session: Session, seller: Seller) -> None:
    customer = a_customer(session, seller)
    one = an_invoice(session, customer, "INV-1", total_minor=10_000)
    an_invoice(session, customer, "INV-2", total_minor=5_000)
    transaction = a_transaction(session, seller, 16_000, "dank")
    match_money(seller.id, store=store)
    done = accept_match(transaction.id, [(one.id, 10_000), ("inv 2", 4_000)], "Anna", store=store)
    assert (done.customer_id, done.rest.minor) == (customer.id, 2_000)
    assert opens(session) == {"INV-1": 0, "INV-2": 1_000}
    line = session.scalars(select(TrailLine).where(TrailLine.what == "money matched")).one()
    assert (line.who, line.why, line.details["rule"]) == ("Anna", "Anna said so.", "accepted")
    a_transaction(session, seller, 1_000)
    assert match_money(seller.id, store=store).matched == {"account": 1}
    with pytest.raises(Failure, match="does not wait any more: it is matched"):
        accept_match(transaction.id, [("INV-2", 1)], "Anna", store=store)


def test_a_person_books_money_as_credit(store: Store, session: Session, seller: Seller) -> None:
    customer = a_customer(session, seller)
    transaction = a_transaction(session, seller, 16_000)
    assert accept_match(transaction.id, [], "Anna", store=store, customer_id=customer.id).rest.minor == 16_000
    assert seen(session, transaction).state == "matched"


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ([("INV-1", 10_001)], r"100.01 EUR cannot be set against invoice INV-1: 100.00 EUR is open on it\."),
        ([("INV-1", 6_000), ("INV-1", 6_000)], r"120.00 EUR cannot be set against invoice INV-1"),
        ([("INV-PAID", 100)], r"Nothing is open on invoice INV-PAID any more\."),
        ([("INV-1", 10_000), ("INV-2", 5_000)], r"The parts come to 150.00 EUR, and the transaction is 120.00 EUR\."),
        ([("INV-1", 100), ("INV-OTHER", 100)], "of several"),
        ([("INV-USD", 100)], r"120.00 EUR cannot pay invoice INV-USD, which is in USD\."),
        ([("INV-9", 100)], r"There is no invoice INV-9\."),
        ([("INV-1", 0)], "more than zero"),
        ([], "Say which invoices"),
    ],
)
def test_what_cannot_be_accepted_is_refused_in_a_sentence(
    store: Store, session: Session, seller: Seller, parts: list[tuple[str, int]], sentence: str
) -> None:
    customer = a_customer(session, seller)
    an_invoice(session, customer, "INV-1", total_minor=10_000)
    an_invoice(session, customer, "INV-2", total_minor=10_000)
    an_invoice(session, customer, "INV-PAID", total_minor=10_000, paid_minor=10_000)
    an_invoice(session, customer, "INV-USD", total_minor=10_000, currency="USD")
    an_invoice(session, a_customer(session, seller), "INV-OTHER", total_minor=10_000)
    transaction = a_transaction(session, seller, 12_000)
    before = everything(session)
    with pytest.raises(Failure, match=sentence):
        accept_match(transaction.id, parts, "Anna", store=store)
    assert everything(session) == before


def test_a_transaction_is_left_alone_with_a_reason(store: Store, session: Session, seller: Seller) -> None:
    transaction = a_transaction(session, seller, 12_000)
    with pytest.raises(Failure, match="Say why"):
        ignore_transaction(transaction.id, "  ", "Anna", store=store)
    for _ in range(2):
        ignore_transaction(transaction.id, "own money", "Anna", store=store)
    assert (seen(session, transaction).state, seen(session, transaction).state_why) == ("ignored", "own money")
    assert len(session.scalars(select(TrailLine).where(TrailLine.what == "transaction ignored")).all()) == 1
    assert match_money(seller.id, store=store).waiting == 0


def test_of_two_people_who_accept_at_the_same_moment_one_is_told(own_store: Store) -> None:
    with own_store.session() as session:
        seller = a_seller(session)
        customer = a_customer(session, seller)
        an_invoice(session, customer, "INV-1", total_minor=10_000)
        an_invoice(session, customer, "INV-2", total_minor=10_000)
        transaction = a_transaction(session, seller, 10_000)
    together = threading.Barrier(2)
    told: list[str] = []

    def accept(number: str) -> None:
        together.wait()
        try:
            accept_match(transaction.id, [(number, 10_000)], "Anna", store=own_store)
            told.append("booked")
        except Failure as no:
            told.append(str(no))

    threads = [threading.Thread(target=accept, args=(number,)) for number in ("INV-1", "INV-2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["That transaction does not wait any more: it is matched.", "booked"]
    with own_store.session() as session:
        assert sorted(opens(session).values()) == [0, 10_000]
        assert session.scalar(select(func.count()).select_from(Payment)) == 1
