"""Who is told of what happens in the ledger, and whether they heard it."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row

DELIVERY_STATES = ("waiting", "delivered", "failed")

# How long to wait after each attempt that failed: three days and four hours in all. Source: Standard Webhooks,
# "Deliverability and reliability", whose example schedule this is.
WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1_800, 2 * 3_600, 5 * 3_600, 10 * 3_600, 14 * 3_600, 20 * 3_600, 24 * 3_600)
)
# An attempt that ends without a word (the process was killed) may be made again after this.
LEASE = timedelta(minutes=2)


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


def fresh_secret() -> str:
    """The key deliveries are signed with: 32 random bytes. Source: Standard Webhooks, "Symmetric"."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When to try again after that many attempts have failed; None when it has been tried long enough."""
    return now + WAITS[attempts - 1] if attempts <= len(WAITS) else None
