"""A seller's year as the ledger has it: sales, promises, disputes, and what is expected."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from o2c_core.cases.plan import PaymentPlan, PlannedInvoice, PlanPart
from o2c_core.cases.promise import Promise, PromisedInvoice
from o2c_core.customers.customer import Customer
from o2c_core.figures.agreements import disputes, promises
from o2c_core.figures.awaited import expected, habits, open_items
from o2c_core.figures.reports import REPORTS, UnknownReport, report_named
from o2c_core.figures.year import years
from o2c_core.invoices.invoice import Instalment, Invoice
from tests.build import DAY, MOMENT, a_credit_note, a_customer, a_dispute, a_payment, a_seller, an_invoice


def later(days: int) -> date:
    return DAY + timedelta(days=days)


def a_sale(session: Session, customer: Customer, minor: int, issued: int, *, paid: int | None = None) -> Invoice:
    """An invoice of that many days from DAY, due thirty days later, paid whole on a day if at all."""
    invoice = an_invoice(session, customer, total_minor=minor, due_on=later(issued + 30))
    if paid is not None:
        a_payment(session, invoice, minor, later(paid))
    return invoice


@pytest.fixture
def customer(session: Session) -> Customer:
    return a_customer(session, a_seller(session), segment="smb")


def test_sales_of_the_year_are_invoices_less_credit_notes_with_tax(session: Session, customer: Customer) -> None:
    a_sale(session, customer, 10_000, -364, paid=-300)
    a_sale(session, customer, 50_000, -365, paid=-300)  # one day too early
    an_invoice(session, customer, total_minor=12_100, net_minor=10_000, tax_minor=2_100, due_on=later(20))
    a_credit_note(session, customer, 100)
    a_sale(session, customer, 70_000, 1)  # tomorrow
    [year] = years(session, customer.seller_id, DAY)
    assert year.sales == 10_000 + 12_100 - 100
    assert (year.open, year.current) == (12_100, 12_100)
    assert year.figures["dso"].rounded() == Decimal("200.75")  # 12,100 x 365 / 22,000
    assert year.figures["average_days_delinquent"].rounded() == Decimal("0.00")


def test_months_go_back_from_the_day_and_the_first_may_be_part_of_one(session: Session, customer: Customer) -> None:
    a_sale(session, customer, 1_600, -1)
    a_sale(session, customer, 2_800, -20)
    [year] = years(session, customer.seller_id, DAY)
    assert year.months[:3] == ((1_600, 16), (2_800, 28), (0, 31))
    assert year.figures["count_back_dso"].rounded() == Decimal("44.00")


def test_what_was_paid_counts_from_the_invoice_to_the_money_that_completed_it(
    session: Session, customer: Customer
) -> None:
    a_sale(session, customer, 100, -100, paid=-60)
    half = a_sale(session, customer, 100, -100)
    a_payment(session, half, 50, later(-90))
    a_payment(session, half, 50, later(-80))
    a_credit_note(session, customer, 100, against=a_sale(session, customer, 100, -50))  # credited is not paid
    a_sale(session, customer, 100, -40)
    [year] = years(session, customer.seller_id, DAY)
    assert (year.paid_invoices, year.paid_days, year.late_days) == (2, 40 + 20, 10)
    assert year.figures["average_days_to_pay"].rounded() == Decimal("30.00")


def test_at_risk_is_what_is_unpaid_ninety_days_past_its_due_day(session: Session, customer: Customer) -> None:
    a_sale(session, customer, 1_000, -130, paid=-50)
    a_sale(session, customer, 3_000, -120)  # due ninety days ago
    a_sale(session, customer, 9_000, -119)  # due a day later
    [year] = years(session, customer.seller_id, DAY)
    assert (year.due, year.due_unpaid) == (4_000, 3_000)
    assert year.figures["at_risk"].rounded() == Decimal("75.00")


def test_effectiveness_is_what_was_collected_of_what_could_be_in_thirty_days(
    session: Session, customer: Customer
) -> None:
    a_sale(session, customer, 1_000, -100, paid=-10)
    a_sale(session, customer, 500, -100)
    a_sale(session, customer, 700, -5)
    [year] = years(session, customer.seller_id, DAY)
    assert (year.open_before, year.lately, year.open, year.current) == (1_500, 700, 1_200, 700)
    assert year.figures["collection_effectiveness"].rounded() == Decimal("66.67")  # 1,000 of 1,500


def a_promise(session: Session, customer: Customer, state: str, settled: int | None, minor: int = 100) -> Promise:
    promise = Promise(
        seller_id=customer.seller_id, customer_id=customer.id, amount_minor=minor, currency="EUR", promised_on=later(9),
        state=state, made_at=MOMENT, made_on=later(-400), settled_on=None if settled is None else later(settled),
    )  # fmt: skip
    session.add(promise)
    session.flush()
    return promise


def test_the_kept_rate_leaves_out_open_replaced_and_older_promises(session: Session, customer: Customer) -> None:
    for state, settled, minor in (("kept", -1, 300), ("kept", 0, 100), ("broken", -364, 200), ("kept", -365, 900),
                                  ("open", None, 50), ("replaced", -2, 70), ("broken", 1, 60)):  # fmt: skip
        a_promise(session, customer, state, settled, minor)
    [one] = promises(session, customer.seller_id, DAY)
    assert (one.kept, one.broken, one.open, one.open_minor) == (2, 1, 2, 110)
    assert one.rate.rounded() == Decimal("66.67")
    assert one.amount_rate.rounded() == Decimal("66.67")


def test_the_cycle_of_disputes_is_in_days_and_the_open_ones_are_apart(session: Session, customer: Customer) -> None:
    invoice = a_sale(session, customer, 1_000, -30)
    for days in (1, 2, 9):
        dispute = a_dispute(session, invoice, 10)
        dispute.state, dispute.resolved_at = "resolved", MOMENT + timedelta(days=days)
    a_dispute(session, invoice, 40)
    session.flush()
    [one] = disputes(session, customer.seller_id, DAY)
    assert (one.median.rounded(), one.mean.rounded()) == (Decimal("2.00"), Decimal("4.00"))
    assert (one.open_days, one.open_minor) == ([15], 40)
    [before] = disputes(session, customer.seller_id, MOMENT.date() + timedelta(days=2))
    assert (sorted(before.days), len(before.open_days)) == ([1, 2], 2)


def test_a_customers_habit_is_that_of_the_invoices_they_paid(session: Session, customer: Customer) -> None:
    for late in (10, 20, 30):
        a_sale(session, customer, 100, -100, paid=-70 + late)
    found = habits(session, customer.seller_id, DAY)
    own = found.of_customers[customer.id]
    assert (own.invoices, own.early, own.usual, own.slow) == (3, 15.0, 20.0, 25.0)
    assert found.of_segments["smb"] == found.of_seller == own


def test_expected_conserves_what_is_open_and_undisputed(session: Session, customer: Customer) -> None:
    a_dispute(session, a_sale(session, customer, 1_000, -20), 400)
    parts = an_invoice(
        session, customer, total_minor=900, due_on=later(60), issued_on=later(-1), is_in_instalments=True
    )
    for position in (1, 2, 3):
        session.add(Instalment(invoice_id=parts.id, position=position, due_on=later(20 * position), amount_minor=300))
    a_payment(session, parts, 350)
    planned = a_sale(session, customer, 600, -40)
    plan = PaymentPlan(seller_id=customer.seller_id, customer_id=customer.id, number="PL-1", currency="EUR", grace_days=2,
                       state="active", by="An", role="finance", proposed_at=MOMENT, started_on=later(-3))  # fmt: skip
    plan.parts += [PlanPart(position=at, due_on=later(14 * at), amount_minor=300) for at in (1, 2)]
    plan.invoices.append(PlannedInvoice(invoice_id=planned.id))
    session.add(plan)
    promise = a_promise(session, customer, "open", None, 550)  # 350 of it came
    promise.invoices.append(PromisedInvoice(invoice_id=parts.id))
    session.flush()
    items, disputed = open_items(session, customer.seller_id, DAY)
    assert sorted(item.minor for item in items) == [250, 300, 600, 600]
    assert disputed == {"EUR": 400}
    [one] = expected(session, customer.seller_id, DAY)
    assert (one.total, one.disputed) == (1_750, 400)
    by_week = {week.starts_on: week.likely for week in one.weeks if week.likely}
    assert by_week[later(7)] == 200  # the promise, on the 25th
    assert by_week[later(14)] >= 300  # the first part of the plan, on the 30th


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_of_a_full_and_of_an_empty_book_fills_its_columns(
    session: Session, customer: Customer, name: str
) -> None:
    report = report_named(name)
    assert list(report.rows(session, customer.seller_id, DAY)) == []
    a_dispute(session, a_sale(session, customer, 1_000, -40, paid=0))
    a_sale(session, customer, 500, -40)
    a_credit_note(session, customer, 100)
    a_promise(session, customer, "kept", -1)
    rows = list(report.rows(session, customer.seller_id, DAY))
    assert all(len(row) == len(report.columns) for row in rows)
    assert bool(rows) == (name not in ("causes", "complaints", "conversations", "informed", "lift", "reminders"))


def test_a_report_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(UnknownReport, match="ageing, ageing-customers"):
        report_named("aging")
