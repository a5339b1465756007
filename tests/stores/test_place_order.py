"""An order is placed once, with a number, and confirmed at once only within the customer's credit."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.cancel_lines import cancel_lines
from o2c_core.actions.confirm_order import NotWithinCredit, OrderIsOver, confirm_order
from o2c_core.actions.issue_invoice import Billing, issue_invoice
from o2c_core.actions.place_order import (
    NoSuchSite,
    NotANumber,
    NotAPrice,
    NothingOrdered,
    OrderNumberTaken,
    Purchase,
    place_order,
)
from o2c_core.actions.ship_order import (
    Departure,
    ship_order,
)
from o2c_core.customers.customer import Customer
from o2c_core.customers.site import Site
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.tax import NoSuchTaxCategory, TaxRateWrong
from o2c_core.keys import new_key
from o2c_core.orders.order import NoSuchOrder, Order
from o2c_core.orders.states import NotAQuantity, NotConfirmed
from o2c_core.store.store import Store
from tests.build import DAY, a_payment, an_invoice, an_order
from tests.stores.ordering import AUTOMATIC, a_purchase, buying, flour, held, trail


def test_a_placed_order_keeps_what_was_asked_for(store: Store, session: Session) -> None:
    customer = buying(session)
    site = Site(customer_id=customer.id, ref="NORTH", name="North bakery")
    session.add(site)
    session.commit()
    purchase = a_purchase(
        customer, flour("2.5", "0.333333"), purchase_order=" PO 7 ", site_ref="NORTH", expected_on=DAY
    )
    order = place_order(purchase, store=store, by="assistant", why="asked in the chat", message_id=new_key())
    assert (order.purchase_order, order.site_id, order.expected_on) == ("PO 7", site.id, DAY)
    assert [(line.amount_minor, line.tax_category, line.tax_rate) for line in order.lines] == [(83, "S", 21)]
    line = trail(session, "order placed")[0]
    assert (line.who, line.why, line.details["amount"]) == ("assistant", "asked in the chat", "1.00 EUR")


@pytest.mark.parametrize("number", [None, "ERP-77"])
def test_the_same_order_placed_again_is_the_order_that_is_there(
    store: Store, session: Session, number: str | None
) -> None:
    customer = buying(session)
    message_id = new_key() if number is None else None
    purchase = a_purchase(customer, number=number)
    orders = [place_order(purchase, store=store, by="Eva", message_id=message_id) for _ in range(3)]
    assert len({order.id for order in orders}) == 1
    assert len(trail(session, "order placed")) == 1


def test_a_number_with_other_content_is_refused(store: Store, session: Session) -> None:
    customer = buying(session)
    place_order(a_purchase(customer, flour(), number="ERP-77"), store=store, by="Eva")
    for other in (
        a_purchase(customer, flour("11"), number="ERP-77"),
        a_purchase(customer, flour(), number="ERP-77", purchase_order="PO 9"),
        a_purchase(customer, flour(), number="ERP-77", ordered_on=DAY - timedelta(days=1)),
    ):
        with pytest.raises(OrderNumberTaken, match="another order with the number ERP-77"):
            place_order(other, store=store, by="Eva")


def test_one_message_can_place_two_different_orders(store: Store, session: Session) -> None:
    customer = buying(session)
    message_id = new_key()
    one, other = (
        place_order(a_purchase(customer, flour(quantity)), store=store, by="Eva", message_id=message_id)
        for quantity in ("1", "2")
    )
    assert one.id != other.id


@pytest.mark.parametrize(
    ("change", "failure"),
    [
        (lambda c: Purchase(c.id, ()), NothingOrdered),
        (lambda _: Purchase(new_key(), (flour(),)), NotFound),
        (lambda c: a_purchase(c, flour("0")), NotAQuantity),
        (lambda c: a_purchase(c, flour("-1")), NotAQuantity),
        (lambda c: a_purchase(c, flour("1.0001")), NotAQuantity),
        (lambda c: a_purchase(c, flour(price="-0.01")), NotAPrice),
        (lambda c: a_purchase(c, flour(price="NaN")), NotAPrice),
        (lambda c: a_purchase(c, flour(price="0.0000001")), NotAPrice),
        (lambda c: a_purchase(c, flour(tax_category="Q")), NoSuchTaxCategory),
        (lambda c: a_purchase(c, flour(tax_category="AE")), TaxRateWrong),
        (lambda c: a_purchase(c, flour(tax_category=None)), TaxRateWrong),
        (lambda c: a_purchase(c, number=" "), NotANumber),
        (lambda c: a_purchase(c, number="9" * 101), NotANumber),
        (lambda c: a_purchase(c, site_ref="MOON"), NoSuchSite),
        (lambda c: a_purchase(c, currency="EURO"), Refused),
    ],
)
def test_what_cannot_be_ordered_is_refused_and_leaves_nothing(
    store: Store, session: Session, change: Callable[[Customer], Purchase], failure: type[Refused]
) -> None:
    purchase = change(buying(session))
    with pytest.raises(failure):
        place_order(purchase, store=store, by="Eva")
    assert trail(session) == []
    assert session.scalars(select(Order)).all() == []


@pytest.mark.parametrize(
    ("limit", "owed", "price", "outcome"),
    [
        (None, 0, "1000.00", "confirmed"),
        (121_00, 0, "100.00", "confirmed"),
        (120_99, 0, "100.00", "above the credit limit of 120.99 EUR"),
        (200_00, 79_00, "100.00", "confirmed"),
        (200_00, 79_01, "100.00", "with 79.01 EUR owed or on order already, 121.00 EUR more is above"),
        (0, 0, "0.00", "confirmed"),
    ],
)
def test_an_order_within_the_credit_limit_is_confirmed_at_once_and_another_waits(
    store: Store, session: Session, limit: int | None, owed: int, price: str, outcome: str
) -> None:
    customer = buying(session, AUTOMATIC, credit_limit_minor=limit)
    if owed:
        an_invoice(session, customer, total_minor=owed)
        session.commit()
    order = place_order(a_purchase(customer, flour("1", price)), store=store, by="Eva")
    if outcome == "confirmed":
        assert order.state == "confirmed"
        assert order.confirmed_on == DAY
    else:
        assert order.state == "ordered"
        assert outcome in trail(session, "order waits")[0].why


def test_orders_on_their_way_use_up_credit_until_they_are_invoiced_or_cancelled(store: Store, session: Session) -> None:
    customer = buying(session, AUTOMATIC, credit_limit_minor=250_00)
    taken = [
        place_order(a_purchase(customer, flour("1", "100.00")), store=store, by="Eva", message_id=new_key())
        for _ in range(3)
    ]
    assert [order.state for order in taken] == ["confirmed", "confirmed", "ordered"]
    cancel_lines(taken[0].id, store=store, by="Eva", why="not needed")
    assert confirm_order(taken[2].id, store=store, by="Eva").state == "confirmed"


@pytest.mark.parametrize("freed", ["half was cancelled", "half was invoiced and paid"])
def test_what_was_cancelled_or_invoiced_is_no_longer_on_order(store: Store, session: Session, freed: str) -> None:
    customer = buying(session, AUTOMATIC, credit_limit_minor=242_00)
    order = place_order(a_purchase(customer, flour("2", "100.00")), store=store, by="Eva")
    if freed == "half was cancelled":
        cancel_lines(order.id, {1: Decimal(1)}, store=store, by="Eva", why="not needed")
    else:
        ship_order(Departure(order.id, "3S1", quantities={1: Decimal(1)}), store=store, by="Bas")
        invoice = issue_invoice(Billing(order_id=order.id), store=store, by="Eva")
        a_payment(session, invoice, invoice.total_minor)
        session.commit()
    more, too_much = (
        place_order(a_purchase(customer, flour("1", price)), store=store, by="Eva") for price in ("100.00", "0.01")
    )
    assert (more.state, too_much.state) == ("confirmed", "ordered")


def test_what_is_invoiced_is_owed_and_not_also_on_order(store: Store, session: Session) -> None:
    customer = buying(session, AUTOMATIC, credit_limit_minor=242_00)
    order = place_order(a_purchase(customer, flour("1", "100.00")), store=store, by="Eva")
    ship_order(Departure(order.id, "3S1"), store=store, by="Bas")
    issue_invoice(Billing(order_id=order.id), store=store, by="Eva")
    assert place_order(a_purchase(customer, flour("1", "100.00")), store=store, by="Eva").state == "confirmed"


def test_an_imported_history_of_deliveries_uses_no_credit(store: Store, session: Session) -> None:
    customer = buying(session, AUTOMATIC, credit_limit_minor=10_00)
    an_order(session, customer, states=("delivered", "delivered"))
    invoiced = an_order(session, customer, states=("shipped",))
    an_invoice(session, customer, total_minor=100, order_id=invoiced.id)
    session.commit()
    assert place_order(a_purchase(customer, flour("1", "7.00")), store=store, by="Eva").state == "confirmed"


def test_an_order_waits_while_a_credit_hold_runs_unless_somebody_says_why_not(store: Store, session: Session) -> None:
    customer = buying(session, AUTOMATIC)
    held(session, customer, "credit")
    order = place_order(a_purchase(customer), store=store, by="Eva")
    assert order.state == "ordered"
    assert "two months late" in trail(session, "order waits")[0].why
    with pytest.raises(NotWithinCredit, match="a credit hold is running: two months late"):
        confirm_order(order.id, store=store, by="Eva")
    assert confirm_order(order.id, store=store, by="Eva", despite="paid in cash").state == "confirmed"
    told = trail(session, "order confirmed")[0].details["nevertheless"]
    assert told == {"despite": "paid in cash", "against": "a credit hold is running: two months late"}


def test_a_hold_that_is_over_or_about_something_else_keeps_nothing_waiting(store: Store, session: Session) -> None:
    customer = buying(session, AUTOMATIC)
    held(session, customer, "reminders")
    held(session, customer, "credit", until_on=DAY - timedelta(days=1))
    assert place_order(a_purchase(customer), store=store, by="Eva").state == "confirmed"


def test_a_seller_who_confirms_by_hand_is_waited_for(store: Store, session: Session) -> None:
    customer = buying(session)
    order = place_order(a_purchase(customer), store=store, by="Eva")
    assert order.state == "ordered"
    with pytest.raises(NotConfirmed):
        ship_order(Departure(order.id, "3S1"), store=store, by="Bas")
    for _ in range(2):
        assert confirm_order(order.id, store=store, by="Eva").confirmed_on == DAY
    assert len(trail(session, "order confirmed")) == 1


def test_a_cancelled_order_is_not_confirmed_and_an_unknown_one_not_found(store: Store, session: Session) -> None:
    order = place_order(a_purchase(buying(session)), store=store, by="Eva")
    cancel_lines(order.id, store=store, by="Eva", why="changed their mind")
    with pytest.raises(OrderIsOver):
        confirm_order(order.id, store=store, by="Eva")
    with pytest.raises(NoSuchOrder):
        confirm_order(new_key(), store=store, by="Eva")


def test_two_orders_at_once_cannot_both_use_the_same_credit(own_store: Store) -> None:
    with own_store.session() as session:
        customer = buying(session, AUTOMATIC, credit_limit_minor=300_00)
    ready = Barrier(6)

    def order(number: int) -> str:
        ready.wait()
        return place_order(
            a_purchase(customer, flour("1", "100.00"), number=f"E{number}"), store=own_store, by="E"
        ).state

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(order, range(6))) == ["confirmed"] * 2 + ["ordered"] * 4
