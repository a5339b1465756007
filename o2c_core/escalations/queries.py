"""The SQL behind the facts: each query gives a row per day and customer, for every customer of a seller and many days."""

# ruff: noqa: S608 (the parts put together are this file's own constants; everything that varies is bound)

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import TextClause, text

from o2c_core.escalations.facts import Fact, facts


@dataclass(frozen=True)
class Reading:
    """One query: rows of day, customer and currency (where amounts are among them), then the `columns`, day by day."""

    source: str
    columns: tuple[Fact, ...]
    query: TextClause


# Days are the seller's calendar days. :first and :last are the days asked for, both included.
_DAYS = "CAST(:first AS date) AS first, CAST(:last AS date) AS last"
_SPAN = f"span AS (SELECT id AS seller_id, time_zone AS zone, {_DAYS} FROM seller WHERE id = :seller)"

# Every day of [from_on, until_on) that was asked for; until_on is the first day on which it no longer held.
_EACH_DAY = """
    CROSS JOIN span CROSS JOIN LATERAL (
        SELECT greatest(x.from_on, span.first) + n AS day
        FROM generate_series(0, least(coalesce(x.until_on - 1, span.last), span.last) - greatest(x.from_on, span.first)) n
    ) d
"""

# What was open on each invoice or instalment, from which day on and until when. What happened before the first day asked
# for is one step. The same as account.open_parts says of one day: money fills the earliest instalment first.
_OPEN_PARTS = f"""
    {_SPAN}, change AS (
        SELECT i.id, greatest(i.issued_on, span.first) AS from_on, 0 AS used
        FROM span JOIN invoice i ON i.seller_id = span.seller_id AND i.issued_on <= span.last
        UNION ALL
        SELECT i.id, greatest(a.allocated_on, i.issued_on, span.first), a.amount_minor
        FROM span JOIN invoice i ON i.seller_id = span.seller_id AND i.issued_on <= span.last
        JOIN allocation a ON a.invoice_id = i.id AND a.allocated_on <= span.last
    ), step AS (
        SELECT id, from_on, sum(sum(used)) OVER w AS used, lead(from_on) OVER w AS until_on
        FROM change GROUP BY id, from_on WINDOW w AS (PARTITION BY id ORDER BY from_on)
    ), instalments AS (
        SELECT p.invoice_id, p.due_on, p.amount_minor,
               coalesce(sum(p.amount_minor) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before,
               lead(p.id) OVER w IS NULL AS is_last
        FROM instalment p JOIN invoice i ON i.id = p.invoice_id AND i.is_in_instalments JOIN span USING (seller_id)
        WINDOW w AS (PARTITION BY p.invoice_id ORDER BY p.due_on, p.position)
    ), part AS (
        SELECT i.id, i.customer_id, i.currency, i.due_on, i.total_minor - s.used AS minor, s.from_on, s.until_on
        FROM step s JOIN invoice i ON i.id = s.id
        WHERE NOT i.is_in_instalments AND i.total_minor <> s.used
        UNION ALL
        SELECT i.id, i.customer_id, i.currency, coalesce(p.due_on, i.due_on),
               CASE WHEN coalesce(p.is_last, true)
                    THEN i.total_minor - coalesce(p.before, 0) - greatest(s.used - coalesce(p.before, 0), 0)
                    ELSE p.amount_minor - least(greatest(s.used - p.before, 0), p.amount_minor) END,
               s.from_on, s.until_on
        FROM step s JOIN invoice i ON i.id = s.id LEFT JOIN instalments p ON p.invoice_id = i.id
        WHERE i.is_in_instalments AND i.total_minor <> s.used
    )
"""

