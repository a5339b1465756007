"""Keep what arrived at a door, once, and ask for the job that makes sense of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text

from o2c_core.keys import new_key
from o2c_core.store.jobs import PRIORITIES
from o2c_core.store.store import Store

# Arrivals and their job in one statement, because a provider waits for it: one trip to the database and a commit. The
# job is the row that Procrastinate's own defer would write (its schema's function; tests hold the two side by side).
_KEEP = text(
    """
    WITH kept AS (
        INSERT INTO arrival (id, provider, kind, channel, sender_key, payload, raw, state, tries, received_at)
        SELECT id, provider, kind, channel, sender_key, payload::jsonb, raw, 'waiting', 0, :now
        FROM unnest(CAST(:ids AS uuid[]), CAST(:providers AS text[]), CAST(:kinds AS text[]), CAST(:channels AS text[]),
                    CAST(:keys AS text[]), CAST(:payloads AS text[]), CAST(:raws AS bytea[]))
            AS arrived (id, provider, kind, channel, sender_key, payload, raw)
        ON CONFLICT (provider, kind, sender_key) DO NOTHING
        RETURNING id
    ), new AS (
        SELECT array_agg(id ORDER BY id) AS ids FROM kept HAVING count(*) > 0
    )
    SELECT ids, procrastinate_defer_jobs_v1(ARRAY[ROW(
        'default', 'take_in', CAST(:priority AS integer), NULL, NULL,
        jsonb_build_object('arrival_ids', array_to_string(ids, ',')), NULL
    )::procrastinate_job_to_defer_v1]) FROM new
    """
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
    # Always in the same order, so that two requests with the same events wait for each other and never for good.
    rows = sorted(
        ((new_key(), one) for one in arrived), key=lambda row: (row[1].provider, row[1].kind, row[1].sender_key)
    )
    values = {
        "ids": [key for key, _ in rows],
        "providers": [one.provider for _, one in rows],
        "kinds": [one.kind for _, one in rows],
        "channels": [one.channel for _, one in rows],
        "keys": [_storable(one.sender_key) for _, one in rows],
        "payloads": [json.dumps(_storable(one.payload), ensure_ascii=False) for _, one in rows],
        "raws": [one.raw for _, one in rows],
        "now": store.clock.now(),
        "priority": PRIORITIES["take_in"],
    }
    with store.session() as session:
        new = session.execute(_KEEP, values).first()
        session.commit()
        return list(new.ids) if new is not None else []


def _storable(value: Any) -> Any:
    """The same without what no text in the database can hold: the character of code 0, and halves of characters."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_storable(name): _storable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(inner) for inner in value]
    return value
