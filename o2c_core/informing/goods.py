"""What there is to tell of an order or a shipment as it is now, or why there is nothing to tell any more."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from o2c_core.informing.informed import Informed
from o2c_core.informing.late import MOVED, day_of
from o2c_core.informing.part import Delayed, Delivered, Goods, OrderConfirmed, Part, Shipped
from o2c_core.informing.why_not import WhyNot
from o2c_core.money import Money
from o2c_core.orders.order import Order, quantities_of
from o2c_core.orders.shipment import Shipment


def confirmed(order: Order) -> Part | WhyNot:
    wanted = [line for line in order.lines if line.state != "cancelled"]
    if not wanted or order.confirmed_on is None:
        return WhyNot.CANCELLED if order.lines and not wanted else WhyNot.CORRECTED
    here = {line.id: quantities_of(line, order.shipments) for line in wanted}
    if order.state in ("delivered", "returned"):
        return WhyNot.ARRIVED
    goods = tuple(Goods(line.quantity - here[line.id].cancelled, line.description) for line in wanted)
    net = sum(
        line.amount_of(Decimal(0), line.quantity - here[line.id].cancelled) for line in wanted
    )  # fmt: skip
    expected = order.expected_on if order.state != "shipped" else None
    return OrderConfirmed(order.number, expected, goods, Money(net, order.currency), order.purchase_order)


def shipped(shipment: Shipment, order: Order, row: Informed) -> Part | WhyNot:  # noqa: ARG001 (all are asked alike)
    if shipment.delivered_on is not None:
        return WhyNot.ARRIVED
    if shipment.shipped_on is None:
        return WhyNot.CORRECTED
    names = {line.id: line.description for line in order.lines}
    goods = tuple(Goods(part.quantity, names[part.order_line_id]) for part in shipment.lines)
    has_rest = any(quantities_of(line, order.shipments).open > 0 for line in order.lines)
    return Shipped(
        order.number, shipment.tracking_number, shipment.carrier, shipment.expected_on, goods, has_rest
    )  # fmt: skip


def delivered(shipment: Shipment, order: Order, row: Informed) -> Part | WhyNot:  # noqa: ARG001
    if shipment.delivered_on is None:
        return WhyNot.CORRECTED
    return Delivered(order.number, shipment.tracking_number, shipment.delivered_on)


def shipment_delayed(shipment: Shipment, order: Order, row: Informed) -> Part | WhyNot:
    if shipment.delivered_on is not None:
        return WhyNot.ARRIVED
    return _late(order, shipment.expected_on, row, shipment.tracking_number)


def order_delayed(order: Order, row: Informed) -> Part | WhyNot:
    if order.state in ("cancelled", "returned"):
        return WhyNot.CANCELLED
    if not any(quantities_of(line, order.shipments).open > 0 for line in order.lines):
        return WhyNot.LEFT
    return _late(order, order.expected_on, row, None)


def _late(order: Order, expected_on: date | None, row: Informed, tracking: str | None) -> Part | WhyNot:
    how, day = day_of(row.about)
    was_on = row.was_on
    if was_on is None or expected_on != day:
        return WhyNot.OVERTAKEN
    return Delayed(order.number, was_on, day if how == MOVED else None, tracking)