_CLAIMS = f"""
    WITH {_OPEN_PARTS}
    SELECT d.day, x.customer_id, x.currency, sum(x.minor) AS open,
           coalesce(sum(x.minor) FILTER (WHERE x.due_on < d.day), 0) AS overdue,
           coalesce(max(d.day - x.due_on) FILTER (WHERE x.minor > 0 AND x.due_on < d.day), 0) AS days_late_max,
           count(DISTINCT x.id) FILTER (WHERE x.minor > 0 AND x.due_on < d.day) AS invoices_late
    FROM part x {_EACH_DAY}
    GROUP BY 1, 2, 3
"""

# :ladders, :versions and :rungs name the last step of each ladder there is.
_LADDER = f"""
    WITH {_OPEN_PARTS}, last_step AS (
        SELECT * FROM unnest(CAST(:ladders AS text[]), CAST(:versions AS bigint[]), CAST(:rungs AS text[]))
            AS named (ladder, ladder_version, rung)
    ), x AS (
        SELECT p.customer_id, greatest(r."on", p.from_on) AS from_on, p.until_on
        FROM reminder r JOIN last_step USING (ladder, ladder_version, rung)
        JOIN part p ON p.id = r.invoice_id AND p.minor > 0 AND (p.until_on IS NULL OR p.until_on > r."on")
    )
    SELECT d.day, x.customer_id, NULL AS currency, true AS ladder_done FROM x {_EACH_DAY} GROUP BY 1, 2
"""

# A promise was broken on the day it was found so. In a row: until the next one that was kept.
_PROMISES_BROKEN = f"""
    WITH {_SPAN}, broken AS (
        SELECT p.customer_id, p.settled_on,
               (SELECT min(k.settled_on) FROM promise k
                WHERE k.customer_id = p.customer_id AND k.state = 'kept' AND k.settled_on > p.settled_on) AS kept_on
        FROM promise p JOIN span USING (seller_id)
        WHERE p.state = 'broken' AND p.settled_on <= span.last
    ), x AS (
        SELECT customer_id, settled_on AS from_on, settled_on + 90 AS until_on, 1 AS lately, 0 AS in_a_row FROM broken
        UNION ALL SELECT customer_id, settled_on, kept_on, 0, 1 FROM broken
    )
    SELECT d.day, x.customer_id, NULL AS currency, sum(lately) AS broken_promises_90_days,
           sum(in_a_row) AS broken_promises_in_a_row
    FROM x {_EACH_DAY} GROUP BY 1, 2
"""

_PROMISES_OPEN = f"""
    WITH {_SPAN}, x AS (
        SELECT p.customer_id, p.promised_on, p.made_on AS from_on, p.settled_on AS until_on
        FROM promise p JOIN span USING (seller_id)
        WHERE p.made_on <= span.last AND (p.state = 'open' OR p.settled_on > span.first)
    )
    SELECT d.day, x.customer_id, NULL AS currency, true AS has_promise,
           greatest(max(x.promised_on - d.day), 0) AS next_promise_days
    FROM x {_EACH_DAY} GROUP BY 1, 2
"""

_PLANS = f"""
    WITH {_SPAN}, x AS (
        SELECT p.customer_id, p.started_on AS from_on, p.settled_on AS until_on, true AS runs, false AS is_broken
        FROM payment_plan p JOIN span USING (seller_id) WHERE p.started_on <= span.last
        UNION ALL
        SELECT p.customer_id, p.settled_on,
               least(p.settled_on + 90, (SELECT min(n.started_on) FROM payment_plan n
                                         WHERE n.customer_id = p.customer_id AND n.started_on >= p.settled_on AND n.id <> p.id)),
               false, true
        FROM payment_plan p JOIN span USING (seller_id) WHERE p.state = 'broken' AND p.settled_on <= span.last
    )
    SELECT d.day, x.customer_id, NULL AS currency, bool_or(runs) AS on_plan, bool_or(is_broken) AS plan_broken
    FROM x {_EACH_DAY} GROUP BY 1, 2
"""

