"""What is told of credits and repayments, and when a person is called for a new one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from o2c_core.actions.refund import refund
from o2c_core.actions.return_lines import return_lines
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.payment import Allocation
from o2c_core.money import Money
from o2c_core.store.store import Store
from tests.bot.test_tools import a_desk, ask
from tests.build import DAY, a_credit_note, a_customer, a_payment, a_seller, a_shipment, an_invoice, an_order

OTHER = "If you mean something else, tell me which order or invoice it is about."


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return a_customer(session, seller, "C1", language="en", country="GB", currency="GBP")


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


def test_a_credit_that_was_set_against_an_invoice(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, "INV-1", total_minor=5_000)
    note = a_credit_note(session, customer, 2_000, against=invoice)
    session.commit()
    assert ask(a_desk(store, seller, customer), "refund_status") == (
        f"Credit note {note.number} of 16 March 2026 is for £20.00. It has been set against invoice INV-1. {OTHER}"
    )


def test_a_credit_of_which_a_part_was_paid_out_and_a_part_is_left(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, "INV-1", total_minor=5_000)
    note = a_credit_note(session, customer, 2_000)
    session.add(Allocation(invoice_id=invoice.id, credit_note_id=note.id, amount_minor=700, allocated_on=DAY))
    session.commit()
    refund(note.id, gbp(900), reason="asked for it", source_key="r1", store=store)
    assert ask(a_desk(store, seller, customer), "refund_status", note.number) == (
        f"Credit note {note.number} of 16 March 2026 is for £20.00. £7.00 of it has been set against invoice INV-1. "
        "£9.00 of it was paid back to you on 16 March 2026. £4.00 of it has not been set against an invoice or paid back yet."
    )


def test_a_credit_that_waits_and_one_that_was_paid_out_whole(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    waits, paid = a_credit_note(session, customer, 2_000), a_credit_note(session, customer, 1_000)
    session.commit()
    refund(paid.id, gbp(1_000), reason="asked for it", source_key="r1", store=store)
    said = ask(a_desk(store, seller, customer), "refund_status")
    assert f"Credit note {waits.number} of 16 March 2026 is for £20.00. It has not been set against" in said
    assert (
        f"Credit note {paid.number} of 16 March 2026 is for £10.00. It was paid back to you on 16 March 2026." in said
    )


def test_what_was_set_against_and_taken_back_again_is_no_longer_told(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, "INV-1", total_minor=5_000)
    note = a_credit_note(session, customer, 2_000)
    first = Allocation(invoice_id=invoice.id, credit_note_id=note.id, amount_minor=700, allocated_on=DAY)
    session.add(first)
    session.flush()
    session.add(
        Allocation(
            invoice_id=invoice.id, credit_note_id=note.id, amount_minor=-700, allocated_on=DAY, reverses_id=first.id
        )
    )
    session.commit()
    assert "INV-1" not in ask(a_desk(store, seller, customer), "refund_status")


def test_a_payment_that_was_too_much_is_told_with_what_went_back_and_what_is_held(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, "INV-1", total_minor=5_000)
    payment = a_payment(session, invoice, 5_000, DAY - timedelta(days=9))
    payment.amount_minor = 8_000
    session.commit()
    refund(payment.id, gbp(1_000), reason="paid too much", source_key="r1", store=store)
    assert ask(a_desk(store, seller, customer), "refund_status") == (
        "On 16 March 2026 we paid back £10.00 to you. "
        f"We hold £20.00 from a payment of 7 March 2026 that has not been set against an invoice yet. {OTHER}"
    )


def test_each_currency_is_told_in_its_own(store: Store, session: Session, seller: Seller, customer: Customer) -> None:
    for currency in ("GBP", "EUR"):
        a_credit_note(session, customer, 2_000).currency = currency
    session.commit()
    said = ask(a_desk(store, seller, customer), "refund_status")
    assert "£20.00" in said
    assert "€20.00" in said


def test_an_old_credit_that_is_settled_is_not_what_they_ask_about(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, "INV-1", total_minor=5_000)
    a_credit_note(session, customer, 2_000, against=invoice).issued_on = DAY - timedelta(days=200)
    session.commit()
    desk = a_desk(store, seller, customer, words="I want my money back")
    assert "Credit note" not in ask(desk, "refund_status")
    assert desk.handoff == "beyond_authority"
    assert "Credit note" in ask(a_desk(store, seller, customer), "refund_status", "INV-1")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_refund_is_a_persons_to_decide(
    store: Store, session: Session, seller: Seller, customer: Customer, language: str
) -> None:
    an_invoice(session, customer, "INV-1", total_minor=5_000, paid_minor=5_000)
    session.commit()
    desk = a_desk(store, seller, customer, words="Refund me for INV-1", language=language)
    ask(desk, "refund_status", "INV-1")
    assert desk.handoff == "beyond_authority"
    assert desk.packet is not None
    assert desk.packet.why == "asks for money back for INV-1; there is no credit for it yet"
    assert desk.packet.words == "Refund me for INV-1"


@pytest.mark.parametrize(("quantity", "expected"), [
    (None, "The goods of order SO-7 are back with us. No credit note has been made out for them yet."),
    ({1: Decimal(1)}, "Part of the goods of order SO-7 is back with us. No credit note has been made out for it yet."),
])  # fmt: skip
@pytest.mark.parametrize("number", ["SO-7", "INV-7", None])
def test_goods_that_came_back_and_are_not_credited_are_told_as_they_stand(
    store: Store,
    session: Session,
    seller: Seller,
    customer: Customer,
    number: str | None,
    quantity: dict[int, Decimal] | None,
    expected: str,
) -> None:
    order = an_order(session, customer, "SO-7", states=("delivered", "delivered"))
    a_shipment(session, order, "T1", delivered_on=DAY)
    an_invoice(session, customer, "INV-7", order_id=order.id)
    session.commit()
    return_lines(order.id, quantity, store=store, by="Eva", why="wrong colour")
    desk = a_desk(store, seller, customer, words="Where is my refund?")
    assert ask(desk, "refund_status", number) == expected
    assert desk.handoff is None


def test_a_credit_for_another_invoice_is_no_answer(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    first, second = (an_invoice(session, customer, f"INV-{n}", total_minor=5_000) for n in (1, 2))
    a_credit_note(session, customer, 2_000, against=first)
    session.commit()
    desk = a_desk(store, seller, customer, words="I want a refund for INV-2")
    assert ask(desk, "refund_status", second.number).startswith("I don't see a credit or a repayment for that")
    assert desk.handoff == "beyond_authority"


def test_another_customers_credit_note_is_not_there(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    note = a_credit_note(session, a_customer(session, seller, "C2"), 2_000)
    session.commit()
    desk = a_desk(store, seller, customer)
    answers = {ask(desk, "refund_status", number) for number in (note.number, "CN-99999")}
    assert len(answers) == 1
    assert answers.pop().startswith("I can't find that number on your account.")


def test_bank_details_in_the_message_are_not_taken_down(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    a_credit_note(session, customer, 2_000)
    session.commit()
    desk = a_desk(store, seller, customer, words="Pay it to my account NL02 ABNA 0123 4567 89 please")
    said = ask(desk, "refund_status")
    assert "I don't take down bank details from a message" in said
    assert "NL02" not in said
    assert not any("NL02" in fact.text for fact in desk.facts.facts.values())
