"""The demo's bank statement: imported, some of its money finds its invoice and the rest waits with reasons."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from app.demo import bank_file, cast
from app.demo.history import write_history
from o2c_core.actions.import_bank_file import import_bank_file
from o2c_core.actions.match_money import match_money
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.account import balances
from o2c_core.invoices.bank import BankTransaction
from o2c_core.store.store import Store

TODAY = date(2026, 3, 16)


@pytest.fixture
def file(own_store: Store, tmp_path: Path) -> Path:
    write_history(store=own_store, today=TODAY)
    written = bank_file.write_bank_file(tmp_path, store=own_store, today=TODAY)
    assert written is not None
    return written


def owed(store: Store, ref: str) -> int:
    with store.session() as session:
        customer_id = session.scalars(select(Customer.id).where(Customer.ref == ref)).one()
        return sum(balance.open.minor for balance in balances(session, customer_id, TODAY))


def test_what_says_what_it_is_for_pays_it_and_the_rest_waits_for_a_person(own_store: Store, file: Path) -> None:
    sure = (bank_file.BY_REFERENCE, bank_file.BY_NUMBER)
    unsure = (bank_file.TOO_LITTLE, bank_file.BY_AMOUNT_ALONE)
    before = {ref: owed(own_store, ref) for ref in (*sure, *unsure)}
    assert all(before.values())
    import_bank_file(file, cast.SELLER, store=own_store)
    with own_store.session() as session:
        seller_id = session.scalars(select(Seller.id)).one()
    match_money(seller_id, store=own_store)
    assert {ref: owed(own_store, ref) for ref in before} == {
        ref: 0 if ref in sure else minor for ref, minor in before.items()
    }
    with own_store.session() as session:
        waiting = session.scalars(select(BankTransaction).where(BankTransaction.state == "waiting")).all()
        assert len(waiting) == 2
        assert all(transaction.suggestions for transaction in waiting)


def test_the_file_is_written_again_the_same_and_left_alone_once_it_was_paid(own_store: Store, file: Path) -> None:
    first = file.read_bytes()
    assert bank_file.write_bank_file(file.parent, store=own_store, today=TODAY) == file
    assert file.read_bytes() == first
    test_what_says_what_it_is_for_pays_it_and_the_rest_waits_for_a_person(own_store, file)
    assert bank_file.write_bank_file(file.parent, store=own_store, today=TODAY) == file
    assert file.read_bytes() == first
    assert import_bank_file(file, cast.SELLER, store=own_store).new == 0
