"""Tell an endpoint of an event: signed, over the address that was checked, and tried again for three days."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import httpx
from sqlalchemy import select, update
from standardwebhooks import Webhook

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import Failure, NotFound
from o2c_core.integrations.deliveries import ask_to_deliver
from o2c_core.integrations.events import told
from o2c_core.integrations.target import Resolve, Target, find_target, resolve
from o2c_core.integrations.webhook import LEASE, WebhookDelivery, WebhookEndpoint, next_attempt
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine, note

log = logging.getLogger("parley.webhooks")
CONNECT_SECONDS_MAX = 5.0
ANSWER_SECONDS_MAX = 15.0
GONE = 410
# An endpoint that does not answer is left alone until the next round, so that others get their turn.
_FAILURES_IN_A_ROW_MAX = 3
_DELIVERIES_AT_ONCE = 200

Post = Callable[[Target, bytes, Mapping[str, str]], int]
"""Posts a body to a target with headers; gives the answer's status. Raises httpx.HTTPError without one."""


class DeliveryUnknown(NotFound):
    """There is no such delivery."""


def post(target: Target, body: bytes, headers: Mapping[str, str]) -> int:
    """Posts over httpx to the checked address, with the certificate checked against the host's name.

    A redirect is not followed, as it would lead to an address nobody checked, and the answer's body is not read.
    """
    limits = httpx.Timeout(ANSWER_SECONDS_MAX, connect=CONNECT_SECONDS_MAX)
    with (
        httpx.Client(timeout=limits, follow_redirects=False, trust_env=False) as client,
        client.stream(
            "POST",
            target.url,
            content=body,
            headers={**headers, "Host": target.host_header},
            extensions={"sni_hostname": target.host},
        ) as answer,
    ):
        return answer.status_code


@dataclass(frozen=True)
class _Letter:
    """What is sent, read in one transaction and carried outside it."""

    delivery_id: UUID
    endpoint_id: UUID
    url: str
    secret: str
    event_id: str
    body: str


