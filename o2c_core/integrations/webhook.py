"""Who is told of what happens in the ledger, and whether they heard it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row

DELIVERY_STATES = ("waiting", "delivered", "failed")


class WebhookEndpoint(Keyed, Row):
    """An address of another system that is told of a seller's events; `events` empty means all of them.

    `told_until` is how far in the trail (by transaction number) its deliveries have been written.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (UniqueConstraint("seller_id", "url"),)

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    url: Mapped[str]
    secret: Mapped[str]
    events: Mapped[list[str]]
    told_until: Mapped[int]
    is_on: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    failing_since: Mapped[datetime | None]


class WebhookDelivery(Keyed, Row):
    """One event for one endpoint. A replay is a new delivery of the same event."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        CheckConstraint(f"state IN {DELIVERY_STATES}", "state"),
        Index(None, "endpoint_id", "id"),
        Index("ix_webhook_delivery_waiting", "next_at", postgresql_where=text("state = 'waiting'")),
    )

    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoint.id"))
    trail_id: Mapped[UUID] = mapped_column(ForeignKey("trail.id"))
    event: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    last_status: Mapped[int | None]
    last_error: Mapped[str | None]
