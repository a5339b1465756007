"""What customers were told of on a day, what they were not told, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2c_core.documents.table import Cell
from o2c_core.informing.why_not import sentence_of

COLUMNS = ("Customer", "Name", "Step", "About", "Outcome", "Channel", "State", "Why")

# What the message came to is its own last word: it may have been withdrawn for a better reason since.
_INFORMED = """
    SELECT c.ref, c.name, f.step, coalesce(o.number, so.number || ' ' || s.tracking_number, i.number, n.number,
           p.reference, p.source_key, 'hold until ' || h.until_on) AS about, f.state AS outcome, m.channel,
           m.delivery, coalesce(f.reason, withdrawn.reason) AS reason, m.waits_why
    FROM informed f
    JOIN seller e ON e.id = f.seller_id
    JOIN customer c ON c.id = f.customer_id
    LEFT JOIN orders o ON o.id = f.subject_id
    LEFT JOIN shipment s ON s.id = f.subject_id
    LEFT JOIN orders so ON so.id = s.order_id
    LEFT JOIN invoice i ON i.id = f.subject_id
    LEFT JOIN credit_note n ON n.id = f.subject_id
    LEFT JOIN payment p ON p.id = f.subject_id
    LEFT JOIN hold h ON h.id = f.subject_id
    LEFT JOIN message m ON m.id = f.message_id
    LEFT JOIN LATERAL (
        SELECT t.details ->> 'reason' AS reason FROM trail t
        WHERE m.delivery = 'withdrawn' AND t.subject_id = m.id AND t.what = 'message withdrawn' LIMIT 1
    ) withdrawn ON true
    WHERE f.seller_id = :seller
      AND :on IN ((f.happened_at AT TIME ZONE e.time_zone)::date, (f.settled_at AT TIME ZONE e.time_zone)::date)
    ORDER BY c.ref, f.happened_at, f.step, about
"""


def informed_on(session: Session, seller_id: UUID, on: date) -> Iterator[list[Cell]]:
    """One row per event that happened or was settled that day, where the seller is."""
    for row in session.execute(text(_INFORMED), {"seller": seller_id, "on": on}):
        why = sentence_of(row.reason) if row.reason else row.waits_why
        yield [row.ref, row.name, row.step, row.about, row.outcome, row.channel, row.delivery, why]