_DISPUTES = f"""
    WITH {_SPAN}, x AS (
        SELECT c.customer_id, c.currency, c.amount_minor, (c.opened_at AT TIME ZONE span.zone)::date AS from_on,
               (c.resolved_at AT TIME ZONE span.zone)::date AS until_on
        FROM dispute c JOIN span USING (seller_id)
    )
    SELECT d.day, x.customer_id, x.currency, sum(x.amount_minor) AS disputed, count(*) AS disputes_open,
           max(d.day - x.from_on) AS oldest_dispute_days
    FROM x {_EACH_DAY} GROUP BY 1, 2, 3
"""

_COMPLAINTS = f"""
    WITH {_SPAN}, x AS (
        SELECT c.customer_id, (c.opened_at AT TIME ZONE span.zone)::date AS from_on,
               (c.resolved_at AT TIME ZONE span.zone)::date AS until_on
        FROM complaint c JOIN span USING (seller_id)
    )
    SELECT d.day, x.customer_id, NULL AS currency, count(*) AS complaints_open,
           max(d.day - x.from_on) AS complaint_open_days
    FROM x {_EACH_DAY} GROUP BY 1, 2
"""

# A reminder is without an answer from its day until the customer next writes (not a machine of theirs) or pays.
_SILENCE = f"""
    WITH {_SPAN}, sent AS (
        SELECT r.customer_id, r.message_id, min(r."on") AS sent_on, min(r.created_at) AS sent_at
        FROM span JOIN customer c ON c.seller_id = span.seller_id
        JOIN reminder r ON r.customer_id = c.id AND r."on" BETWEEN span.first - 365 AND span.last
        JOIN message m ON m.id = r.message_id AND m.delivery NOT IN ('withdrawn', 'failed', 'draft')
        GROUP BY 1, 2
    ), wrote AS (
        SELECT c.customer_id, m.created_at AS wrote_at
        FROM span JOIN conversation c ON c.seller_id = span.seller_id AND c.customer_id IS NOT NULL
        JOIN message m ON m.conversation_id = c.id AND m.direction = 'in' AND m.purpose <> 'automatic'
    ), x AS (
        SELECT s.customer_id, s.sent_on AS from_on, least(
                   (SELECT (min(w.wrote_at) AT TIME ZONE span.zone)::date FROM wrote w
                    WHERE w.customer_id = s.customer_id AND w.wrote_at > s.sent_at),
                   (SELECT min(p.received_on) FROM payment p
                    WHERE p.customer_id = s.customer_id AND p.received_on >= s.sent_on)) AS until_on
        FROM sent s CROSS JOIN span
    )
    SELECT d.day, x.customer_id, NULL AS currency, count(*) AS reminders_unanswered,
           max(d.day - x.from_on) AS silence_days
    FROM x {_EACH_DAY} GROUP BY 1, 2
"""

# What the assistant noticed and called a person for, or calmed somebody down for. Moods are numbered by how bad they are.
_MOOD = f"""
    WITH {_SPAN}, noticed AS (
        SELECT t.customer_id, (t.at AT TIME ZONE span.zone)::date AS seen_on, t.details ->> 'reason' AS what
        FROM trail t JOIN span USING (seller_id)
        WHERE t.what = 'person called' AND t.customer_id IS NOT NULL
          AND t.at >= span.first - 181 AND t.at < span.last + 2
        UNION ALL
        SELECT c.customer_id, (m.created_at AT TIME ZONE span.zone)::date, 'angry'
        FROM span JOIN conversation c ON c.seller_id = span.seller_id AND c.customer_id IS NOT NULL
        JOIN message m ON m.conversation_id = c.id AND m.direction = 'out'
            AND m.created_at >= span.first - 31 AND m.understanding ->> 'calmed' = 'true'
    ), x AS (
        SELECT customer_id, seen_on AS from_on, seen_on + 30 AS until_on,
               CASE what WHEN 'bereavement' THEN 3 WHEN 'vulnerable' THEN 2 WHEN 'angry' THEN 1 ELSE 0 END AS mood,
               false AS legal_threat, false AS insolvency
        FROM noticed WHERE what IN ('bereavement', 'vulnerable', 'angry')
        UNION ALL SELECT customer_id, seen_on, seen_on + 90, 0, true, false FROM noticed WHERE what = 'legal_threat'
        UNION ALL SELECT customer_id, seen_on, seen_on + 180, 0, false, true FROM noticed WHERE what = 'insolvency'
    )
    SELECT d.day, x.customer_id, NULL AS currency, max(mood) AS mood, bool_or(legal_threat) AS legal_threat,
           bool_or(insolvency) AS insolvency
    FROM x {_EACH_DAY} GROUP BY 1, 2
"""

