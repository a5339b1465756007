"""Keep what arrived at a door, once, and ask for the job that makes sense of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from o2c_core.conversations.arrival import Arrival
from o2c_core.keys import new_key
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store

_KEEP = (
    insert(Arrival)
    .on_conflict_do_nothing(index_elements=["provider", "kind", "sender_key"])
    .returning(Arrival.id, sort_by_parameter_order=False)
)


@dataclass(frozen=True)
class Arrived:
    """One thing a provider delivered. `sender_key` is the provider's own id of it, the same when it comes again."""

    provider: str
    kind: str
    channel: str
    sender_key: str
    payload: dict[str, Any] = field(default_factory=dict)
    raw: bytes | None = None


def keep_arrivals(arrived: Sequence[Arrived], *, store: Store) -> list[UUID]:
    """The ids of those that are new; what came before is left as it is. One job is asked for, in the same transaction."""
    if not arrived:
        return []
    now = store.clock.now()
    rows = [
        {
            "id": new_key(),
            "provider": one.provider,
            "kind": one.kind,
            "channel": one.channel,
            "sender_key": one.sender_key,
            "payload": one.payload,
            "raw": one.raw,
            "state": "waiting",
            "tries": 0,
            "received_at": now,
        }
        for one in arrived
    ]
    with store.session() as session:
        kept = list(session.connection().execute(_KEEP, rows).scalars())
        if kept:
            ask_for(session, "take_in", arrival_ids=",".join(str(key) for key in kept))
            session.commit()
        return kept
