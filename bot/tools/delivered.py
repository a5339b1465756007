"""What our own record says was delivered of an invoice, for whoever says that it was not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from o2c_core.invoices.invoice import Invoice, InvoiceLine
from o2c_core.orders.order import Order, OrderLine, quantities_of
from o2c_core.orders.shipment import Shipment


@dataclass(frozen=True)
class Delivered:
    """What arrived last and when; `quantity` is of one line, None where the whole order is meant."""

    order: str
    on: date
    received_by: str | None = None
    quantity: Decimal | None = None


def delivered(session: Session, invoice: Invoice, line: InvoiceLine | None = None) -> Delivered | None:
    """The last delivery of what the invoice is for, with how much of the line arrived in all; None where our record has
    no delivery, or does not say what was in it."""
    order = _order_of(session, invoice, line)
    if order is None:
        return None
    shipments = [one for one in order.shipments if invoice.shipment_id in (None, one.id)]
    arrived = [one for one in shipments if one.delivered_on is not None]
    if not arrived:
        return None
    last = max(arrived, key=lambda one: one.delivered_on or date.min)
    assert last.delivered_on is not None  # those that arrived have their day
    if line is None:
        if len(arrived) < len(shipments):
            return None
        return Delivered(order.number, last.delivered_on, last.received_by)
    ordered = next((one for one in order.lines if one.id == line.order_line_id), None)
    if ordered is None:
        return None
    quantity = quantities_of(ordered, shipments).delivered
    holding = [one for one in arrived if not one.lines or any(part.order_line_id == ordered.id for part in one.lines)]
    if quantity <= 0 or not holding:
        return None
    last = max(holding, key=lambda one: one.delivered_on or date.min)
    assert last.delivered_on is not None
    return Delivered(order.number, last.delivered_on, last.received_by, min(quantity, line.quantity))


def _order_of(session: Session, invoice: Invoice, line: InvoiceLine | None) -> Order | None:
    query = select(Order).where(Order.customer_id == invoice.customer_id)
    if line is not None and line.order_line_id is not None:
        query = query.where(Order.lines.any(OrderLine.id == line.order_line_id))
    elif invoice.order_id is not None:
        query = query.where(Order.id == invoice.order_id)
    else:
        return None
    loaded = query.options(selectinload(Order.lines), selectinload(Order.shipments).selectinload(Shipment.lines))
    return session.scalars(loaded).one_or_none()
