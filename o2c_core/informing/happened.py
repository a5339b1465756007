"""From the trail to what customers are to be told of: set-based, each event once, and what is no news any more said so.

The trail is read up to the oldest running transaction, as for webhooks, so nothing that commits late is missed.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import CursorResult, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session
from sqlalchemy.types import String

from o2c_core.customers.seller import Seller
from o2c_core.informing.informed import InformedUntil
from o2c_core.informing.step import STEPS, Informing, informing_of
from o2c_core.integrations.deliveries import oldest_running
from o2c_core.keys import new_key

# What the trail calls each step, and the table its subject is in.
_STEP_OF = {
    "order confirmed": "order_confirmed",
    "shipment left": "shipped",
    "shipment delivered": "delivered",
    "invoice issued": "invoice_issued",
    "payment recorded": "payment_received",
    "credit note issued": "credit_issued",
    "hold ended": "hold_ended",
}
# What may have moved a day of arrival.
_MOVES_DAYS = ("shipment changed", "order changed", "file imported")

# Every event with whose it is, the ledger's own day of it, and the day of arrival that stood then.
_STEP_CASE = "CASE what " + " ".join(f"WHEN '{what}' THEN '{step}'" for what, step in _STEP_OF.items()) + " END"
_TOLD_BY_TRAIL = f"""
SELECT t.step, t.subject_id, t.at AS happened_at,
       coalesce(o.customer_id, so.customer_id, i.customer_id, p.customer_id, c.customer_id, h.customer_id) AS customer_id,
       CASE t.step WHEN 'order_confirmed' THEN o.confirmed_on WHEN 'shipped' THEN s.shipped_on
                   WHEN 'delivered' THEN s.delivered_on WHEN 'invoice_issued' THEN i.issued_on
                   WHEN 'payment_received' THEN p.received_on WHEN 'credit_issued' THEN c.issued_on
                   WHEN 'hold_ended' THEN h.ended_on END AS happened_on,
       CASE t.step WHEN 'order_confirmed' THEN o.expected_on WHEN 'shipped' THEN s.expected_on END AS said_on
FROM (SELECT at, subject_id, {_STEP_CASE} AS step FROM trail
      WHERE seller_id = :seller AND transaction >= :since AND transaction < :until AND what = ANY(:whats)) t
LEFT JOIN orders o ON t.step = 'order_confirmed' AND o.id = t.subject_id
LEFT JOIN shipment s ON t.step IN ('shipped', 'delivered') AND s.id = t.subject_id
LEFT JOIN orders so ON so.id = s.order_id
LEFT JOIN invoice i ON t.step = 'invoice_issued' AND i.id = t.subject_id
LEFT JOIN payment p ON t.step = 'payment_received' AND p.id = t.subject_id
LEFT JOIN credit_note c ON t.step = 'credit_issued' AND c.id = t.subject_id
LEFT JOIN hold h ON t.step = 'hold_ended' AND h.id = t.subject_id AND h.kind = 'reminders'
"""  # noqa: S608 (made of constants)
# What files brought, which has no line of its own in the trail: by the ledger's days alone.
_BROUGHT_BY_FILES = """
SELECT found.step, found.subject_id, cast(:now AS timestamptz) AS happened_at, found.customer_id, found.happened_on,
       found.said_on
FROM (
    SELECT 'order_confirmed' AS step, id AS subject_id, customer_id, confirmed_on AS happened_on, expected_on AS said_on
    FROM orders WHERE seller_id = :seller AND confirmed_on >= :day
    UNION ALL
    SELECT 'shipped', s.id, o.customer_id, s.shipped_on, s.expected_on
    FROM shipment s JOIN orders o ON o.id = s.order_id WHERE o.seller_id = :seller AND s.shipped_on >= :day
    UNION ALL
    SELECT 'delivered', s.id, o.customer_id, s.delivered_on, NULL
    FROM shipment s JOIN orders o ON o.id = s.order_id WHERE o.seller_id = :seller AND s.delivered_on >= :day
    UNION ALL
    SELECT 'invoice_issued', id, customer_id, issued_on, NULL FROM invoice WHERE seller_id = :seller AND issued_on >= :day
    UNION ALL
    SELECT 'payment_received', id, customer_id, received_on, NULL
    FROM payment WHERE seller_id = :seller AND received_on >= :day
    UNION ALL
    SELECT 'credit_issued', id, customer_id, issued_on, NULL
    FROM credit_note WHERE seller_id = :seller AND issued_on >= :day
) found
"""
# A day without an hour is over at its end; only then does it begin to be old.
_INSERT = """
INSERT INTO informed (id, seller_id, customer_id, step, subject_id, about, happened_at, happened_on, said_on, state,
                      reason, look_at, settled_at)
