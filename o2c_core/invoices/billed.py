"""What of an order has been invoiced, and what a customer has on order that has not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from o2c_core.invoices.invoice import Invoice, InvoiceLine
from o2c_core.money import Money
from o2c_core.orders.order import Order, OrderLine

_PROMISED = ("confirmed", "part_shipped", "shipped")


@dataclass(frozen=True)
class Billed:
    """The quantity invoiced of each order line by its id, and the invoices of the order that name none of its lines."""

    quantities: Mapping[UUID, Decimal]
    loose: tuple[str, ...]

    def of(self, line: OrderLine) -> Decimal:
        return self.quantities.get(line.id, Decimal(0))


def billed_of(session: Session, order: Order) -> Billed:
    """What has been invoiced of the order."""
    ids = [line.id for line in order.lines]
    # By way of the customer: its invoices are indexed, the pointers to order lines are not.
    of_order = (
        select(InvoiceLine.order_line_id, func.sum(InvoiceLine.quantity))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.customer_id == order.customer_id, InvoiceLine.order_line_id.in_(ids))
        .group_by(InvoiceLine.order_line_id)
    )
    points = select(InvoiceLine.id).where(InvoiceLine.invoice_id == Invoice.id, InvoiceLine.order_line_id.is_not(None))
    loose = select(Invoice.number).where(
        Invoice.customer_id == order.customer_id, Invoice.order_id == order.id, ~points.exists()
    )
    quantities = {line_id: Decimal(quantity) for line_id, quantity in session.execute(of_order) if line_id is not None}
    return Billed(quantities, tuple(session.scalars(loose.order_by(Invoice.number))))


def on_order(session: Session, customer_id: UUID, currency: str) -> Money:
    """What the customer's confirmed orders in that currency come to, tax included, as far as not invoiced.

    An order with an invoice that names none of its lines counts as invoiced. Delivered goods count where Parley
    confirmed the order: an imported history of deliveries is not a debt.
    """
    billed = (
        select(InvoiceLine.order_line_id.label("line_id"), func.sum(InvoiceLine.quantity).label("quantity"))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.customer_id == customer_id, InvoiceLine.order_line_id.is_not(None))
        .group_by(InvoiceLine.order_line_id)
        .subquery()
    )
    points = select(InvoiceLine.id).where(InvoiceLine.invoice_id == Invoice.id, InvoiceLine.order_line_id.is_not(None))
    loose = select(Invoice.id).where(Invoice.customer_id == customer_id, Invoice.order_id == Order.id, ~points.exists())
    left = func.greatest(
        OrderLine.quantity - OrderLine.cancelled_quantity - func.coalesce(billed.c.quantity, 0), Decimal(0)
    )
    share = OrderLine.amount_minor * left / func.nullif(OrderLine.quantity, 0)
    with_tax = share * (1 + func.coalesce(OrderLine.tax_rate, 0) / 100)
    query = (
        select(func.coalesce(func.sum(with_tax), 0))
        .join(Order, Order.id == OrderLine.order_id)
        .outerjoin(billed, billed.c.line_id == OrderLine.id)
        .where(
            Order.customer_id == customer_id,
            Order.currency == currency,
            or_(
                OrderLine.state.in_(_PROMISED),
                and_(OrderLine.state == "delivered", Order.confirmed_on.is_not(None)),
            ),
            ~loose.exists(),
        )
    )
    worth = Decimal(session.execute(query).scalar_one())
    return Money(int(worth.to_integral_value(ROUND_CEILING)), currency)