# A line waits from the day it was ordered until the last of it left. When it left is known by its shipments; what is
# in none of them left with the last one of the order.
_ORDERS = f"""
    WITH {_SPAN}, line AS (
        SELECT o.id, o.customer_id, o.currency, o.ordered_on, l.state, l.amount_minor, l.quantity,
               l.quantity - l.cancelled_quantity - coalesce(
                   (SELECT sum(i.quantity) FROM shipment_line i JOIN shipment t ON t.id = i.shipment_id
                    WHERE i.order_line_id = l.id AND l.state = 'part_shipped'), 0) AS waiting,
               coalesce(
                   (SELECT max(t.shipped_on) FROM shipment_line i JOIN shipment t ON t.id = i.shipment_id
                    WHERE i.order_line_id = l.id),
                   (SELECT max(t.shipped_on) FROM shipment t WHERE t.order_id = o.id)) AS left_on
        FROM span JOIN orders o ON o.seller_id = span.seller_id AND o.ordered_on <= span.last
        JOIN order_line l ON l.order_id = o.id AND l.state <> 'cancelled' AND l.quantity > 0
    ), x AS (
        SELECT id, customer_id, currency, ordered_on AS from_on, round(amount_minor * waiting / quantity)::bigint AS minor,
               CASE WHEN state NOT IN ('ordered', 'confirmed', 'part_shipped') THEN coalesce(left_on, ordered_on) END AS until_on
        FROM line WHERE waiting > 0
    )
    SELECT d.day, x.customer_id, x.currency, count(DISTINCT x.id) AS orders_open, sum(x.minor) AS order_value_waiting
    FROM x {_EACH_DAY} GROUP BY 1, 2, 3
"""

_SOURCES: Mapping[str, str] = {
    "claims": _CLAIMS,
    "ladder": _LADDER,
    "promises_broken": _PROMISES_BROKEN,
    "promises_open": _PROMISES_OPEN,
    "plans": _PLANS,
    "disputes": _DISPUTES,
    "complaints": _COMPLAINTS,
    "silence": _SILENCE,
    "mood": _MOOD,
    "orders": _ORDERS,
}
# Facts worked out from others, which is what is read for them.
DERIVED: Mapping[str, tuple[str, ...]] = {
    "group_overdue": ("overdue",),
    "overdue_share_of_limit": ("overdue",),
    "limit_used_share": ("open", "order_value_waiting"),
}


def read(wanted: Iterable[Fact]) -> list[Reading]:
    """What has to be asked of the database for those facts: one query for each source, with only their columns."""
    names = {name for fact in wanted for name in DERIVED.get(fact.name, (fact.name,))}
    by_source: dict[str, list[Fact]] = {}
    for fact in facts().values():
        if fact.name in names and fact.source in _SOURCES:
            by_source.setdefault(fact.source, []).append(fact)
    return [Reading(source, tuple(columns), _query(source, columns)) for source, columns in by_source.items()]


def _query(source: str, columns: list[Fact]) -> TextClause:
    # The database leaves out what nobody asks for; figures come as whole numbers.
    said = ", ".join(one.name if one.kind == "yes_no" else f"CAST({one.name} AS bigint)" for one in columns)
    return text(f"SELECT day, customer_id, currency, {said} FROM ({_SOURCES[source]}) found ORDER BY day")
