"""What the assistant says of money that came and left again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from o2c_core.actions.refund import refund
from o2c_core.actions.return_payment import return_payment
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.money import Money
from o2c_core.store.store import Store
from tests.bot.test_tools import a_desk, ask
from tests.build import DAY, a_credit_note, a_customer, a_payment, a_seller, an_invoice


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return a_customer(session, seller, "C1", language="en", country="GB", currency="GBP")


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


def test_a_payment_the_bank_took_back_did_not_pay_the_invoice(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, "INV-1", total_minor=5_000, due_on=DAY + timedelta(days=3))
    taken = a_payment(session, invoice, 5_000, DAY - timedelta(days=9))
    session.commit()
    return_payment(
        taken.id, "reversal", gbp(5_000), DAY - timedelta(days=5), reason="no funds", source_key="r", store=store
    )
    desk = a_desk(store, seller, customer)
    assert ask(desk, "payment_status", "INV-1") == (
        "No, invoice INV-1 is not paid yet: £50.00 is open. It is due on 19 March 2026."
    )
    a_payment(session, invoice, 5_000, DAY - timedelta(days=2))
    session.commit()
    assert "14 March 2026" in ask(a_desk(store, seller, customer), "payment_status", "INV-1")


def test_a_credit_is_no_money_that_arrived(store: Store, session: Session, seller: Seller, customer: Customer) -> None:
    invoice = an_invoice(session, customer, "INV-1", total_minor=5_000, due_on=DAY + timedelta(days=3))
    a_credit_note(session, customer, 2_000, against=invoice)
    session.commit()
    said = ask(a_desk(store, seller, customer), "payment_status", "INV-1")
    assert "arrived" not in said
    assert "£30.00" in said


def test_the_last_payment_is_one_that_stayed(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    first, second = (an_invoice(session, customer, f"INV-{n}", total_minor=5_000) for n in (1, 2))
    a_payment(session, first, 5_000, DAY - timedelta(days=9))
    taken = a_payment(session, second, 4_000, DAY - timedelta(days=5))
    an_invoice(session, customer, "INV-3", total_minor=700)
    session.commit()
    return_payment(
        taken.id, "reversal", gbp(4_000), DAY - timedelta(days=4), reason="recalled", source_key="r", store=store
    )
    said = ask(a_desk(store, seller, customer), "payment_status")
    assert said == "The last payment we received from you is £50.00, on 7 March 2026."


def test_what_was_paid_out_and_then_taken_back_is_owed_and_never_called_a_credit(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, "INV-1", total_minor=5_000)
    taken = a_payment(session, invoice, 5_000, DAY - timedelta(days=9))
    taken.amount_minor = 8_000
    session.commit()
    refund(taken.id, gbp(3_000), reason="paid too much", source_key="refund", store=store)
    return_payment(
        taken.id, "reversal", gbp(8_000), DAY - timedelta(days=1), reason="recalled", source_key="r", store=store
    )
    said = ask(a_desk(store, seller, customer), "account_balance")
    assert "£30.00 is owed for a payment that the bank took back." in said
    assert "£50.00 is open" in said
    assert "-" not in said
    assert "hold" not in said
