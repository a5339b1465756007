"""The demo's six months follow from the seed and the day, and are written once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from app.demo.buyers import NAMED
from app.demo.history import HistoryIsThere, TooFewCustomers, has_history, write_history
from o2c_core.clock import MovableClock
from o2c_core.customers.contact import Address
from o2c_core.customers.customer import Customer
from o2c_core.nouns import METADATA
from o2c_core.store.store import Store
from tests.conftest import NOON

TODAY = date(2026, 3, 16)


@contextmanager
def _written(engine: Engine, today: date = TODAY, *, seed: int = 2026, customers: int = 40) -> Iterator[Session]:
    """A ledger with that history, taken back afterwards."""
    with engine.connect() as connection:
        outer = connection.begin()
        sessions = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        # The clock says another hour every time: nothing may follow from it.
        store = Store(sessions, MovableClock(NOON + timedelta(hours=seed % 7)))
        write_history(store=store, today=today, seed=seed, customers=customers)
        with store.session() as session:
            yield session
        outer.rollback()


def _everything(session: Session) -> str:
    """Every row, but for the number of the transaction that wrote it, which is the server's own."""
    return "\n".join(
        f"{table.name} {tuple(row)}"
        for table in METADATA.sorted_tables
        for row in session.execute(
            select(*(column for column in table.columns if column.name != "transaction")).order_by(
                *table.primary_key.columns
            )
        )
    )


@pytest.fixture(scope="module")
def usual(shared_engine: Engine) -> str:
    with _written(shared_engine) as session:
        return _everything(session)


def test_the_same_seed_and_day_give_the_same_rows_to_the_byte(shared_engine: Engine, usual: str) -> None:
    with _written(shared_engine) as session:
        assert _everything(session) == usual


@pytest.mark.parametrize(("today", "seed"), [(TODAY, 2027), (TODAY + timedelta(days=1), 2026)])
def test_another_seed_or_day_gives_another_history(shared_engine: Engine, usual: str, today: date, seed: int) -> None:
    with _written(shared_engine, today, seed=seed) as session:
        assert _everything(session) != usual


def test_more_customers_than_the_named_ones_can_be_asked_for(shared_engine: Engine) -> None:
    with _written(shared_engine, customers=65) as session:
        refs = session.scalars(select(Customer.ref).order_by(Customer.ref)).all()
        values = session.scalars(select(Address.value)).all()
    assert refs == [f"C{number}" for number in range(1001, 1066)]
    assert len(values) == len(set(values))


def test_a_ledger_with_the_demo_company_is_left_as_it_is(store: Store) -> None:
    assert not has_history(store=store)
    write_history(store=store, today=TODAY)
    assert has_history(store=store)
    with store.session() as session:
        before = _everything(session)
    with pytest.raises(HistoryIsThere):
        write_history(store=store, today=TODAY + timedelta(days=3))
    with store.session() as session:
        assert _everything(session) == before


def test_fewer_customers_than_have_a_part_to_play_is_refused(store: Store) -> None:
    with pytest.raises(TooFewCustomers):
        write_history(store=store, today=TODAY, customers=len(NAMED) - 1)
    assert not has_history(store=store)
