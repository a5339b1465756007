"""Where orders are."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from bot.desk import Desk
from bot.tools.documents import find_invoice, find_order, latest_order
from bot.tools.tool import LAST, OfDocument, Tool
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment, days_delayed

ORDERS_SHOWN = 5
_UNDELIVERED = ("ordered", "confirmed", "shipped", "part_shipped")


def order_status(desk: Desk, number: str | None) -> str:
    """The state of the order, its shipments and when they come; a late one is said to be late first."""
    customer_id = _customer(desk)
    with desk.store.session() as session:
        if number is None or number == LAST:
            order = latest_order(session, customer_id)
            if order is None:
                return desk.say("order.none")
        else:
            order = find_order(session, customer_id, number)
            if order is None:
                invoice = find_invoice(session, customer_id, number)
                if invoice is None or invoice.order_id is None:
                    return desk.say("not_on_account")
                order = session.get_one(Order, invoice.order_id)
        return " ".join([_state(desk, order), *(_shipment(desk, order, shipment) for shipment in order.shipments)])


def proof_of_delivery(desk: Desk, number: str | None) -> str:
    """Who received the order and when."""
    customer_id = _customer(desk)
    with desk.store.session() as session:
        latest = number is None or number == LAST
        order = latest_order(session, customer_id) if latest else find_order(session, customer_id, str(number))
        if order is None:
            return desk.say("order.none" if latest else "not_on_account")
        said = [_state(desk, order), *(_shipment(desk, order, shipment) for shipment in order.shipments)]
        delivered = [shipment for shipment in order.shipments if shipment.delivered_on]
        if delivered and not any(shipment.received_by for shipment in delivered):
            said.append(desk.say("order.no_proof"))
        return " ".join(said)


def list_orders(desk: Desk) -> str:
    """The latest orders, newest first, each with its state."""
    customer_id = _customer(desk)
    with desk.store.session() as session:
        query = (
            select(Order)
            .where(Order.customer_id == customer_id)
            .order_by(Order.ordered_on.desc().nulls_last(), Order.number.desc())
            .options(selectinload(Order.lines))
            .limit(ORDERS_SHOWN)
        )
        orders = list(session.scalars(query))
        if not orders:
            return desk.say("order.none")
        rows = [_row(desk, order) for order in orders]
        if len(orders) == ORDERS_SHOWN:
            counted = select(func.count()).select_from(Order).where(Order.customer_id == customer_id)
            left = session.execute(counted).scalar_one() - ORDERS_SHOWN
            if left:
                rows.append(desk.say("order.more", count=desk.facts.count(left, "orders on the account")))
        return "\n".join([desk.say("order.list"), *rows])


def _customer(desk: Desk) -> UUID:
    assert desk.customer is not None  # Tool.__call__ turns strangers away
    return desk.customer.id


def _row(desk: Desk, order: Order) -> str:
    source = f"order {order.number}"
    number = desk.facts.text(order.number, source)
    state = desk.facts.text(desk.word(f"order.states.{order.state}"), f"{source} state")
    if order.ordered_on is None:
        return desk.say("order.row", number=number, state=state)
    ordered_on = desk.facts.day(order.ordered_on, f"{source} date")
    return desk.say("order.row_dated", number=number, state=state, ordered_on=ordered_on)


def _state(desk: Desk, order: Order) -> str:
    source = f"order {order.number}"
    number = desk.facts.text(order.number, source)
    expected_on = _expected(order)
    if order.state in _UNDELIVERED and expected_on is not None and expected_on < desk.today:
        return desk.say("order.late", number=number, expected_on=desk.facts.day(expected_on, f"{source} expected"))
    if order.state == "ordered":
        if order.ordered_on is None:
            return desk.say("order.ordered_undated", number=number)
        return desk.say("order.ordered", number=number, ordered_on=desk.facts.day(order.ordered_on, f"{source} date"))
    if order.state == "confirmed" and order.expected_on is not None:
        expected = desk.facts.day(order.expected_on, f"{source} expected")
        return desk.say("order.confirmed_expected", number=number, expected_on=expected)
    return desk.say(f"order.{order.state}", number=number)


def _expected(order: Order) -> date | None:
    """The latest day anything still under way should have come; the order's own day when nothing has left yet."""
    under_way = [one.expected_on for one in order.shipments if one.delivered_on is None and one.expected_on]
    return max(under_way) if under_way else order.expected_on


def _shipment(desk: Desk, order: Order, shipment: Shipment) -> str:
    facts = desk.facts
    source = f"shipment {shipment.tracking_number} of order {order.number}"
    tracking = facts.text(shipment.tracking_number, source)
    if shipment.carrier is None:
        said = [desk.say("order.shipment_undated", tracking=tracking)]
    elif shipment.shipped_on is None:
        said = [
            desk.say(
                "order.shipment_with", tracking=tracking, carrier=facts.text(shipment.carrier, f"{source} carrier")
            )
        ]
    else:
        said = [
            desk.say(
                "order.shipment",
                tracking=tracking,
                carrier=facts.text(shipment.carrier, f"{source} carrier"),
                shipped_on=facts.day(shipment.shipped_on, f"{source} shipped"),
            )
        ]
    if shipment.delivered_on is not None:
        delivered_on = facts.day(shipment.delivered_on, f"{source} delivered")
        if shipment.received_by:
            receiver = facts.text(shipment.received_by, f"{source} received by")
            said.append(desk.say("order.received_by", delivered_on=delivered_on, received_by=receiver))
        else:
            said.append(desk.say("order.delivered_on", delivered_on=delivered_on))
    elif shipment.expected_on is not None and days_delayed(shipment, desk.today) == 0:
        said.append(desk.say("order.expected", expected_on=facts.day(shipment.expected_on, f"{source} expected")))
    return " ".join(said)


TOOLS = (
    Tool("order_status", "State and shipment of one order. Without a number: the latest.", order_status, OfDocument),
    Tool("list_orders", "The customer's most recent orders.", list_orders),
    Tool("proof_of_delivery", "Who received an order and when.", proof_of_delivery, OfDocument),
)
