"""Remove an endpoint: it is told nothing more, and what was still waiting for it is dropped."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select

from o2c_core.errors import NotFound
from o2c_core.integrations.webhook import WebhookDelivery, WebhookEndpoint
from o2c_core.store.store import Store
from o2c_core.trail import note


class EndpointUnknown(NotFound):
    """There is no such endpoint here."""


def remove_webhook(endpoint_id: UUID, seller_id: UUID, *, who: str = "system", store: Store) -> None:
    """Raises: EndpointUnknown, for another seller's too."""
    now = store.clock.now()
    with store.session() as session:
        endpoint = session.scalars(
            select(WebhookEndpoint)
            .where(WebhookEndpoint.id == endpoint_id, WebhookEndpoint.seller_id == seller_id)
            .with_for_update()
        ).one_or_none()
        if endpoint is None:
            raise EndpointUnknown
        session.execute(delete(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint.id))
        note(session, "webhook removed", endpoint, at=now, who=who)
        session.delete(endpoint)
        session.commit()
