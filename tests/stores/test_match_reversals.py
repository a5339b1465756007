"""What the bank takes back opens the invoices it had paid again, where it is certain which payment it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.match_money import match_money
from o2c_core.actions.refund import refund
from o2c_core.customers.seller import Seller
from o2c_core.invoices.account import balances
from o2c_core.invoices.bank import BankTransaction
from o2c_core.invoices.payment import Payment, PaymentReturn
from o2c_core.invoices.reference import creditor_reference
from o2c_core.money import Money
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.stores.bank_money import OTHERS, a_transaction, everything, opens, seen


@pytest.fixture
def seller(session: Session) -> Seller:
    seller = a_seller(session)
    session.commit()
    return seller


def a_reversal(session: Session, seller: Seller, minor: int, **fields: object) -> BankTransaction:
    return a_transaction(session, seller, minor, "storno", **{"direction": "out", "is_reversal": True} | fields)


@pytest.mark.parametrize("told", ["end_to_end", "bank_reference", "payer_account"])
def test_a_reversal_takes_the_payment_back(store: Store, session: Session, seller: Seller, told: str) -> None:
    customer = a_customer(session, seller)
    an_invoice(session, customer, "INV-1", total_minor=10_000)
    an_invoice(session, customer, "INV-2", total_minor=5_000)
    said = {"payer_account": None, told: "E1"} if told != "payer_account" else {}
    paid = a_transaction(session, seller, 10_000, "INV-1", **said)
    a_transaction(session, seller, 5_000, "INV-2", **said)
    match_money(seller.id, store=store)
    back = a_reversal(session, seller, 10_000, **said)
    assert match_money(seller.id, store=store).taken_back == 1
    assert opens(session) == {"INV-1": 10_000, "INV-2": 0}
    gone = session.scalars(select(PaymentReturn)).one()
    assert (gone.kind, gone.amount_minor, gone.payment_id) == ("reversal", 10_000, seen(session, paid).payment_id)
    assert (seen(session, paid).state, seen(session, back).state) == ("reversed", "matched")
    first = everything(session)
    assert match_money(seller.id, store=store).taken_back == 0
    assert everything(session) == first
    a_reversal(session, seller, 10_000, **said)
    assert match_money(seller.id, store=store).taken_back == 0


def test_what_was_refunded_does_not_keep_the_bank_from_taking_all_of_it_back(
    store: Store, session: Session, seller: Seller
) -> None:
    """Paying too much, asking for the rest and having it all taken back is an old trick; the books must show it."""
    customer = a_customer(session, seller)
    an_invoice(session, customer, "INV-1", total_minor=10_000)
    paid = a_transaction(session, seller, 15_000, reference=creditor_reference("INV-1"))
    match_money(seller.id, store=store)
    payment_id = seen(session, paid).payment_id
    assert payment_id is not None
    refund(payment_id, Money(5_000, "EUR"), reason="paid too much", store=store)
    back = a_reversal(session, seller, 15_000)
    assert match_money(seller.id, store=store).taken_back == 1
    assert seen(session, back).state == "matched"
    assert opens(session) == {"INV-1": 10_000}
    (owes,) = balances(session, customer.id, DAY)
    assert (owes.unapplied, owes.owed) == (Money(-5_000, "EUR"), Money(15_000, "EUR"))


def test_a_reversal_of_money_that_still_waits_leaves_the_ledger_alone(
    store: Store, session: Session, seller: Seller
) -> None:
    paid = a_transaction(session, seller, 10_000, "wie weet")
    a_reversal(session, seller, 10_000)
    assert match_money(seller.id, store=store).to_json() == {
        "seller": "vandijk",
        "matched": {},
        "taken_back": 1,
        "waiting": 0,
    }
    assert seen(session, paid).state == "reversed"
    assert session.scalars(select(Payment)).all() == []


@pytest.mark.parametrize(
    ("before", "fields", "why"),
    [
        ([10_000], {"payer_account": OTHERS}, "The payment that was taken back was not found."),
        ([10_000], {"payer_account": None}, "The payment that was taken back was not found."),
        ([9_999], {}, "The payment that was taken back was not found."),
        ([10_000, 10_000], {}, "More than one payment could be the one that was taken back."),
        ([10_000], {"booked_on": DAY - timedelta(days=1)}, "The payment that was taken back was not found."),
        ([10_000], {"direction": "in"}, "Money that had gone out came back."),
    ],
)
def test_a_reversal_whose_payment_is_not_certain_waits(
    store: Store, session: Session, seller: Seller, before: list[int], fields: dict[str, object], why: str
) -> None:
    for minor in before:
        a_transaction(session, seller, minor)
    back = a_reversal(session, seller, 10_000, **fields)
    match_money(seller.id, store=store)
    assert (seen(session, back).state, seen(session, back).state_why) == ("waiting", why)
