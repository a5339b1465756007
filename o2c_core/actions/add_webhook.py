"""Add an endpoint that is told of a seller's events; the secret its deliveries are signed with is shown once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.integrations.events import check_events
from o2c_core.integrations.target import check_url
from o2c_core.integrations.webhook import WebhookEndpoint, fresh_secret
from o2c_core.store.store import Store
from o2c_core.trail import note

ENDPOINTS_MAX = 20


class EndpointThere(Refused):
    """That address is told already; remove it first to have a new secret."""


class TooManyEndpoints(Refused):
    """A seller has at most twenty endpoints."""


@dataclass(frozen=True)
class MadeEndpoint:
    """The endpoint, and its secret for the one time it is shown."""

    endpoint: WebhookEndpoint
    secret: str

    def __repr__(self) -> str:
        return f"MadeEndpoint({self.endpoint.id})"


def add_webhook(
    seller_id: UUID,
    url: str,
    events: Iterable[str] = (),
    *,
    may_call_private: bool = False,
    who: str = "system",
    store: Store,
) -> MadeEndpoint:
    """The endpoint, told of everything that happens from now on; of the named events only, where some are named.

    Raises: NotAnEndpoint; PrivateAddress; UnknownEvent; EndpointThere; TooManyEndpoints; NotFound.
    """
    now = store.clock.now()
    wanted = check_events(list(events))
    check_url(url, may_call_private=may_call_private)
    secret = fresh_secret()
    with store.session() as session:
        seller = session.get(Seller, seller_id, with_for_update=True)
        if seller is None:
            raise NotFound
        count = select(func.count()).select_from(WebhookEndpoint).where(WebhookEndpoint.seller_id == seller_id)
        if session.execute(count).scalar_one() >= ENDPOINTS_MAX:
            raise TooManyEndpoints
        endpoint = WebhookEndpoint(
            seller_id=seller_id,
            url=url,
            secret=secret,
            events=wanted,
            # What is being written right now counts as happening from now on.
            told_until=session.execute(_OLDEST_RUNNING).scalar_one(),
            created_at=now,
        )
        session.add(endpoint)
        try:
            session.flush()
        except IntegrityError as there:
            raise EndpointThere from there
        note(session, "webhook added", endpoint, at=now, who=who, events=wanted)
        session.commit()
        return MadeEndpoint(endpoint, secret)


_OLDEST_RUNNING = text("SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")
