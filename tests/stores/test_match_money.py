"""Money from the bank finds its invoices once, by itself, where that is certain; else it waits with suggestions."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.match_money import match_money
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.conversations.message import Message
from o2c_core.customers.seller import Seller
from o2c_core.invoices.bank import BankTransaction, PayerAccount
from o2c_core.invoices.invoice import Instalment
from o2c_core.invoices.payment import Payment, WriteOff
from o2c_core.invoices.reference import creditor_reference
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, a_customer, a_dispute, a_seller, an_invoice
from tests.stores.bank_money import OTHERS, THEIRS, a_transaction, everything, opens, seen


@pytest.fixture
def seller(session: Session) -> Seller:
    seller = a_seller(session)
    session.commit()
    return seller


def test_money_with_a_reference_becomes_a_payment_with_its_trail(
    store: Store, session: Session, seller: Seller
) -> None:
    customer = a_customer(session, seller)
    an_invoice(session, customer, "INV-2026-0042", total_minor=12_500)
    reference = creditor_reference("INV-2026-0042")
    transaction = a_transaction(session, seller, 13_000, reference=reference)
    run = match_money(seller.id, store=store)
    assert run.to_json() == {"seller": "vandijk", "matched": {"reference": 1}, "taken_back": 0, "waiting": 0}
    assert opens(session) == {"INV-2026-0042": 0}
    payment = session.scalars(select(Payment)).one()
    assert (payment.customer_id, payment.amount_minor, payment.received_on) == (customer.id, 13_000, DAY)
    assert payment.source_key == f"bank:NL91ABNA0417164300:{transaction.key}"
    assert (payment.payer_account, payment.reference) == (THEIRS, reference)
    transaction = seen(session, transaction)
    assert (transaction.state, transaction.payment_id, transaction.suggestions) == ("matched", payment.id, [])
    assert transaction.state_why == (
        f"The reference {reference} is that of invoice INV-2026-0042; it is 5.00 EUR more than is open, which stays as "
        "credit."
    )
    assert session.scalars(select(PayerAccount)).one().customer_id == customer.id
    line = session.scalars(select(TrailLine).where(TrailLine.what == "money matched")).one()
    assert (line.customer_id, line.seller_id, line.details["rule"]) == (customer.id, seller.id, "reference")
    assert (line.details["unapplied"], line.details["allocated"]) == (
        "5.00 EUR",
        [{"invoice": "INV-2026-0042", "amount": "125.00 EUR"}],
    )
    assert session.scalars(select(TrailLine).where(TrailLine.what == "payment recorded")).one().subject_id == payment.id


def test_running_again_changes_nothing(store: Store, session: Session, seller: Seller) -> None:
    jansen, vries = a_customer(session, seller), a_customer(session, seller, name="De Vries")
    an_invoice(session, jansen, "INV-2026-0001", total_minor=10_000)
    an_invoice(session, jansen, "INV-2026-0002", total_minor=20_000)
    an_invoice(session, vries, "INV-2026-0003", total_minor=10_000)
    a_transaction(session, seller, 10_000, "INV-2026-0001")
    a_transaction(session, seller, 15_000, "INV-2026-0002", payer_account=OTHERS)
    a_transaction(session, seller, 10_000, "dank", payer_account=None, payer_name="onbekend")
    a_transaction(session, seller, 777, "dank", payer_account=None, payer_name="onbekend")
    a_transaction(session, seller, 777, direction="out", is_reversal=True, payer_account=None)
    assert match_money(seller.id, store=store).waiting == 4
    first = everything(session)
    assert [len(row[4]) for row in first[1]] == [0, 1, 1, 0, 0]
    for limit in (500, 1, 2):
        assert match_money(seller.id, store=store, limit=limit).matched == {}
        assert everything(session) == first


def test_what_one_payment_settles_or_teaches_helps_another_in_the_same_run(
    store: Store, session: Session, seller: Seller
) -> None:
    jansen = a_customer(session, seller)
    an_invoice(session, jansen, "INV-2026-0001", total_minor=10_000)
    an_invoice(session, jansen, "INV-2026-0002", total_minor=10_000)
    first = a_transaction(session, seller, 10_000)
    a_transaction(session, seller, 10_000, "INV-2026-0002")
    assert match_money(seller.id, store=store, limit=1).matched == {"number": 1, "account": 1}
    assert opens(session) == {"INV-2026-0001": 0, "INV-2026-0002": 0}
    assert seen(session, first).state == "matched"


def test_an_invoice_is_paid_once_and_the_second_payment_waits(store: Store, session: Session, seller: Seller) -> None:
    an_invoice(session, a_customer(session, seller), "INV-2026-0001", total_minor=10_000)
    a_transaction(session, seller, 10_000, "INV-2026-0001")
    again = a_transaction(session, seller, 10_000, "INV-2026-0001")
    assert match_money(seller.id, store=store).matched == {"number": 1}
    again = seen(session, again)
    assert again.state_why == "Nothing is open on invoice INV-2026-0001."
    assert [reason["key"] for reason in again.suggestions[0]["reasons"]] == ["number", "payer_account", "already_paid"]
    assert again.suggestions[0]["rest_minor"] == 10_000


def test_the_discount_for_paying_early_is_granted_with_the_match(
    store: Store, session: Session, seller: Seller
) -> None:
    customer = a_customer(session, seller)
    an_invoice(session, customer, "INV-1", total_minor=10_000, discount_minor=200, discount_until_on=DAY)
    a_transaction(session, seller, 9_800, "INV-1")
    assert match_money(seller.id, store=store).matched == {"number": 1}
    assert opens(session) == {"INV-1": 0}
    assert session.scalars(select(WriteOff)).one().amount_minor == 200


def test_an_instalment_paid_before_does_not_count_again(store: Store, session: Session, seller: Seller) -> None:
    invoice = an_invoice(
        session, a_customer(session, seller), "INV-1", total_minor=10_000, is_in_instalments=True, paid_minor=3_000
    )
    for position, minor in enumerate((3_000, 4_000, 3_000), 1):
        due = DAY + timedelta(days=30 * position)
        session.add(Instalment(invoice_id=invoice.id, position=position, due_on=due, amount_minor=minor))
    a_transaction(session, seller, 4_000, "INV-1")
    a_transaction(session, seller, 3_500, "INV-1", payer_account=None)
    assert match_money(seller.id, store=store).matched == {"number": 1}
    assert opens(session) == {"INV-1": 3_000}


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"reference": "+++090/9337/55493+++"}, "matched"),
        ({"text": "2026 0042"}, "matched"),
        ({"text": "FA/2026/0042"}, "matched"),
        ({"text": "20260042 of 20260043"}, "waiting"),
        ({"end_to_end": "FA-2026-0042"}, "matched"),
        ({"text": "klant C-77"}, "waiting"),
        ({"payer_account": OTHERS}, "matched"),
    ],
)
def test_what_the_ledger_is_asked_finds_the_invoice(
    store: Store, session: Session, seller: Seller, fields: dict[str, str], state: str
) -> None:
    customer = a_customer(session, seller, "C-77")
    an_invoice(session, customer, "FA-2026-0042", total_minor=10_000, payment_reference="+++090/9337/55493+++")
    an_invoice(session, customer, "FA-2026-0043", total_minor=5_000)
    an_invoice(session, a_customer(session, seller), "INV-2026-0099", total_minor=7_000)
    session.add(PayerAccount(seller_id=seller.id, customer_id=customer.id, account=OTHERS, learnt_at=store.clock.now()))
    transaction = a_transaction(session, seller, 10_000, **{"payer_account": None} | fields)
    match_money(seller.id, store=store)
    transaction = seen(session, transaction)
    assert transaction.state == state
    if state == "waiting":
        assert transaction.suggestions[0]["parts"][0]["minor"] == 10_000


def test_other_sellers_invoices_and_accounts_mean_nothing(store: Store, session: Session, seller: Seller) -> None:
    other = a_seller(session, "other")
    stranger = a_customer(session, other)
    an_invoice(session, stranger, "INV-1", total_minor=10_000)
    session.add(PayerAccount(seller_id=other.id, customer_id=stranger.id, account=THEIRS, learnt_at=store.clock.now()))
    transaction = a_transaction(session, seller, 10_000, "INV-1", reference=creditor_reference("INV-1"))
    match_money(seller.id, store=store)
    assert (seen(session, transaction).state, seen(session, transaction).suggestions) == ("waiting", [])


def test_what_is_disputed_is_among_the_reasons(store: Store, session: Session, seller: Seller) -> None:
    invoice = an_invoice(session, a_customer(session, seller), "INV-1", total_minor=10_000)
    a_dispute(session, invoice, 2_500)
    transaction = a_transaction(session, seller, 7_500, "INV-1")
    match_money(seller.id, store=store)
    assert seen(session, transaction).suggestions[0]["sentence"] == (
        "It names INV-1; the payer has the customer's name; the amount is what is open less what is disputed, 25.00 EUR."
    )


def test_a_queued_reminder_is_withdrawn_with_the_match(store: Store, session: Session, seller: Seller) -> None:
    an_invoice(session, a_customer(session, seller), "INV-1", total_minor=10_000, due_on=DAY - timedelta(days=7))
    session.commit()
    run_reminders(DAY, store=store)
    assert session.scalars(select(Message.delivery)).all() == ["queued"]
    a_transaction(session, seller, 10_000, "INV-1")
    match_money(seller.id, store=store)
    session.expire_all()
    assert session.scalars(select(Message.delivery)).all() == ["withdrawn"]


def test_runs_at_the_same_moment_match_each_transaction_once(own_store: Store) -> None:
    with own_store.session() as session:
        seller = a_seller(session)
        customer = a_customer(session, seller)
        for number in range(20):
            an_invoice(session, customer, f"INV-{number:04}", total_minor=1_000 + number)
        for number in range(20):
            # Two payments for each invoice: one is booked, the other waits.
            a_transaction(session, seller, 1_000 + number, f"INV-{number:04}")
            a_transaction(session, seller, 1_000 + number, f"INV-{number:04}")
    together = threading.Barrier(3)
    runs = []

    def run() -> None:
        together.wait()
        runs.append(match_money(seller.id, store=own_store, limit=7))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sum(one.matched.values()) for one in runs) == 20
    with own_store.session() as session:
        assert set(opens(session).values()) == {0}
        assert session.scalar(select(func.count()).select_from(Payment)) == 20
        states = session.scalars(select(BankTransaction.state)).all()
        assert (states.count("matched"), states.count("waiting")) == (20, 20)
