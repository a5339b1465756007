"""What happens in the world between two messages of a scenario: money arrives, goods leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.turn import House
from o2c_core.actions.confirm_order import confirm_order
from o2c_core.actions.record_payment import record_payment
from o2c_core.actions.ship_order import Departure, ship_order
from o2c_core.clock import today
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.orders.order import Order


class NothingHappens(NotFound):
    """A scenario knows of "paid" and "shipped", each followed by the number of a document."""


def happen(house: House, what: str) -> None:
    """`paid INV-2026-0042` or `shipped SO-1004`. Raises: NothingHappens."""
    verb, _, number = what.partition(" ")
    if verb not in _HAPPENS:
        raise NothingHappens(what=what)
    _HAPPENS[verb](house, number)


def _paid(house: House, number: str) -> None:
    with house.store.session() as session:
        invoice, minor = session.execute(select(Invoice, open_minor()).where(Invoice.number == number)).one()
        day = _day(house, session)
    still = Money(minor, invoice.currency)
    record_payment(
        invoice.customer_id, still, day, source_key=f"meanwhile-{number}", store=house.store,
        wanted={invoice.id: still},
    )  # fmt: skip


def _shipped(house: House, number: str) -> None:
    with house.store.session() as session:
        order = session.scalars(select(Order).where(Order.number == number)).one()
    confirm_order(order.id, store=house.store, by="tester")
    ship_order(Departure(order.id, f"3SNOW{number[3:]}", "PostNL"), store=house.store, by="tester")


def _day(house: House, session: Session) -> date:
    return today(house.store.clock, session.scalars(select(Seller.time_zone)).one())


_HAPPENS: Mapping[str, Callable[[House, str], None]] = {"paid": _paid, "shipped": _shipped}
