"""The order and its lines: where they stand and how they move on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, func, literal_column, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from o2c_core.errors import NotFound
from o2c_core.money import Money, total
from o2c_core.orders.shipment import Shipment
from o2c_core.orders.states import (
    ARRIVED_WHOLE,
    LEFT_WHOLE,
    LINE_MOVES,
    Quantities,
    check_quantity,
    line_state,
    part_of,
)
from o2c_core.store.rows import Keyed, Row

LINE_STATES = tuple(LINE_MOVES)


class NoSuchOrder(NotFound):
    """There is no such order here."""


class NoSuchLine(NotFound):
    """The order has no line at that position."""


class OrderLine(Keyed, Row):
    """One article of an order. `unit_price` is in major units and may be finer than a cent; `amount_minor` is the total.

    What was shipped follows from the shipments' lines; what was cancelled or came back is counted here.
    """

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint(f"state IN {LINE_STATES}", "state"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    sku: Mapped[str]
    description: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Numeric(14, 3))
    unit_price: Mapped[Decimal] = mapped_column(Numeric(18, 6))
    amount_minor: Mapped[int]
    state: Mapped[str] = mapped_column(default="ordered")
    tax_category: Mapped[str | None]
    tax_rate: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    cancelled_quantity: Mapped[Decimal] = mapped_column(Numeric(14, 3), default=Decimal(0), server_default="0")
    returned_quantity: Mapped[Decimal] = mapped_column(Numeric(14, 3), default=Decimal(0), server_default="0")

    def amount_of(self, before: Decimal, now: Decimal) -> int:
        """What `now` pieces come to, in minor units, after `before` of them were counted; all parts sum to the line."""
        return part_of(self.amount_minor, self.quantity, before, now)


class Order(Keyed, Row):
    """What a customer asked for; its state follows from its lines."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("seller_id", "number"),
        Index(None, "customer_id", "ordered_on"),
        # People look for the beginning of a number, in whatever case.
        Index(
            "ix_orders_number_found",
            "seller_id",
            func.lower(literal_column("number")).label("begins"),
            postgresql_ops={"begins": "text_pattern_ops"},
        ),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    number: Mapped[str]
    ordered_on: Mapped[date | None]
    expected_on: Mapped[date | None]
    currency: Mapped[str]
    purchase_order: Mapped[str | None]
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    confirmed_on: Mapped[date | None]
    fingerprint: Mapped[str | None]

    lines: Mapped[list[OrderLine]] = relationship(order_by=OrderLine.position, cascade="all, delete-orphan")
    shipments: Mapped[list[Shipment]] = relationship(order_by=Shipment.shipped_on, cascade="all, delete-orphan")

    @property
    def amount(self) -> Money:
        return total((Money(line.amount_minor, self.currency) for line in self.lines), self.currency)

    @property
    def state(self) -> str:
        return state_of([line.state for line in self.lines])


def state_of(lines: Sequence[str]) -> str:
    """The state of an order as its lines have it: one of the line states, or part_shipped or part_delivered.

    Cancelled and returned lines say nothing about the rest; an order without lines has only been ordered.
    """
    if not lines:
        return "ordered"
    rest = [state for state in lines if state not in ("cancelled", "returned")]
    if not rest:
        return "returned" if "returned" in lines else "cancelled"
    if all(state == "delivered" for state in rest):
        return "delivered"
    if "delivered" in rest:
        return "part_delivered"
    if all(state == "shipped" for state in rest):
        return "shipped"
    if "shipped" in rest or "part_shipped" in rest:
        return "part_shipped"
    return "confirmed" if all(state == "confirmed" for state in rest) else "ordered"


def quantities_of(line: OrderLine, shipments: Sequence[Shipment]) -> Quantities:
    """How much of the line is where, as the order's shipments and the line itself have it.

    An imported state speaks for what no shipment's lines say: a shipped line without them has left whole, and arrives
    with the last shipment that does not say what is in it.
    """
    inside = [(one, part.quantity) for one in shipments for part in one.lines if part.order_line_id == line.id]
    said = sum((quantity for _, quantity in inside), Decimal(0))
    arrived = sum((quantity for one, quantity in inside if one.delivered_on is not None), Decimal(0))
    cancelled = max(Decimal(0), line.quantity - said) if line.state == "cancelled" else line.cancelled_quantity
    unsaid = max(Decimal(0), line.quantity - cancelled - said) if line.state in LEFT_WHOLE else Decimal(0)
    shipped = said + unsaid
    silent = [one for one in shipments if not one.lines]
    if line.state in ARRIVED_WHOLE:
        arrived = shipped
    elif silent and all(one.delivered_on is not None for one in silent):
        arrived += unsaid
    returned = arrived if line.state == "returned" else line.returned_quantity
    return Quantities(line.quantity, shipped, arrived, cancelled, returned, is_confirmed=line.state != "ordered")


def chosen(
    order: Order, wanted: Mapping[int, Decimal] | None, left: Callable[[Quantities], Decimal]
) -> list[tuple[OrderLine, Quantities, Decimal]]:
    """The lines at those positions with where they are and how much of each is meant; without `wanted` all that is left.

    Raises: NoSuchLine; NotAQuantity.
    """
    at = {line.position: (line, quantities_of(line, order.shipments)) for line in order.lines}
    if wanted is None:
        return [(line, here, left(here)) for line, here in at.values() if left(here) > 0]
    for position, quantity in wanted.items():
        if position not in at:
            raise NoSuchLine(f"Order {order.number} has no line {position}.", order=order.number, position=position)
        check_quantity(quantity)
    return [(*at[position], quantity) for position, quantity in sorted(wanted.items())]


def move_on(order: Order) -> dict[int, str]:
    """Puts every line in the state its quantities give, forward only; the new states by position."""
    moved = {}
    for line in order.lines:
        now = line_state(quantities_of(line, order.shipments), line.state)
        if now != line.state:
            line.state = moved[line.position] = now
    return moved


def order_to_change(session: Session, order_id: UUID) -> Order:
    """The order as it is now; whoever else wants to change it waits until this transaction is over.

    Raises: NoSuchOrder.
    """
    query = select(Order).where(Order.id == order_id).with_for_update(key_share=True)
    order = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if order is None:
        raise NoSuchOrder(order=str(order_id))
    return order
