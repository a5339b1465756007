"""Money that waits for a person is listed with what it might be, and nothing more can be done to it there."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.orm import Session

from o2c_core.actions.match_money import match_waiting
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller, an_invoice
from tests.stores.bank_money import a_transaction
from tests.web.asked import said


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return a_customer(session, seller, "C1")


def test_money_that_waits_is_listed_with_what_it_might_be_and_how_to_book_it(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    an_invoice(session, customer, "INV-2026-0042", total_minor=25_000)
    a_transaction(session, seller, 24_000, "betaling INV-2026-0042")
    a_transaction(session, seller, 777, "zomaar", payer_name="Wie Weet", payer_account=None)
    assert "2 amounts on the bank account" in said(store, "/ledger")
    match_waiting(store=store)
    told = said(store, "/ledger/money?seller=vandijk")
    assert "€ 240,00 16 mrt 2026 Bakkerij Jansen NL20…4567 betaling INV-2026-0042" in told
    assert "The amount is not what is open on INV-2026-0042, which is 250.00 EUR." in told
    assert re.search(r"Bakkerij Jansen , INV-2026-0042 € 240,00 It names INV-2026-0042", told)
    assert re.search(r"parley match --accept [0-9a-f-]{36} --invoices INV-2026-0042", told)
    assert "Nothing speaks for any customer." in told
    assert told.index("€ 240,00") < told.index("€ 7,77")


def test_money_taken_back_is_not_offered_to_be_booked(store: Store, session: Session, seller: Seller) -> None:
    a_transaction(session, seller, 4_000, "storno", is_reversal=True, direction="out")
    told = said(store, "/ledger/money")
    assert "€ -40,00 16 mrt 2026 · taken back" in told
    assert "--accept" not in told
    assert "parley match --ignore" in told


def test_where_no_money_waits_the_page_says_how_money_comes_in(store: Store, session: Session, seller: Seller) -> None:
    session.commit()
    assert "nothing waits for a person" in said(store, "/ledger")
    assert "No money is waiting" in said(store, "/ledger/money")
