"""`parley ship`: goods of an order leave, where no other system says so; the customer is told of it."""

from __future__ import annotations

import sys
from datetime import date
from typing import Annotated

import typer
from sqlalchemy import select

from app.installation import opened_store
from o2c_core.actions.ship_order import Departure, ship_order
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.orders.order import Order


class NotADay(Refused):
    """A day is written as year-month-day, for instance 2026-03-31."""


def ship(
    order: Annotated[str, typer.Argument(help="The order, by its number; all of it that has not left yet.")],
    tracking: Annotated[str, typer.Option(help="The tracking number.")],
    carrier: Annotated[str | None, typer.Option(help="Who carries it.")] = None,
    expected: Annotated[str | None, typer.Option(help="The day it should arrive: 2026-03-31.")] = None,
    seller: Annotated[str | None, typer.Option(help="The seller, where several have an order of that number.")] = None,
) -> None:
    """Let goods leave. The same tracking number again changes nothing."""
    expected_on = _day(expected) if expected else None
    with opened_store() as store:
        with store.session() as session:
            query = select(Order.id).join(Seller, Seller.id == Order.seller_id).where(Order.number == order)
            found = session.scalars(query.where(Seller.ref == seller) if seller else query).all()
        if len(found) != 1:
            raise NotFound(
                f"There is no order {order} here."
                if not found
                else f"Several sellers have an order {order}; say --seller."
            )
        departure = Departure(found[0], tracking, carrier, expected_on=expected_on)
        shipment = ship_order(departure, store=store, by="the command line")
    sys.stdout.write(f"Order {order} left on {shipment.shipped_on}, tracking {shipment.tracking_number}.\n")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as odd:
        raise NotADay(text=text) from odd
