"""The shipment: what left, with whom, and who took it in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from o2c_core.store.rows import Keyed, Row

PROOFS = ("signature", "photo", "scan", "code")


class ShipmentLine(Keyed, Row):
    """How much of an order line is in the shipment."""

    __tablename__ = "shipment_line"
    __table_args__ = (
        UniqueConstraint("shipment_id", "order_line_id"),
        CheckConstraint("quantity > 0", "positive"),
        Index(None, "order_line_id"),
    )

    shipment_id: Mapped[UUID] = mapped_column(ForeignKey("shipment.id"))
    order_line_id: Mapped[UUID] = mapped_column(ForeignKey("order_line.id"))
    quantity: Mapped[Decimal] = mapped_column(Numeric(14, 3))


class Shipment(Keyed, Row):
    """Goods on their way for one order.

    The proof of delivery is who received it (`received_by`), how that was shown (`proof_kind`) and where the carrier or
    the seller keeps it (`proof_reference`: a document number or an address). Without `lines` nobody said what is in it.
    """

    __tablename__ = "shipment"
    __table_args__ = (
        UniqueConstraint("order_id", "tracking_number"),
        CheckConstraint(f"proof_kind IN {PROOFS}", "proof_kind"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    carrier: Mapped[str | None]
    tracking_number: Mapped[str]
    shipped_on: Mapped[date | None]
    expected_on: Mapped[date | None]
    delivered_on: Mapped[date | None]
    received_by: Mapped[str | None]
    proof_kind: Mapped[str | None]
    proof_reference: Mapped[str | None]
    proof_note: Mapped[str | None]

    lines: Mapped[list[ShipmentLine]] = relationship(order_by=ShipmentLine.id, cascade="all, delete-orphan")


def days_delayed(shipment: Shipment, today: date) -> int:
    """How many days later than expected the goods came, or are by today; 0 when on time or when no day was promised."""
    if shipment.expected_on is None:
        return 0
    return max(0, ((shipment.delivered_on or today) - shipment.expected_on).days)
