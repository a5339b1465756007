"""The demo's questions carry answers that were read from the ledger."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.demo import cast
from app.demo.history import write_history
from app.demo.questions import NoDemoHere, Question, questions
from o2c_core import days, money
from o2c_core.customers.customer import Customer
from o2c_core.invoices.account import OpenInvoice, invoices_of
from o2c_core.invoices.invoice import Invoice
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment
from o2c_core.store.store import Store
from tests.build import a_payment

TODAY = date(2026, 3, 16)


@pytest.fixture
def demo(store: Store) -> Store:
    write_history(store=store, today=TODAY)
    return store


def _open(store: Store, ref: str) -> list[OpenInvoice]:
    with store.session() as session:
        customer_id = session.scalars(select(Customer.id).where(Customer.ref == ref)).one()
        return invoices_of(session, customer_id, TODAY, only_open=True)


def _asked(store: Store, start: str, today: date = TODAY) -> Question:
    return next(question for question in questions(store, today) if question.text.startswith(start))


def test_five_questions_in_two_languages_from_two_customers(demo: Store) -> None:
    asked = questions(demo, TODAY)
    assert [question.customer_ref for question in asked] == [cast.BAKKERIJ_JANSEN] * 2 + [cast.HART_AND_SONS] * 3


def test_where_the_last_order_is_names_the_order_the_parcel_and_the_day(demo: Store) -> None:
    with demo.session() as session:
        newest = (
            select(Order, Shipment)
            .join(Shipment)
            .join(Customer, Customer.id == Order.customer_id)
            .where(Customer.ref == cast.BAKKERIJ_JANSEN)
            .order_by(Order.ordered_on.desc())
        )
        order, shipment = session.execute(newest).first()  # type: ignore[misc]
        expected = _asked(demo, "Waar is").expected
        for figure in (order.number, "PostNL", shipment.tracking_number, "17 maart 2026"):
            assert figure in expected
        shipment.delivered_on, shipment.received_by = TODAY, "J. Bakker"
        session.commit()
    assert "came on 16 maart 2026 (J. Bakker took it in)" in _asked(demo, "Waar is").expected


def test_what_is_owed_names_every_open_invoice_and_the_sums_and_follows_the_money(demo: Store) -> None:
    late, not_due = _open(demo, cast.BAKKERIJ_JANSEN)
    expected = _asked(demo, "Wat moet").expected
    for one in (late, not_due):
        assert f"{one.invoice.number} with {money.show(one.open, 'nl_NL')}" in expected
        assert days.show(one.invoice.due_on, "nl_NL") in expected
    assert f"{money.show(late.open + not_due.open, 'nl_NL')} in all" in expected
    assert f"of which {money.show(late.open, 'nl_NL')} is late" in expected

    with demo.session() as session:
        a_payment(session, late.invoice, late.open.minor, on=TODAY)
        session.commit()
    assert late.invoice.number not in _asked(demo, "Wat moet").expected
    with demo.session() as session:
        a_payment(session, not_due.invoice, not_due.open.minor, on=TODAY)
        session.commit()
    assert _asked(demo, "Wat moet").expected == "Nothing is open."


def test_whether_an_invoice_is_paid_names_what_arrived_and_what_is_left(demo: Store) -> None:
    half = _open(demo, cast.HART_AND_SONS)[0]
    asked = _asked(demo, f"Is invoice {half.invoice.number}")
    for amount in (half.invoice.total, half.open, half.invoice.total - half.open):
        assert money.show(amount, "en_GB") in asked.expected
    assert asked.expected.startswith("No: ")
    assert "34 days late" in asked.expected


def test_days_late_are_those_of_the_day_on_which_one_asks(demo: Store) -> None:
    assert "12 days late" in _asked(demo, "Wat moet").expected
    assert "15 days late" in _asked(demo, "Wat moet", TODAY + timedelta(days=3)).expected


def test_the_payment_terms_are_the_librarys_and_the_days_are_the_accounts(demo: Store) -> None:
    with demo.session() as session:
        hart = session.scalars(select(Customer).where(Customer.ref == cast.HART_AND_SONS)).one()
        assert f"has {hart.payment_terms_days} days" in _asked(demo, "What are").expected


def test_the_last_question_is_about_somebody_elses_invoice_and_names_one_that_does_not_exist(demo: Store) -> None:
    asked = questions(demo, TODAY)[-1]
    theirs = _open(demo, cast.BAKKERIJ_JANSEN)[-1].invoice
    assert theirs.number in asked.text
    nothing = asked.expected.removeprefix("The same sentence as for ").split(",")[0]
    with demo.session() as session:
        assert session.scalar(select(Invoice.id).where(Invoice.number == nothing)) is None
    assert nothing.startswith("INV-2026-")
    assert money.show(theirs.total, "nl_NL") not in asked.expected


def test_a_ledger_without_the_demo_company_says_so(store: Store) -> None:
    with pytest.raises(NoDemoHere):
        questions(store, TODAY)
