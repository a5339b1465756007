"""Sending a queued message: claimed once, looked at again, handed to its carrier, and its outcome recorded."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy import select

from o2c_core.actions.claim_message import NoCarrier, claim_message
from o2c_core.actions.look_again import look_again
from o2c_core.actions.record_outcome import record_outcome
from o2c_core.conversations.attempt import Attempt, NotClaimed
from o2c_core.conversations.carrier import Answer, Carrier, Outgoing, Uncertain
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.outbox import NoSuchMessage, waiting
from o2c_core.conversations.road import Circuit
from o2c_core.errors import Outage
from o2c_core.store.store import Store

__all__ = ["NoCarrier", "NoSuchMessage", "deliver_message", "deliver_queued"]

log = logging.getLogger("parley.outbox")
_BATCH = 200


def deliver_message(
    message_id: UUID,
    *,
    store: Store,
    carriers: Mapping[str, Carrier],
    doorplate: Doorplate | None = None,
    luck: Callable[[], float] = random.random,
) -> str:
    """Send the message if it is queued and due, and return the delivery state it is in afterwards.

    A message that somebody else has claimed or sent is left alone. It is looked at once more: what was overtaken is
    withdrawn, and what may not leave at this hour stays queued until it may. An outcome nobody knows is recorded as
    uncertain and never tried again from here. An outage leaves it queued, for a growing while; a carrier that keeps
    failing is left alone until it answers again. `luck`, from 0 to 1, spreads those who wait.

    Raises: NoSuchMessage; NoCarrier, with the message still queued.
    """
    claimed = claim_message(message_id, store=store, carriers=carriers, doorplate=doorplate, luck=luck)
    if isinstance(claimed, NotClaimed):
        return claimed.state
    return _send(claimed, store, doorplate, luck)


def deliver_queued(
    *,
    store: Store,
    carriers: Mapping[str, Carrier],
    doorplate: Doorplate | None = None,
    limit: int | None = None,
    luck: Callable[[], float] = random.random,
) -> int:
    """Send what is queued and due, oldest first, at most `limit` messages; how many were sent.

    A channel whose carrier does not answer is left for later; the others go on.
    """
    sent = looked_at = 0
    after: UUID | None = None
    channels = _open_channels(store, carriers)
    while channels and (limit is None or looked_at < limit):
        with store.session() as session:
            size = _BATCH if limit is None else min(_BATCH, limit - looked_at)
            batch = waiting(session, channels, store.clock.now(), after, size)
        if not batch:
            break
        for message_id, channel in batch:
            after = message_id
            looked_at += 1
            if channel not in channels:
                continue
            try:
                claimed = claim_message(message_id, store=store, carriers=carriers, doorplate=doorplate, luck=luck)
                if isinstance(claimed, Attempt):
                    sent += _send(claimed, store, doorplate, luck) == "sent"
                elif claimed.is_down:
                    channels.discard(channel)
            except Exception:
                # One that breaks must not keep back all that were written after it.
                log.exception("not sent message=%s", message_id)
    return sent


def _send(attempt: Attempt, store: Store, doorplate: Doorplate | None, luck: Callable[[], float]) -> str:
    ready = look_again(attempt, store=store, doorplate=doorplate)
    if isinstance(ready, str):
        return ready
    outcome = _hand_over(attempt.carrier, ready)
    return record_outcome(attempt, outcome, store=store, doorplate=doorplate, luck=luck)


def _hand_over(carrier: Carrier, ready: Outgoing) -> Answer | Outage:
    """The carrier's answer, with no transaction open meanwhile."""
    try:
        return carrier.send(ready)
    except Outage as outage:
        return outage
    except Exception as broken:
        # A carrier that breaks may have broken after it sent.
        log.exception("carrier broke carrier=%s message=%s", carrier.name, ready.message_id)
        return Uncertain(f"{carrier.name} broke: {type(broken).__name__}")


def _open_channels(store: Store, carriers: Mapping[str, Carrier]) -> set[str]:
    """The channels whose carrier is not known to be down."""
    with store.session() as session:
        down = set(session.scalars(select(Circuit.carrier).where(Circuit.open_until > store.clock.now())))
    return {channel for channel, carrier in carriers.items() if carrier.name not in down}
