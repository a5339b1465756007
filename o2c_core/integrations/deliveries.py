"""Which lines of the trail an endpoint is told of, and the deliveries written for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.integrations.events import EVENTS, whats_of
from o2c_core.integrations.webhook import WebhookDelivery, WebhookEndpoint
from o2c_core.keys import new_key
from o2c_core.store.jobs import ask_for
from o2c_core.trail import TrailLine


def oldest_running(session: Session) -> int:
    """The number of the oldest transaction that is still running: all below it have ended, so nothing can come late.

    Source: PostgreSQL documentation, "System Information Functions", pg_snapshot_xmin.
    """
    snapshot = select(cast(cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), Text), TrailLine.transaction.type))
    return int(session.execute(snapshot).scalar_one())


def lines_of(
    session: Session, endpoint: WebhookEndpoint, *which: ColumnElement[bool], limit: int | None = None
) -> Sequence[TrailLine]:
    """The lines of the endpoint's seller about the events it wants to hear, as they were written."""
    # An import's lines name only the customer.
    its = or_(
        TrailLine.seller_id == endpoint.seller_id,
        and_(
            TrailLine.seller_id.is_(None),
            TrailLine.customer_id.in_(select(Customer.id).where(Customer.seller_id == endpoint.seller_id)),
        ),
    )
    query = select(TrailLine).where(its, TrailLine.what.in_(whats_of(endpoint.events)), *which)
    return session.scalars(query.order_by(TrailLine.id).limit(limit)).all()


def write_deliveries(session: Session, endpoint: WebhookEndpoint, lines: Sequence[TrailLine], now: datetime) -> None:
    """One waiting delivery per line, and the job that carries them out; both in the session's transaction."""
    if not lines:
        return
    fresh = {"endpoint_id": endpoint.id, "state": "waiting", "attempts": 0, "created_at": now, "next_at": now}
    rows = [{"id": new_key(), "trail_id": line.id, "event": EVENTS[line.what], **fresh} for line in lines]
    session.execute(insert(WebhookDelivery), rows)
    ask_to_deliver(session, endpoint)


def ask_to_deliver(session: Session, endpoint: WebhookEndpoint) -> None:
    """Asks for the job that tells the endpoint all that is due; one waiting copy is enough."""
    ask_for(session, "deliver_webhooks", once=f"deliver_webhooks:{endpoint.id}", endpoint_id=str(endpoint.id))
