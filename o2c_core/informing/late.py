"""Which goods are late against the day their customer was told: the day passed, or another one was noted.

Who never heard a day from us is told of no delay: nobody waits for it. A shipment counts as late only at a seller who
notes arrivals; elsewhere nobody could tell late goods from goods that came.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import CursorResult, text
from sqlalchemy.orm import Session

from o2c_core.informing.step import Informing

PASSED, MOVED = "passed", "moved"
# A day that passed longer ago was either told already or is no news.
PASSED_DAYS_MAX = 3
ARRIVALS_NOTED_DAYS = 30

_LATE = f"""
INSERT INTO informed (id, seller_id, customer_id, step, subject_id, about, happened_at, happened_on, said_on, was_on, state,
                      reason, look_at, settled_at)
SELECT gen_random_uuid(), :seller, late.customer_id, 'delayed', late.subject_id, late.how || ' ' || late.expected_on,
       cast(:now AS timestamptz), cast(:today AS date),
       CASE late.how WHEN '{MOVED}' THEN late.expected_on ELSE late.told_on END, late.told_on,
       CASE WHEN :is_off THEN 'skipped' ELSE 'waiting' END,
       CASE WHEN :is_off THEN 'off' END, cast(:now AS timestamptz) + cast(:gather AS interval),
       CASE WHEN :is_off THEN cast(:now AS timestamptz) END
FROM (
    SELECT goods.*, CASE WHEN goods.expected_on < cast(:today AS date) THEN '{PASSED}' ELSE '{MOVED}' END AS how
    FROM (
        SELECT s.id AS subject_id, o.customer_id, s.expected_on, told.said_on AS told_on, true AS has_left
        FROM (SELECT DISTINCT ON (subject_id) subject_id, said_on FROM informed
              WHERE seller_id = :seller AND step IN ('shipped', 'delayed') AND said_on IS NOT NULL
                AND state <> 'waiting' AND happened_at > :lately
              ORDER BY subject_id, happened_at DESC, id DESC) told
        JOIN shipment s ON s.id = told.subject_id JOIN orders o ON o.id = s.order_id
        WHERE s.delivered_on IS NULL AND s.expected_on IS NOT NULL
        UNION ALL
        SELECT o.id, o.customer_id, o.expected_on, told.said_on, false
        FROM (SELECT DISTINCT ON (subject_id) subject_id, said_on FROM informed
              WHERE seller_id = :seller AND step IN ('order_confirmed', 'delayed') AND said_on IS NOT NULL
                AND state <> 'waiting' AND happened_at > :lately
              ORDER BY subject_id, happened_at DESC, id DESC) told
        JOIN orders o ON o.id = told.subject_id
        WHERE o.expected_on IS NOT NULL
          AND EXISTS (SELECT FROM order_line l WHERE l.order_id = o.id
                      AND l.state IN ('ordered', 'confirmed', 'part_shipped'))
    ) goods
) late
WHERE (late.how = '{MOVED}' AND late.expected_on > late.told_on)
   OR (late.how = '{PASSED}' AND late.told_on < cast(:today AS date)
       AND late.expected_on >= cast(:today AS date) - {PASSED_DAYS_MAX}
       AND (NOT late.has_left OR EXISTS (
            SELECT FROM shipment d JOIN orders x ON x.id = d.order_id
            WHERE x.seller_id = :seller AND d.delivered_on >= cast(:today AS date) - {ARRIVALS_NOTED_DAYS})))
ON CONFLICT (seller_id, step, subject_id, about) DO NOTHING
"""  # noqa: S608 (made of constants)


def find_delays(session: Session, seller_id: UUID, settings: Informing, today: date, now: datetime) -> int:
    """How many delays were written down that were not known yet; `today` is the day where the seller is."""
    result = session.execute(
        text(_LATE),
        {
            "seller": seller_id,
            "now": now,
            "today": today,
            "lately": now - timedelta(days=180),
            "gather": settings.gather,
            "is_off": settings.switch("delayed") == "off",
        },
    )
    assert isinstance(result, CursorResult)
    return result.rowcount


def day_of(about: str) -> tuple[str, date]:
    """How it is late (passed or moved) and against or to which day, as a row keeps it."""
    how, _, day = about.partition(" ")
    return how, date.fromisoformat(day)
