"""What is objected to, line by line: ordered, shipped, delivered and billed side by side, and the price on order and invoice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.dispute import Dispute, DisputeLine
from o2c_core.documents.figures import Figures
from o2c_core.invoices.invoice import Invoice, InvoiceLine
from o2c_core.money import Money
from o2c_core.orders.order import Order, OrderLine, quantities_of
from o2c_core.orders.shipment import Shipment
from o2c_core.orders.states import Quantities


@dataclass(frozen=True)
class LineSeen:
    """One billed line beside what the order and its shipments say of it; None where there is no order line behind it."""

    position: int
    sku: str
    description: str
    ordered: Decimal | None
    shipped: Decimal | None
    delivered: Decimal | None
    billed: Decimal
    price_ordered: Decimal | None
    price_billed: Decimal
    amount: Money
    is_disputed: bool
    disputed_quantity: Decimal | None
    disputed: Money | None

    @property
    def is_short(self) -> bool:
        """More was billed than arrived, as far as anybody knows what arrived."""
        return self.delivered is not None and self.billed > self.delivered

    @property
    def is_dearer(self) -> bool:
        return self.price_ordered is not None and self.price_billed > self.price_ordered

    @property
    def says(self) -> str:
        """What the three do not agree on, in words; empty where they do."""
        said = []
        if self.ordered is not None and self.billed > self.ordered:
            said.append("more billed than ordered")
        if self.is_short:
            said.append("more billed than delivered")
        if self.is_dearer:
            said.append("billed above the order's price")
        return ", ".join(said)


@dataclass(frozen=True)
class Matched:
    """The lines of the invoice, those disputed first, with the orders and shipments behind them."""

    lines: Sequence[LineSeen]
    orders: Sequence[Order]

    @property
    def shipments(self) -> Sequence[tuple[Order, Shipment]]:
        return [(order, one) for order in self.orders for one in order.shipments]

    @property
    def disputed(self) -> Sequence[LineSeen]:
        return [line for line in self.lines if line.is_disputed]

    @property
    def articles(self) -> tuple[str, ...]:
        """The articles it is about: of the disputed lines, or of all where no line is named."""
        return tuple(dict.fromkeys(line.sku for line in self.disputed or self.lines if line.sku))

    @property
    def carriers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.carrier for _, one in self.shipments if one.carrier))


def matched(session: Session, invoice: Invoice, dispute: Dispute | None) -> Matched:
    """The three-way look at that invoice, with what the dispute names of it."""
    orders = _orders(session, invoice)
    behind: dict[UUID, tuple[OrderLine, Quantities]] = {
        line.id: (line, quantities_of(line, order.shipments)) for order in orders for line in order.lines
    }
    claimed = {one.invoice_line_id: one for one in dispute.lines} if dispute else {}
    lines = [_line(line, invoice.currency, behind, claimed) for line in invoice.lines]
    return Matched(sorted(lines, key=lambda line: (not line.is_disputed, line.position)), orders)


def of_order(session: Session, order_id: UUID) -> Matched:
    """What a complaint about an order has to show: its shipments."""
    query = select(Order).where(Order.id == order_id).options(selectinload(Order.shipments))
    return Matched((), [session.scalars(query).one()])


def quantity(figures: Figures, number: Decimal | None) -> str:
    return "–" if number is None else figures.quantity(number)


def _orders(session: Session, invoice: Invoice) -> list[Order]:
    ids = {invoice.order_id} if invoice.order_id else set()
    lines = [line.order_line_id for line in invoice.lines if line.order_line_id]
    of_lines = select(OrderLine.order_id).where(OrderLine.id.in_(lines))
    query = (
        select(Order)
        .where(Order.id.in_(ids) | Order.id.in_(of_lines))
        .options(selectinload(Order.lines), selectinload(Order.shipments).selectinload(Shipment.lines))
        .order_by(Order.number)
    )
    return list(session.scalars(query))


def _line(
    line: InvoiceLine,
    currency: str,
    behind: Mapping[UUID, tuple[OrderLine, Quantities]],
    claimed: Mapping[UUID, DisputeLine],
) -> LineSeen:
    found = behind.get(line.order_line_id) if line.order_line_id else None
    said = claimed.get(line.id)
    return LineSeen(
        line.position,
        line.sku,
        line.description,
        found[1].ordered if found else None,
        found[1].shipped if found else None,
        found[1].delivered if found else None,
        line.quantity,
        found[0].unit_price if found else None,
        line.unit_price,
        Money(line.amount_minor, currency),
        said is not None,
        said.quantity if said else None,
        Money(said.amount_minor, currency) if said else None,
    )