SELECT gen_random_uuid(), :seller, e.customer_id, e.step, e.subject_id, '', e.happened_at, e.happened_on,
       CASE WHEN e.is_old THEN NULL ELSE e.said_on END,
       CASE WHEN e.is_old OR e.is_off THEN 'skipped' ELSE 'waiting' END,
       CASE WHEN e.is_off THEN 'off' WHEN e.is_old THEN 'old' END,
       e.happened_at + cast(:gather AS interval),
       CASE WHEN e.is_old OR e.is_off THEN cast(:now AS timestamptz) END
FROM (SELECT found.*, found.step = ANY(:off) AS is_off,
             (found.happened_at < :oldest OR found.happened_on < cast(:from_on AS date)
              OR cast(found.happened_on + 1 AS timestamp) AT TIME ZONE :zone < :oldest) IS TRUE AS is_old
      FROM ({found}) found WHERE found.customer_id IS NOT NULL) e
ON CONFLICT (seller_id, step, subject_id, about) DO NOTHING
"""


def take_over_events(session: Session, seller_id: UUID, now: datetime) -> tuple[int, InformedUntil | None]:
    """How many events were written down since the last time, and the row that says how far; None where somebody else is
    at it at this moment."""
    session.execute(
        insert(InformedUntil).values(id=new_key(), seller_id=seller_id, transaction=0).on_conflict_do_nothing()
    )
    until = session.scalars(
        select(InformedUntil)
        .where(InformedUntil.seller_id == seller_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if until is None:
        return 0, None
    seller = session.get_one(Seller, seller_id)
    settings = informing_of(seller)
    reached = oldest_running(session)
    # A dump restored into another server numbers its transactions anew; what lies between is no news.
    since = min(until.transaction, reached)
    span: dict[str, object] = {"seller": seller_id, "since": since, "until": reached}
    found = _write(session, _TOLD_BY_TRAIL, seller, settings, now, span | {"whats": list(_STEP_OF)})
    seen = _others(session, span)
    if settings.imports and "file imported" in seen and _had_files_before(session, seller_id, now):
        day = (now - settings.within).astimezone(ZoneInfo(seller.time_zone)).date()
        found += _write(session, _BROUGHT_BY_FILES, seller, settings, now, {"day": day})
    if seen:
        # A day may have moved: delays are looked for again.
        until.swept_on = None
    until.transaction = reached
    return found, until


def begin_now(session: Session, seller_id: UUID) -> None:
    """What happened to this seller's customers so far is no news: informing begins with what comes."""
    reached = oldest_running(session)
    begun = insert(InformedUntil).values(id=new_key(), seller_id=seller_id, transaction=reached)
    session.execute(begun.on_conflict_do_update(index_elements=["seller_id"], set_={"transaction": reached}))


def _write(
    session: Session, found: str, seller: Seller, settings: Informing, now: datetime, values: dict[str, object]
) -> int:
    result = session.execute(
        text(_INSERT.replace("{found}", found)).bindparams(bindparam("off", type_=ARRAY(String))),
        values
        | {
            "seller": seller.id,
            "zone": seller.time_zone,
            "now": now,
            "oldest": now - settings.within,
            "from_on": settings.from_on,
            "gather": settings.gather,
            "off": [name for name in STEPS if settings.switch(name) == "off"],
        },
    )
    assert isinstance(result, CursorResult)
    return result.rowcount


def _others(session: Session, span: dict[str, object]) -> set[str]:
    query = text(
        "SELECT DISTINCT what FROM trail WHERE seller_id = :seller AND transaction >= :since AND transaction < :until"
        " AND what = ANY(:whats)"
    ).bindparams(bindparam("whats", type_=ARRAY(String)))
    return set(session.scalars(query, span | {"whats": list(_MOVES_DAYS)}))


def _had_files_before(session: Session, seller_id: UUID, now: datetime) -> bool:
    """Whether files have come in for more than a day: the first day takes over books that are no news to anybody."""
    query = text(
        "SELECT EXISTS (SELECT FROM trail WHERE seller_id = :seller AND what = 'file imported'"
        " AND at < cast(:now AS timestamptz) - interval '24 hours')"
    )
    return bool(session.scalar(query, {"seller": seller_id, "now": now}))
