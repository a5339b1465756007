"""Money from the bank finds its invoices once, by itself where that is certain and by a person where it is not."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.accept_match import accept_match
from o2c_core.actions.ignore_transaction import ignore_transaction
from o2c_core.actions.match_money import match_money
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.conversations.message import Message
from o2c_core.customers.seller import Seller
from o2c_core.errors import Failure
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.bank import BankStatement, BankTransaction, PayerAccount
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn, WriteOff
from o2c_core.invoices.reference import creditor_reference
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, MOMENT, a_customer, a_dispute, a_seller, an_invoice

THEIRS, OTHERS = "NL20INGB0001234567", "DE89370400440532013000"
_key = count(1)


@pytest.fixture
def seller(session: Session) -> Seller:
    seller = a_seller(session)
    session.commit()
    return seller


def a_transaction(session: Session, seller: Seller, minor: int, text: str = "", **fields: object) -> BankTransaction:
    """Money that came in today from a known-looking account and waits."""
    (account,) = seller.bank_accounts
    statement = session.scalars(select(BankStatement)).first() or BankStatement(
        seller_id=seller.id, bank_account_id=account.id, number="1", format="camt.053", file="f", checksum="c",
        currency="EUR", imported_at=MOMENT,
    )  # fmt: skip
    session.add(statement)
    session.flush()
    transaction = BankTransaction(
        **{
            "seller_id": seller.id,
            "bank_account_id": account.id,
            "bank_statement_id": statement.id,
            "key": f"k{next(_key)}",
            "booked_on": DAY,
            "amount_minor": minor,
            "currency": "EUR",
            "direction": "in",
            "payer_name": "Bakkerij Jansen",
            "payer_account": THEIRS,
            "text": text,
        }
        | fields
    )
    session.add(transaction)
    session.commit()
    return transaction


def opens(session: Session) -> dict[str, int]:
    session.expire_all()
    rows = session.execute(select(Invoice.number, open_minor()).order_by(Invoice.number))
    return {number: int(left) for number, left in rows}


def everything(session: Session) -> list[Any]:
    """Every row a run could touch, as it stands."""
    session.expire_all()
    counts = [
        session.scalar(select(func.count()).select_from(noun))
        for noun in (Payment, Allocation, PaymentReturn, PayerAccount, TrailLine, WriteOff)
    ]
    rows = session.execute(
        select(
            BankTransaction.id,
            BankTransaction.state,
            BankTransaction.state_why,
            BankTransaction.payment_id,
            BankTransaction.suggestions,
        ).order_by(BankTransaction.id)
    )
    return [counts, [tuple(row) for row in rows]]


def seen(session: Session, transaction: BankTransaction) -> BankTransaction:
    session.expire_all()
    return session.get_one(BankTransaction, transaction.id)


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
