"""The shipment: what left, with whom, and who took it in."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row


class Shipment(Keyed, Row):
    """Goods on their way for one order. `received_by` is the proof of delivery's name."""

    __tablename__ = "shipment"
    __table_args__ = (UniqueConstraint("order_id", "tracking_number"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    carrier: Mapped[str | None]
    tracking_number: Mapped[str]
    shipped_on: Mapped[date | None]
    expected_on: Mapped[date | None]
    delivered_on: Mapped[date | None]
    received_by: Mapped[str | None]


def days_delayed(shipment: Shipment, today: date) -> int:
    """How many days later than expected the goods came, or are by today; 0 when on time or when no day was promised."""
    if shipment.expected_on is None:
        return 0
    return max(0, ((shipment.delivered_on or today) - shipment.expected_on).days)
