"""Write down whom to tell of what the trail says has happened, so that no event is missed and none is told twice."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.integrations.deliveries import ask_to_deliver, lines_of, oldest_running, write_deliveries
from o2c_core.integrations.webhook import WebhookDelivery, WebhookEndpoint
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine

log = logging.getLogger("parley.webhooks")


def write_webhook_deliveries(*, store: Store) -> int:
    """How many deliveries were written, over all endpoints; a job per endpoint with something to tell is asked for.

    Lines of transactions that may still commit wait for the next round. Deliveries whose moment has come and that no
    job carries (it was lost, or its process killed) get one again.
    """
    with store.session() as session:
        ids = list(
            session.scalars(select(WebhookEndpoint.id).where(WebhookEndpoint.is_on).order_by(WebhookEndpoint.id))
        )
    return sum(_write_for(endpoint_id, store) for endpoint_id in ids)


def _write_for(endpoint_id: UUID, store: Store) -> int:
    now = store.clock.now()
    with store.session() as session:
        endpoint = session.scalars(
            # Whoever finds it locked leaves it to whoever is writing.
            select(WebhookEndpoint)
            .where(WebhookEndpoint.id == endpoint_id, WebhookEndpoint.is_on)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if endpoint is None:
            return 0
        until = oldest_running(session)
        if endpoint.told_until > until:
            # A dump restored into another server numbers its transactions anew; what lies between can be replayed.
            log.warning("webhook starts anew endpoint=%s", endpoint.id)
            endpoint.told_until = until
        fresh = (TrailLine.transaction >= endpoint.told_until, TrailLine.transaction < until)
        lines = lines_of(session, endpoint, *fresh)
        write_deliveries(session, endpoint, lines, now)
        if not lines and _is_due(session, endpoint, now):
            ask_to_deliver(session, endpoint)
        endpoint.told_until = until
        session.commit()
        return len(lines)


def _is_due(session: Session, endpoint: WebhookEndpoint, now: datetime) -> bool:
    query = select(WebhookDelivery.id).where(
        WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.state == "waiting", WebhookDelivery.next_at <= now
    )
    return session.execute(query.limit(1)).first() is not None
