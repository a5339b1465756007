"""Finding the order or invoice a customer means, among their own and nobody else's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from o2c_core.invoices.invoice import Invoice
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment

_DIGITS_MIN = 3
# "Where is my order" is what is asked most, so this is put together once.
_LATEST_ORDER = (
    select(Order)
    .where(Order.customer_id == bindparam("customer_id"))
    .order_by(Order.ordered_on.desc().nulls_last(), Order.number.desc())
    .options(selectinload(Order.lines), selectinload(Order.shipments))
    .limit(1)
)


def bare(number: str) -> str:
    """A number as it is compared: letters and digits only, in capitals ("#so 10-03" is "SO1003")."""
    return re.sub(r"[^0-9A-Z]", "", number.upper())


def bare_column(column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]) -> ColumnElement[str]:
    """The same of a column, in the database."""
    return func.regexp_replace(func.upper(column), "[^0-9A-Z]", "", "g")


Numbered = TypeVar("Numbered", Order, Invoice)


def _best(found: list[Numbered], wanted: str) -> Numbered | None:
    """The one exactly so numbered, else the only one whose number ends so; two that could be meant are none."""
    exact = [one for one in found if bare(one.number) == wanted]
    if exact:
        return exact[0]
    return found[0] if len(found) == 1 else None


def find_order(session: Session, customer_id: UUID, number: str) -> Order | None:
    """The customer's order with that number, or with a shipment of that tracking number, or with that PO number."""
    wanted = bare(number)
    if not wanted:
        return None
    matches = bare_column(Order.number) == wanted
    if _digits(wanted):
        matches = or_(matches, bare_column(Order.number).endswith(wanted, autoescape=True))
    elif wanted.isdigit():
        matches = or_(matches, _ends_in(Order.number, wanted))
    query = (
        select(Order)
        .where(Order.customer_id == customer_id)
        .where(
            or_(
                matches,
                func.coalesce(bare_column(Order.purchase_order), "") == wanted,
                Order.shipments.any(bare_column(Shipment.tracking_number) == wanted),
            )
        )
        .options(selectinload(Order.lines), selectinload(Order.shipments))
        .limit(5)
    )
    found = list(session.scalars(query))
    return _best(found, wanted)


def find_invoice(session: Session, customer_id: UUID, number: str) -> Invoice | None:
    """The customer's invoice with that number."""
    wanted = bare(number)
    if not wanted:
        return None
    matches = bare_column(Invoice.number) == wanted
    if _digits(wanted):
        matches = or_(matches, bare_column(Invoice.number).endswith(wanted, autoescape=True))
    elif wanted.isdigit():
        matches = or_(matches, _ends_in(Invoice.number, wanted))
    query = select(Invoice).where(Invoice.customer_id == customer_id, matches).limit(5)
    return _best(list(session.scalars(query)), wanted)


def _ends_in(column: InstrumentedAttribute[str], wanted: str) -> ColumnElement[bool]:
    """Whether the last group of digits is that number: INV-2026-0042 is number 42, and INV-2026-0142 is not."""
    last = func.substring(column, "([0-9]+)[^0-9]*$")
    return and_(func.ltrim(last, "0") == wanted.lstrip("0"), func.length(column) > func.length(last))


def _digits(wanted: str) -> bool:
    """A tail is only good enough when it is all digits and long enough not to fit by chance."""
    return wanted.isdigit() and len(wanted) >= _DIGITS_MIN


def latest_order(session: Session, customer_id: UUID) -> Order | None:
    return session.scalars(_LATEST_ORDER, {"customer_id": customer_id}).one_or_none()


@dataclass(frozen=True)
class Meant:
    """What a number stands for on the customer's account: an order, an invoice, or neither."""

    order: Order | None = None
    invoice: Invoice | None = None


def find_document(session: Session, customer_id: UUID, number: str) -> Meant:
    invoice = find_invoice(session, customer_id, number)
    return Meant(invoice=invoice) if invoice else Meant(order=find_order(session, customer_id, number))
