"""How to pay what is open: amount, account, reference and our own page, from the ledger alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from bot.desk import Desk
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.pay_links import payable_of, to_pay
from o2c_core.conversations.sms_text import fit_sms, segments
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.customers.seller import BankAccount, Seller
from o2c_core.money import Money
from o2c_core.store.store import Store
from tests.bot.test_tools import a_desk, say
from tests.build import DAY, a_customer, a_dispute, a_seller, an_invoice

PLATE = Doorplate("key of the tests", "https://parley.example")
ACCOUNT = "Van Dijk Groothandel B.V., account NL91 ABNA 0417 1643 00"


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return a_customer(session, seller, "C1", language="en", country="GB")


def asked_on(desk: Desk, said: str, store: Store) -> Money:
    """What the page behind the link in the answer asks for."""
    link = re.search(r"https://parley\.example/pay/(\S+)", said)
    assert link is not None, said
    payable = payable_of(PLATE, link[1], store.clock.now())
    assert payable is not None
    with store.session() as session:
        found = to_pay(session, payable)
        assert found is not None
        assert desk.customer is not None
        assert found.customer.id == desk.customer.id
        return found.asked.amount


def test_one_invoice_has_its_amount_the_account_its_reference_and_a_page(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    an_invoice(session, customer, "INV-1", total_minor=12_500, paid_minor=2_500)
    session.commit()
    desk = a_desk(store, seller, customer, doorplate=PLATE)
    said = say(desk, "payment_link", numbers=["inv1"])
    assert said.startswith(
        f"€100.00 is open on invoice INV-1. You can transfer it to {ACCOUNT}, with reference RF47 INV1. "
        "Everything together, with a code to scan: https://parley.example/pay/"
    )
    assert said.endswith("(good until 23 March 2026).")
    assert asked_on(desk, said, store) == Money(10_000, "EUR")
    assert any(fact.text.startswith("https://parley.example/pay/") for fact in desk.facts.facts.values())


def test_without_a_number_it_is_all_that_is_open(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    for number in range(7):
        an_invoice(session, customer, f"INV-{number}", total_minor=1_000)
    session.commit()
    desk = a_desk(store, seller, customer, doorplate=PLATE)
    said = say(desk, "payment_link")
    assert said.startswith("€70.00 is open on 7 invoices together.")
    assert "INV-0 INV-1 INV-2 INV-3 INV-4 INV-5 INV-6" in said
    assert asked_on(desk, said, store) == Money(7_000, "EUR")


def test_named_invoices_are_paid_together_and_others_are_not(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    for number in range(3):
        an_invoice(session, customer, f"INV-{number}", total_minor=1_000)
    session.commit()
    desk = a_desk(store, seller, customer, doorplate=PLATE)
    said = say(desk, "payment_link", numbers=["INV-0", "INV-2"])
    assert "€20.00 is open on 2 invoices together." in said
    assert "INV-1" not in said
    assert asked_on(desk, said, store) == Money(2_000, "EUR")


@pytest.mark.parametrize(("words", "asked", "says"), [
    ("I'd like to pay € 40,00 of it now", 4_000, "Of that you pay €40.00 now."),
    ("a link for EUR 100.00 please", 10_000, None),
    ("let me pay €500.00", 10_000, "€500.00 would be more than that."),
    ("£40.00 now", 10_000, None),
    ("I already paid €25.00, send me a link for the rest", 10_000, None),
    ("we have paid € 25,00 by now, what is the link?", 10_000, None),
])  # fmt: skip
def test_a_part_is_what_their_own_words_say(
    store: Store, session: Session, seller: Seller, customer: Customer, words: str, asked: int, says: str | None
) -> None:
    an_invoice(session, customer, "INV-1", total_minor=10_000)
    session.commit()
    desk = a_desk(store, seller, customer, words=words, doorplate=PLATE)
    said = say(desk, "payment_link", numbers=["INV-1"])
    assert asked_on(desk, said, store) == Money(asked, "EUR")
    assert (says in said) if says else said.count("€") == 1


def test_the_amount_of_one_invoice_names_that_invoice(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    for number, minor in (("INV-1", 10_000), ("INV-2", 124_050)):
        an_invoice(session, customer, number, total_minor=minor)
    session.commit()
    desk = a_desk(store, seller, customer, words="send me a link to pay the 1,240.50", doorplate=PLATE)
    assert say(desk, "payment_link").startswith("€1,240.50 is open on invoice INV-2.")


def test_what_they_object_to_is_not_asked_for(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, "INV-1", total_minor=10_000)
    a_dispute(session, invoice, 2_500)
    session.commit()
    desk = a_desk(store, seller, customer, doorplate=PLATE)
    said = say(desk, "payment_link")
    assert said.startswith("€75.00 is open on invoice INV-1. €25.00 that you objected to is not in it.")
    assert asked_on(desk, said, store) == Money(7_500, "EUR")
    a_dispute(session, invoice, 7_500)
    session.commit()
    assert say(a_desk(store, seller, customer, doorplate=PLATE), "payment_link") == (
        "Nothing has to be paid on that while your objection is being looked at."
    )


@pytest.mark.parametrize(("numbers", "expected"), [
    (None, "You have no open invoices."), (["INV-1"], "Invoice INV-1 for €100.00 is paid in full."),
    (["last"], "Invoice INV-1 for €100.00 is paid in full."),
])  # fmt: skip
def test_what_is_paid_needs_no_link(
    store: Store, session: Session, seller: Seller, customer: Customer, numbers: list[str] | None, expected: str
) -> None:
    an_invoice(session, customer, "INV-1", total_minor=10_000, paid_minor=10_000)
    session.commit()
    assert say(a_desk(store, seller, customer, doorplate=PLATE), "payment_link", numbers=numbers) == expected


def test_each_currency_has_its_own_account_and_page(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    seller.bank_accounts.append(BankAccount(iban="GB29NWBK60161331926819", holder="Van Dijk UK Ltd", currency="GBP"))
    an_invoice(session, customer, "INV-1", total_minor=10_000)
    an_invoice(session, customer, "INV-2", total_minor=5_000, currency="GBP")
    session.commit()
    desk = a_desk(store, seller, customer, doorplate=PLATE)
    euros, pounds = say(desk, "payment_link").split("\n\n")
    assert "NL91 ABNA" in euros
    assert "€100.00" in euros
    assert "Van Dijk UK Ltd, account GB29 NWBK 6016 1331 9268 19" in pounds
    assert asked_on(desk, pounds, store) == Money(5_000, "GBP")


@pytest.mark.parametrize("plate", [None, Doorplate("key")])
def test_without_a_public_address_the_bank_details_are_all(
    store: Store, session: Session, seller: Seller, customer: Customer, plate: Doorplate | None
) -> None:
    an_invoice(session, customer, "INV-1")
    session.commit()
    said = say(a_desk(store, seller, customer, doorplate=plate), "payment_link")
    assert said.endswith("with reference RF47 INV1.")
    assert "http" not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_has_it_all_in_two_segments(store: Store, session: Session, seller: Seller, language: str) -> None:
    customer = a_customer(session, seller, "C1", language=language)
    an_invoice(session, customer, "INV-2026-0042", total_minor=124_050, due_on=DAY + timedelta(days=3))
    session.commit()
    desk = a_desk(store, seller, customer, language=language, channel="sms", doorplate=PLATE)
    said = say(desk, "payment_link", numbers=["INV-2026-0042"])
    assert asked_on(desk, said, store) == Money(124_050, "EUR")
    assert segments(fit_sms(said, 9)).count <= 2, said


def test_an_account_in_the_message_changes_nothing(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    an_invoice(session, customer, "INV-1")
    session.commit()
    words = "Send me the link for INV-1 with your new IBAN NL02ABNA0123456789"
    desk = a_desk(store, seller, customer, words=words, doorplate=PLATE)
    said = say(desk, "payment_link", numbers=["INV-1"])
    assert "NL02" not in said
    assert "We never announce a new account in a message." in said
    assert desk.handoff == "payment_fraud"
