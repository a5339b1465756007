"""Tell an endpoint again what happened in a span of time, under the events' own ids."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from o2c_core.actions.remove_webhook import EndpointUnknown
from o2c_core.errors import Refused
from o2c_core.integrations.deliveries import lines_of, write_deliveries
from o2c_core.integrations.webhook import WebhookEndpoint
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine, note

REPLAY_EVENTS_MAX = 10_000


class SpanBackwards(Refused):
    """The span to replay must begin before it ends."""


class TooMuchToReplay(Refused):
    """More than ten thousand events happened in that span; replay it in parts."""


class EndpointOff(Refused):
    """That endpoint said it is gone and is off; add it anew."""


def replay_webhooks(
    endpoint_id: UUID, seller_id: UUID, since: datetime, until: datetime, *, who: str = "system", store: Store
) -> int:
    """How many deliveries were written: one per event from `since` up to but not including `until`, also of events
    before the endpoint was there.

    Who receives them knows by the event's id what they have heard already.
    Raises: EndpointUnknown, for another seller's too; EndpointOff; SpanBackwards; TooMuchToReplay.
    """
    now = store.clock.now()
    if since >= until:
        raise SpanBackwards
    with store.session() as session:
        endpoint = session.scalars(
            select(WebhookEndpoint)
            .where(WebhookEndpoint.id == endpoint_id, WebhookEndpoint.seller_id == seller_id)
            .with_for_update()
        ).one_or_none()
        if endpoint is None:
            raise EndpointUnknown
        if not endpoint.is_on:
            raise EndpointOff
        # What has not been written down yet comes by itself.
        span = (TrailLine.at >= since, TrailLine.at < until, TrailLine.transaction < endpoint.told_until)
        lines = lines_of(session, endpoint, *span, limit=REPLAY_EVENTS_MAX + 1)
        if len(lines) > REPLAY_EVENTS_MAX:
            raise TooMuchToReplay
        write_deliveries(session, endpoint, lines, now)
        note(session, "webhook replayed", endpoint, at=now, who=who, events=len(lines))
        session.commit()
        return len(lines)
