"""The order and its lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from o2c_core.money import Money, total
from o2c_core.orders.shipment import Shipment
from o2c_core.store.rows import Keyed, Row

LINE_STATES = ("ordered", "confirmed", "part_shipped", "shipped", "delivered", "cancelled", "returned")


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


class Order(Keyed, Row):
    """What a customer asked for; its state follows from its lines."""

    __tablename__ = "orders"
    __table_args__ = (UniqueConstraint("seller_id", "number"), Index(None, "customer_id", "ordered_on"))

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