@dataclass(frozen=True)
class _Outcome:
    status: int | None
    why: str | None

    @property
    def is_heard(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def deliver_webhook(
    delivery_id: UUID,
    *,
    store: Store,
    may_call_private: bool = False,
    post: Post = post,
    resolver: Resolve = resolve,
) -> str:
    """Make one attempt if it is due, and return the state the delivery is in afterwards.

    Any 2xx is heard; anything else, and no answer, is tried again by the table of waits and is failed after the last.
    410 says the endpoint is gone: it is switched off. Raises: DeliveryUnknown.
    """
    letter, state = _claim(delivery_id, store)
    if letter is None:
        return state
    outcome = _attempt(letter, store.clock.now(), may_call_private, post, resolver)
    return _record(letter, outcome, store)


def deliver_due_webhooks(
    endpoint_id: UUID,
    *,
    store: Store,
    may_call_private: bool = False,
    post: Post = post,
    resolver: Resolve = resolve,
) -> int:
    """Make an attempt for what is due for that endpoint, oldest event first; how many were heard.

    After three attempts in a row that were not heard the rest waits for the next round.
    """
    heard = missed = 0
    waiting = _due(endpoint_id, store)
    for delivery_id in waiting:
        try:
            state = deliver_webhook(
                delivery_id, store=store, may_call_private=may_call_private, post=post, resolver=resolver
            )
        except DeliveryUnknown:  # the endpoint was removed meanwhile
            break
        heard += state == "delivered"
        missed = 0 if state == "delivered" else missed + 1
        if missed == _FAILURES_IN_A_ROW_MAX:
            return heard
    if len(waiting) == _DELIVERIES_AT_ONCE:
        with store.session() as session:
            endpoint = session.get(WebhookEndpoint, endpoint_id)
            if endpoint is not None:
                ask_to_deliver(session, endpoint)
                session.commit()
    return heard


def _due(endpoint_id: UUID, store: Store) -> list[UUID]:
    now = store.clock.now()
    query = (
        select(WebhookDelivery.id)
        .where(
            WebhookDelivery.endpoint_id == endpoint_id,
            WebhookDelivery.state == "waiting",
            WebhookDelivery.next_at <= now,
        )
        .order_by(WebhookDelivery.id)
        .limit(_DELIVERIES_AT_ONCE)
    )
    with store.session() as session:
        return list(session.scalars(query))


def _claim(delivery_id: UUID, store: Store) -> tuple[_Letter | None, str]:
    """The letter when it is ours to send now, and else only the state it is in."""
    now = store.clock.now()
    with store.session() as session:
        claimed = session.execute(
            update(WebhookDelivery)
            .where(
                WebhookDelivery.id == delivery_id, WebhookDelivery.state == "waiting", WebhookDelivery.next_at <= now
            )
            # Until then nobody else makes this attempt; a process that is killed leaves it to the next.
            .values(next_at=now + LEASE, attempts=WebhookDelivery.attempts + 1)
            .returning(WebhookDelivery.id)
        ).one_or_none()
        delivery = session.get(WebhookDelivery, delivery_id)
        if delivery is None:
            raise DeliveryUnknown
        if claimed is None:
            return None, delivery.state
        endpoint = session.get_one(WebhookEndpoint, delivery.endpoint_id)
        line = session.get_one(TrailLine, delivery.trail_id)
        seller = session.get_one(Seller, endpoint.seller_id)
        customer = session.get(Customer, line.customer_id) if line.customer_id else None
        said = told(line, seller=seller.ref, customer=customer.ref if customer else None)
        body = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        letter = _Letter(delivery.id, endpoint.id, endpoint.url, endpoint.secret, said["id"], body)
        session.commit()
        return letter, "waiting"


def _attempt(letter: _Letter, now: datetime, may_call_private: bool, post: Post, resolver: Resolve) -> _Outcome:
    """Source: Standard Webhooks: the id is the event's, so that who hears it twice knows; the signature is of id,
    moment and body."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Parley-Webhooks/1",
        "webhook-id": letter.event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(letter.secret).sign(letter.event_id, now, letter.body),
    }
    try:
        target = find_target(letter.url, may_call_private=may_call_private, resolver=resolver)
        status = post(target, letter.body.encode(), headers)
    except Failure as refused:
        return _Outcome(None, refused.sentence)
    except httpx.TimeoutException:
        return _Outcome(None, "It did not answer in time.")
    except (httpx.HTTPError, httpx.InvalidURL) as silence:
        return _Outcome(None, f"It could not be reached ({type(silence).__name__}).")
    return _Outcome(status, None if 200 <= status < 300 else f"It answered {status}.")


def _record(letter: _Letter, outcome: _Outcome, store: Store) -> str:
    now = store.clock.now()
    with store.session() as session:
        delivery = session.get(WebhookDelivery, letter.delivery_id, with_for_update=True)
        if delivery is None:  # the endpoint was removed meanwhile
            raise DeliveryUnknown
        endpoint = session.get_one(WebhookEndpoint, letter.endpoint_id, with_for_update=True)
        delivery.last_status, delivery.last_error = outcome.status, outcome.why
        if outcome.is_heard:
            delivery.state, delivery.delivered_at, delivery.next_at = "delivered", now, None
            endpoint.failing_since = None
        else:
            endpoint.failing_since = endpoint.failing_since or now
            delivery.next_at = None if outcome.status == GONE else next_attempt(delivery.attempts, now)
            if delivery.next_at is None:
                delivery.state = "failed"
                note(
                    session, "webhook failed", endpoint, at=now, who="system", why=outcome.why or "",
                    event=delivery.event, attempts=delivery.attempts,
                )  # fmt: skip
            if outcome.status == GONE:
                endpoint.is_on = False
                its = (WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.state == "waiting")
                session.execute(update(WebhookDelivery).where(*its).values(state="failed", next_at=None))
        session.commit()
        log.info(
            "webhook %s endpoint=%s event=%s attempt=%s status=%s",
            delivery.state, endpoint.id, delivery.event, delivery.attempts, outcome.status,
        )  # fmt: skip
        return delivery.state
