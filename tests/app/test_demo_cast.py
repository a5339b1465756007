"""Everybody in the demo plays the part that the tour says, whatever the day and the seed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from app.demo import cast
from app.demo.history import write_history
from o2c_core.cases.dispute import Dispute
from o2c_core.clock import MovableClock
from o2c_core.customers.customer import Customer
from o2c_core.invoices.account import OpenInvoice, invoices_of, unapplied_of
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Allocation, Payment
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import days_delayed
from o2c_core.store.store import Store
from tests.conftest import NOON


@dataclass
class Demo:
    session: Session
    today: date

    def customer(self, ref: str) -> Customer:
        return self.session.scalars(select(Customer).where(Customer.ref == ref)).one()

    def open(self, ref: str) -> list[OpenInvoice]:
        return invoices_of(self.session, self.customer(ref).id, self.today, only_open=True)

    def last_order(self, ref: str) -> Order:
        orders = self.session.scalars(select(Order).where(Order.customer_id == self.customer(ref).id)).all()
        last = max(orders, key=lambda order: (order.ordered_on, order.number))
        assert [order.ordered_on for order in orders].count(last.ordered_on) == 1
        return last

    def payments(self, ref: str) -> list[Payment]:
        return list(self.session.scalars(select(Payment).where(Payment.customer_id == self.customer(ref).id)))


# A Monday; a Sunday just after New Year; the first of a month after a leap day.
@pytest.fixture(
    scope="module",
    params=[(date(2026, 3, 16), 2026), (date(2027, 1, 3), 7), (date(2028, 3, 1), 11)],
    ids=["monday", "new year", "leap day"],
)
def demo(request: pytest.FixtureRequest, shared_engine: Engine) -> Iterator[Demo]:
    today, seed = request.param
    with shared_engine.connect() as connection:
        outer = connection.begin()
        sessions = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        write_history(store=Store(sessions, MovableClock(NOON)), today=today, seed=seed)
        with sessions() as session:
            yield Demo(session, today)
        outer.rollback()


def test_customers_are_spread_over_four_countries_with_a_few_consumers(demo: Demo) -> None:
    customers = demo.session.scalars(select(Customer)).all()
    assert Counter(customer.country for customer in customers) == {"NL": 18, "GB": 8, "DE": 7, "FR": 7}
    assert Counter(customer.kind for customer in customers) == {"company": 35, "person": 5}
    assert {(c.country, c.language, c.currency) for c in customers} == {
        ("NL", "nl", "EUR"), ("GB", "en", "GBP"), ("DE", "de", "EUR"), ("FR", "fr", "EUR"),
    }  # fmt: skip


@pytest.mark.parametrize("line", [
    "BAKKERIJ_JANSEN  owes 2 invoices, late by 12",
    "HART_AND_SONS    owes 2 invoices, late by 34 6",
    "HOTEL_SEEBLICK   owes 0 invoices, late by none",
    "CAFE_DES_ARTS    owes 1 invoices, late by none",
    "SOPHIE_DE_WIT    owes 1 invoices, late by 9",
    "GREENFIELD       owes 1 invoices, late by 16",
    "NO_ADDRESS       owes 1 invoices, late by 10",
])  # fmt: skip
def test_the_named_customers_owe_exactly_what_their_part_says(demo: Demo, line: str) -> None:
    name, count, late = re.fullmatch(r"(\S+) +owes (\d+) invoices, late by (.+)", line).groups()  # type: ignore[union-attr]
    owed = demo.open(getattr(cast, name))
    assert len(owed) == int(count)
    assert [one.days_late for one in owed if one.days_late] == [int(days) for days in re.findall(r"\d+", late)]


@pytest.mark.parametrize(("language", "late_days"), cast.RUNGS)
def test_every_rung_has_somebody_to_write_to_in_every_language(demo: Demo, language: str, late_days: int) -> None:
    customer = demo.customer(cast.RUNGS[language, late_days])
    owed = demo.open(customer.ref)
    assert customer.language == language
    assert [(demo.today - one.invoice.due_on).days for one in owed] == [late_days]
    assert [address.is_usable for contact in customer.contacts for address in contact.addresses] == [True]
    order = demo.session.get_one(Order, owed[0].invoice.order_id)
    # A customer whose goods came late would rightly be left alone.
    assert [days_delayed(shipment, demo.today) for shipment in order.shipments] == [0]


def test_bakkerij_jansens_last_order_comes_tomorrow_with_postnl_and_is_the_invoice_not_yet_due(demo: Demo) -> None:
    order = demo.last_order(cast.BAKKERIJ_JANSEN)
    assert order.state == "shipped"
    [shipment] = order.shipments
    assert (shipment.carrier, shipment.delivered_on) == ("PostNL", None)
    assert shipment.expected_on == demo.today + timedelta(days=1)
    assert demo.open(cast.BAKKERIJ_JANSEN)[1].invoice.order_id == order.id


def test_bakkerij_jansen_paid_one_invoice_in_the_week_before(demo: Demo) -> None:
    recent = [one for one in demo.payments(cast.BAKKERIJ_JANSEN) if one.received_on >= demo.today - timedelta(days=7)]
    assert [payment.received_on for payment in recent] == [demo.today - timedelta(days=6)]


def test_hart_and_sons_paid_half_of_one_invoice_and_objects_to_part_of_another(demo: Demo) -> None:
    half, short = demo.open(cast.HART_AND_SONS)
    assert half.state == "overdue"
    assert half.open.currency == "GBP"
    assert 0 < half.open.minor < half.invoice.total_minor
    dispute = demo.session.scalars(select(Dispute)).one()
    assert (dispute.invoice_id, dispute.state, dispute.number) == (short.invoice.id, "open", "D-101")
    assert dispute.amount_minor == 3 * short.invoice.lines[0].amount_minor // 24 < short.invoice.total_minor


def test_hotel_seeblick_has_credit_that_is_not_set_against_anything(demo: Demo) -> None:
    credit = demo.session.scalars(select(CreditNote)).one()
    customer = demo.customer(cast.HOTEL_SEEBLICK)
    assert credit.customer_id == customer.id
    assert sum(line.amount_minor for line in credit.lines) == credit.total_minor
    assert unapplied_of(demo.session, customer.id) == {"EUR": credit.total_minor}
    assert demo.session.get_one(Invoice, credit.invoice_id).customer_id == customer.id


def test_cafe_des_arts_waits_for_a_parcel_that_should_have_come_three_days_ago(demo: Demo) -> None:
    [shipment] = demo.last_order(cast.CAFE_DES_ARTS).shipments
    assert shipment.delivered_on is None
    assert days_delayed(shipment, demo.today) == 3


def test_sophie_is_a_consumer_with_a_small_bill(demo: Demo) -> None:
    assert demo.customer(cast.SOPHIE_DE_WIT).kind == "person"
    assert demo.open(cast.SOPHIE_DE_WIT)[0].open.minor < 50_00


def test_addresses_are_missing_bounced_or_double_where_the_part_says_so(demo: Demo) -> None:
    def people(ref: str) -> list[tuple[str, list[bool]]]:
        contacts = demo.customer(ref).contacts
        return [(contact.role, [address.is_usable for address in contact.addresses]) for contact in contacts]

    assert people(cast.NO_ADDRESS) == [("accounts_payable", [])]
    assert people(cast.GREENFIELD) == [("accounts_payable", [False])]
    assert people(cast.TWO_CONTACTS) == [("accounts_payable", [True]), ("operations", [True])]
    [bounced] = demo.customer(cast.GREENFIELD).contacts[0].addresses
    assert bounced.failed_why is not None
    assert "mailbox does not exist" in bounced.failed_why


@pytest.mark.parametrize(("ref", "state"), [
    (cast.JUST_ORDERED, "ordered"),
    (cast.CONFIRMED, "confirmed"),
    (cast.PART_SHIPPED, "part_shipped"),
    (cast.DELIVERED_YESTERDAY, "delivered"),
])  # fmt: skip
def test_an_order_can_be_seen_at_every_step(demo: Demo, ref: str, state: str) -> None:
    order = demo.last_order(ref)
    assert order.state == state
    if state == "delivered":
        [shipment] = order.shipments
        assert shipment.delivered_on == demo.today - timedelta(days=1)
        assert shipment.received_by


def _paid_four_days_late(demo: Demo, ref: str) -> bool:
    paid = [
        (payment.received_on - invoice.due_on).days
        for payment, invoice in demo.session.execute(
            select(Payment, Invoice)
            .join(Allocation, Allocation.payment_id == Payment.id)
            .join(Invoice, Invoice.id == Allocation.invoice_id)
            .where(Payment.customer_id == demo.customer(ref).id)
        )
    ]
    return len(paid) >= 3 and set(paid) == {4}


def _has_a_part_paid_invoice_that_is_late(demo: Demo, ref: str) -> bool:
    return any(one.days_late and one.open < one.invoice.total for one in demo.open(ref))


def _paid_two_invoices_with_one_transfer(demo: Demo, ref: str) -> bool:
    uses = Counter(
        demo.session.scalars(
            select(Allocation.payment_id).where(Allocation.payment_id.in_([one.id for one in demo.payments(ref)]))
        )
    )
    return max(uses.values()) >= 2


def _has_money_left_over(demo: Demo, ref: str) -> bool:
    return unapplied_of(demo.session, demo.customer(ref).id).get("EUR", 0) > 0


def _paid_nothing_for_eight_weeks_but_did_before(demo: Demo, ref: str) -> bool:
    days = [payment.received_on for payment in demo.payments(ref)]
    return bool(days) and max(days) < demo.today - timedelta(days=56) and len(demo.open(ref)) >= 2


def _paid_weeks_late(demo: Demo, ref: str) -> bool:
    issued = {one.invoice.id: one.invoice for one in invoices_of(demo.session, demo.customer(ref).id, demo.today)}
    allocations = demo.session.scalars(select(Allocation).where(Allocation.invoice_id.in_(issued))).all()
    return bool(allocations) and all((a.allocated_on - issued[a.invoice_id].due_on).days >= 25 for a in allocations)


@pytest.mark.parametrize(("ref", "holds"), [
    (cast.ALWAYS_FOUR_DAYS_LATE, _paid_four_days_late),
    (cast.PAYS_IN_PARTS, _has_a_part_paid_invoice_that_is_late),
    (cast.PAYS_SEVERAL_AT_ONCE, _paid_two_invoices_with_one_transfer),
    (cast.OVERPAYS, _has_money_left_over),
    (cast.STOPPED_PAYING, _paid_nothing_for_eight_weeks_but_did_before),
    (cast.PAYS_VERY_LATE, _paid_weeks_late),
])  # fmt: skip
def test_payers_have_habits(demo: Demo, ref: str, holds: Callable[[Demo, str], bool]) -> None:
    assert holds(demo, ref)


def test_some_parcels_of_the_past_came_late(demo: Demo) -> None:
    orders = demo.session.scalars(select(Order)).all()
    came = [parcel for order in orders for parcel in order.shipments if parcel.delivered_on]
    late = [parcel for parcel in came if days_delayed(parcel, demo.today)]
    assert 0 < len(late) < len(came) // 5
    assert all(parcel.received_by for parcel in came)
