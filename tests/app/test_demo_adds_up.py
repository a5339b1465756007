"""The demo's bookkeeping adds up, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import phonenumbers
import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from app.demo.history import write_history
from o2c_core.clock import MovableClock
from o2c_core.customers.contact import Address
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Allocation, Payment
from o2c_core.money import Money
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.conftest import NOON

TODAY = date(2026, 3, 16)


@pytest.fixture(scope="module")
def demo(shared_engine: Engine) -> Iterator[Session]:
    """One history for the whole file, which only looks at it."""
    with shared_engine.connect() as connection:
        outer = connection.begin()
        sessions = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        write_history(store=Store(sessions, MovableClock(NOON)), today=TODAY)
        with sessions() as session:
            yield session
        outer.rollback()


def test_every_invoice_adds_up_from_its_lines(demo: Session) -> None:
    invoices = demo.scalars(select(Invoice)).all()
    assert len(invoices) > 200
    for invoice in invoices:
        for line in invoice.lines:
            assert Money.rounded(line.quantity * line.unit_price, invoice.currency).minor == line.amount_minor
        assert sum(line.amount_minor for line in invoice.lines) == invoice.net_minor > 0
        assert invoice.net_minor + invoice.tax_minor == invoice.total_minor
        assert invoice.due_on == invoice.issued_on + timedelta(days=invoice.terms_days)


def test_tax_is_dutch_at_home_and_nothing_for_companies_abroad(demo: Session) -> None:
    for invoice, customer in demo.execute(select(Invoice, Customer).join(Customer, Customer.id == Invoice.customer_id)):
        percent = round(100 * invoice.tax_minor / invoice.net_minor)
        assert percent == {"NL": 21, "GB": 0}.get(customer.country, 0 if customer.kind == "company" else percent)


def test_an_invoice_bills_what_was_sent_of_its_order_and_nothing_else(demo: Session) -> None:
    billed = {invoice.order_id: invoice for invoice in demo.scalars(select(Invoice))}
    for order in demo.scalars(select(Order)):
        sent = [line.id for line in order.lines if line.state in ("shipped", "delivered")]
        assert bool(sent) == bool(order.shipments) == (order.id in billed)
        if sent:
            assert [line.order_line_id for line in billed[order.id].lines] == sent
            assert billed[order.id].currency == order.currency


@pytest.mark.parametrize("source", [Allocation.payment_id, Allocation.credit_note_id, Allocation.invoice_id])
def test_no_more_is_allocated_than_there_is(demo: Session, source: InstrumentedAttribute[Any]) -> None:
    amounts = {row.id: row.amount_minor for row in demo.scalars(select(Payment))}
    amounts |= {row.id: row.total_minor for row in demo.scalars(select(CreditNote))}
    amounts |= {row.id: row.total_minor for row in demo.scalars(select(Invoice))}
    for key, minor in demo.execute(select(source, func.sum(Allocation.amount_minor)).group_by(source)):
        assert key is None or minor <= amounts[key]


def test_money_is_set_against_the_payers_own_invoices_in_their_currency(demo: Session) -> None:
    rows = demo.execute(
        select(Payment, Invoice)
        .join(Allocation, Allocation.payment_id == Payment.id)
        .join(Invoice, Invoice.id == Allocation.invoice_id)
    ).all()
    assert len(rows) > 150
    for payment, invoice in rows:
        assert (payment.customer_id, payment.currency) == (invoice.customer_id, invoice.currency)
        assert invoice.issued_on < payment.received_on < TODAY
        assert invoice.number in (payment.reference or "")


def test_nothing_has_happened_yet_that_lies_after_today(demo: Session) -> None:
    for column in (Order.ordered_on, Invoice.issued_on, Shipment.shipped_on, Shipment.delivered_on):
        assert all(day is None or day <= TODAY for day in demo.scalars(select(column)))
    assert all(at < NOON for at in demo.scalars(select(TrailLine.at)))


def test_orders_and_invoices_are_numbered_without_a_gap_in_the_order_of_their_days(demo: Session) -> None:
    orders = demo.scalars(select(Order).order_by(Order.id)).all()
    assert [order.number for order in orders] == [f"SO-{number}" for number in range(1001, 1001 + len(orders))]
    days = [order.ordered_on or TODAY for order in orders]
    assert days == sorted(days)
    invoices = demo.scalars(select(Invoice).order_by(Invoice.id)).all()
    days = [invoice.issued_on for invoice in invoices]
    assert days == sorted(days)
    for year, of_year in groupby(invoices, key=lambda invoice: invoice.issued_on.year):
        numbers = [invoice.number for invoice in of_year]
        assert numbers == [f"INV-{year}-{number:04}" for number in range(1, len(numbers) + 1)]


def test_it_tells_of_six_months(demo: Session) -> None:
    first = demo.scalar(select(func.min(Order.ordered_on)))
    assert first is not None
    assert 170 <= (TODAY - first).days <= 184


def test_no_address_can_reach_anybody_by_accident(demo: Session) -> None:
    for address in demo.scalars(select(Address)):
        if address.channel == "email":
            assert address.value.endswith(".example")
            continue
        number = phonenumbers.parse(address.value)
        drama = address.value.startswith(("+447700900", "+491713920"))
        assert drama or number.country_code == 31


def test_one_line_of_the_trail_says_what_was_written(demo: Session) -> None:
    line = demo.scalars(select(TrailLine).where(TrailLine.who == "system")).one()
    assert (line.what, line.why, line.who) == ("demo history written", "parley demo, seed 2026", "system")
    assert line.details["invoices"] == demo.scalar(select(func.count()).select_from(Invoice))
    assert line.details["customers"] == 40
