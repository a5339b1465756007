"""Two writers at the same money at once: one wins, the other is told so in a sentence, and no money is made or lost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Select, TextClause, func, select, text

from o2c_core.actions.allocate_payment import allocate_payment
from o2c_core.actions.record_payment import KnownDifferently, Recorded, record_payment
from o2c_core.actions.refund import refund
from o2c_core.actions.release_allocation import AlreadyReleased, release_allocation
from o2c_core.actions.return_payment import AlreadyReturned, return_payment
from o2c_core.actions.write_off import write_off
from o2c_core.customers.customer import Customer
from o2c_core.errors import Refused
from o2c_core.invoices.allocation import MoreThanIsOpen, NothingLeft
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Payment, PaymentReturn
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.stores.money import Books, eur

Act = Callable[[], object]


@dataclass(frozen=True)
class Race:
    """A customer in a database of its own, with F1 and F2 of 100.00 each open."""

    store: Store
    books: Books
    first: UUID
    second: UUID

    def at_once(self, gate: Select[UUID], *acts: Act) -> list[object]:
        """What each act gave, or how it was refused, when all of them were at the gate together.

        The gate is a row all of them need. It is held until the database says that they all wait, and then let go.
        """
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        with ThreadPoolExecutor(len(acts)) as threads:
            with self.store.session() as holder:
                holder.execute(gate.with_for_update())
                running = [threads.submit(_outcome, act) for act in acts]
                patience = time.monotonic() + 20
                while self._waiting(waiting) < len(acts):
                    assert time.monotonic() < patience, "they never met at the gate"
                    time.sleep(0.01)
            return [one.result(timeout=20) for one in running]

    def _waiting(self, query: TextClause) -> int:
        # What is asked about other sessions stays the same within a transaction, so each look is one of its own.
        with self.store.session() as session:
            return int(session.execute(query).scalar_one())

    def check_conserved(self, arrived: int, returned: int = 0) -> None:
        """What arrived and did not leave again is on invoices or unapplied, to the last unit."""
        open_ = self.books.open()
        assert all(left >= 0 for left in open_.values()), open_
        on_invoices = 20_000 - sum(open_.values())
        assert self.books.unapplied() >= 0
        assert on_invoices + self.books.unapplied() == arrived - returned


def _outcome(act: Act) -> object:
    try:
        return act()
    except Refused as refused:
        return refused


@pytest.fixture
def race(own_store: Store) -> Race:
    with own_store.session() as session:
        customer = a_customer(session, a_seller(session))
        late = DAY - timedelta(days=20)
        first, second = (an_invoice(session, customer, name, total_minor=10_000, due_on=late) for name in ("F1", "F2"))
        session.commit()
        return Race(own_store, Books(own_store, customer.id), first.id, second.id)


def the_payment(payment_id: UUID) -> Select[UUID]:
    return select(Payment.id).where(Payment.id == payment_id)


def refusals(outcomes: list[object]) -> list[type[Refused]]:
    return [type(one) for one in outcomes if isinstance(one, Refused)]


def test_two_who_allocate_the_same_money_one_wins_and_one_is_told(race: Race) -> None:
    payment = race.books.pay(10_000).payment
    outcomes = race.at_once(
        the_payment(payment.id),
        lambda: allocate_payment(payment.id, {race.first: eur(10_000)}, store=race.store),
        lambda: allocate_payment(payment.id, {race.second: eur(10_000)}, store=race.store),
    )
    assert refusals(outcomes) == [NothingLeft]
    told = next(str(one) for one in outcomes if isinstance(one, Refused))
    assert told == "Nothing is left of it: all of it has been set against invoices or paid back."
    assert sorted(race.books.open().values()) == [0, 10_000]
    race.check_conserved(10_000)


def test_many_who_allocate_the_same_money_oldest_first_share_nothing(race: Race) -> None:
    payment = race.books.pay(15_000).payment
    act = lambda: allocate_payment(payment.id, "oldest first", store=race.store)  # noqa: E731
    outcomes = race.at_once(the_payment(payment.id), *[act] * 5)
    assert refusals(outcomes) == [NothingLeft] * 4
    assert race.books.unapplied() == 0
    race.check_conserved(15_000)


def test_two_payments_for_one_invoice_never_pay_it_twice(race: Race) -> None:
    one, other = race.books.pay(10_000, key="P1").payment, race.books.pay(10_000, key="P2").payment
    outcomes = race.at_once(
        select(Invoice.id).where(Invoice.id == race.first),
        *(
            lambda id_=id_: allocate_payment(id_, {race.first: eur(10_000)}, store=race.store)
            for id_ in (one.id, other.id)
        ),
    )
    assert refusals(outcomes) == [MoreThanIsOpen]
    assert (race.books.open(), race.books.unapplied()) == ({"F1": 0, "F2": 10_000}, 10_000)
    race.check_conserved(20_000)


def test_a_write_off_and_a_payment_of_one_invoice_take_turns(race: Race) -> None:
    payment = race.books.pay(10_000).payment
    outcomes = race.at_once(
        select(Invoice.id).where(Invoice.id == race.first),
        lambda: allocate_payment(payment.id, {race.first: eur(10_000)}, store=race.store),
        lambda: write_off(
            race.first, eur(10_000), reason="bad_debt", words="", by="Sam", role="manager", store=race.store
        ),
    )
    assert refusals(outcomes) == [MoreThanIsOpen]
    assert race.books.open()["F1"] == 0


def record(race: Race, minor: int) -> Recorded:
    return record_payment(
        race.books.customer_id, eur(minor), DAY, source_key="P1", store=race.store, wanted="oldest first"
    )


def test_one_payment_recorded_twice_at_once_is_booked_once(race: Race) -> None:
    customer = select(Customer.id).where(Customer.id == race.books.customer_id)
    outcomes = race.at_once(customer, *[lambda: record(race, 12_000)] * 3)
    recorded = [one for one in outcomes if isinstance(one, Recorded)]
    assert Counter(one.is_new for one in recorded) == {True: 1, False: 2}
    assert len({one.payment.id for one in recorded}) == 1
    assert {one.unapplied for one in recorded} == {eur(0)}
    race.check_conserved(12_000)


def test_two_payments_under_one_key_one_is_refused(race: Race) -> None:
    customer = select(Customer.id).where(Customer.id == race.books.customer_id)
    outcomes = race.at_once(customer, lambda: record(race, 12_000), lambda: record(race, 13_000))
    assert refusals(outcomes) == [KnownDifferently]
    with race.store.session() as session:
        arrived = session.scalars(select(Payment.amount_minor)).one()
    race.check_conserved(arrived)


def test_money_that_is_taken_back_while_it_is_allocated_is_on_no_invoice_in_the_end(race: Race) -> None:
    payment = race.books.pay(10_000).payment
    outcomes = race.at_once(
        the_payment(payment.id),
        lambda: allocate_payment(payment.id, "oldest first", store=race.store),
        lambda: return_payment(
            payment.id, "reversal", eur(10_000), DAY, reason="AC04", source_key="R1", store=race.store
        ),
    )
    assert refusals(outcomes) in ([], [NothingLeft])
    assert (race.books.open(), race.books.unapplied()) == ({"F1": 10_000, "F2": 10_000}, 0)
    race.check_conserved(10_000, returned=10_000)


def test_money_that_is_paid_back_while_it_is_allocated_goes_one_way_only(race: Race) -> None:
    payment = race.books.pay(10_000).payment
    outcomes = race.at_once(
        the_payment(payment.id),
        lambda: allocate_payment(payment.id, "oldest first", store=race.store),
        lambda: refund(payment.id, eur(10_000), reason="overpaid", store=race.store),
    )
    assert refusals(outcomes) == [NothingLeft]
    with race.store.session() as session:
        returned = session.scalar(select(func.coalesce(func.sum(PaymentReturn.amount_minor), 0)))
    race.check_conserved(10_000, returned=int(returned or 0))


def test_money_is_taken_back_once_by_two_banks_at_once(race: Race) -> None:
    payment = race.books.pay(10_000, "oldest first").payment
    outcomes = race.at_once(
        the_payment(payment.id),
        *(
            lambda key=key: return_payment(
                payment.id, "reversal", eur(10_000), DAY, reason="AC04", source_key=key, store=race.store
            )
            for key in ("R1", "R2")
        ),
    )
    assert refusals(outcomes) == [AlreadyReturned]
    race.check_conserved(10_000, returned=10_000)


def test_an_allocation_is_released_by_one_of_two(race: Race) -> None:
    recorded = race.books.pay(10_000, "oldest first")
    allocation = recorded.changes[0].allocation_id
    outcomes = race.at_once(
        the_payment(recorded.payment.id),
        *[lambda: release_allocation(allocation, "not theirs", store=race.store)] * 2,
    )
    assert refusals(outcomes) == [AlreadyReleased]
    assert (race.books.open(), race.books.unapplied()) == ({"F1": 10_000, "F2": 10_000}, 10_000)


def test_writers_that_need_the_same_invoices_never_wait_for_each_other_forever(race: Race) -> None:
    payments = [race.books.pay(3_000, key=f"P{number}").payment for number in range(6)]
    both = [{race.first: eur(1_500), race.second: eur(1_500)}, {race.second: eur(1_500), race.first: eur(1_500)}]
    outcomes = race.at_once(
        select(Invoice.id).where(Invoice.id == race.first),
        *(
            lambda number=number, id_=payment.id: allocate_payment(id_, both[number % 2], store=race.store)
            for number, payment in enumerate(payments)
        ),
    )
    assert refusals(outcomes) == []
    assert race.books.open() == {"F1": 1_000, "F2": 1_000}
    race.check_conserved(18_000)
