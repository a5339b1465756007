"""Lists for finance as of a day: promises, disputes, complaints, reminders, conversations, money and open invoices, in SQL.

Each takes `:seller` and `:on`. The columns are read as they stand in the report: those that end in `_minor` are amounts
of the row's `currency`.
"""

from __future__ import annotations

from o2c_core.figures.parts import OPEN_PARTS

_LOCAL = "AT TIME ZONE (SELECT s.time_zone FROM seller s WHERE s.id = :seller))::date"

PROMISES = """
    SELECT c.ref AS customer, c.name, p.made_on, p.promised_on, p.currency, p.amount_minor AS amount_minor,
           CASE WHEN p.settled_on > :on THEN 'open' ELSE p.state END AS state,
           CASE WHEN p.settled_on <= :on THEN p.settled_on END AS settled_on, p.channel, p.words
    FROM promise p JOIN customer c ON c.id = p.customer_id
    WHERE p.seller_id = :seller AND p.made_on <= :on
    ORDER BY p.promised_on DESC, c.ref, p.id
"""

DISPUTES = f"""
    SELECT number, customer, name, invoice, reason, currency, amount_minor, opened_on,
           CASE WHEN resolved_on <= :on THEN 'resolved' ELSE 'open' END AS state,
           CASE WHEN resolved_on <= :on THEN resolved_on END AS resolved_on,
           least(coalesce(resolved_on, :on), cast(:on AS date)) - opened_on AS days, answer_by, owner,
           CASE WHEN resolved_on <= :on THEN outcome END AS outcome
    FROM (
        SELECT d.number, c.ref AS customer, c.name, i.number AS invoice, d.reason, d.currency, d.amount_minor,
               (d.opened_at {_LOCAL} AS opened_on, (d.resolved_at {_LOCAL} AS resolved_on, d.answer_by, d.owner, d.outcome
        FROM dispute d JOIN customer c ON c.id = d.customer_id JOIN invoice i ON i.id = d.invoice_id
        WHERE d.seller_id = :seller
    ) dispute
    WHERE opened_on <= :on
    ORDER BY state, opened_on DESC, number
"""  # noqa: S608 (made of constants)

COMPLAINTS = f"""
    SELECT number, customer, name, category, severity, owner, opened_on, answer_by,
           CASE WHEN resolved_on <= :on THEN 'resolved' ELSE 'open' END AS state,
           CASE WHEN resolved_on <= :on THEN resolved_on END AS resolved_on, about,
           CASE WHEN resolved_on <= :on THEN resolution END AS resolution
    FROM (
        SELECT k.number, c.ref AS customer, c.name, k.category, k.severity, k.owner, k.answer_by, k.about, k.resolution,
               (k.opened_at {_LOCAL} AS opened_on, (k.resolved_at {_LOCAL} AS resolved_on
        FROM complaint k JOIN customer c ON c.id = k.customer_id WHERE k.seller_id = :seller
    ) complaint
    WHERE opened_on <= :on
    ORDER BY state, opened_on DESC, number
"""  # noqa: S608 (made of constants)

REMINDERS = """
    SELECT c.ref AS customer, c.name, i.number AS invoice, r.rung AS step, i.currency, r.open_minor AS asked_minor,
           m.channel, m.delivery AS state
    FROM reminder r
    JOIN invoice i ON i.id = r.invoice_id
    JOIN customer c ON c.id = r.customer_id
    JOIN message m ON m.id = r.message_id
    WHERE c.seller_id = :seller AND r."on" = :on
    ORDER BY c.ref, i.number
"""

# Of the thirty days up to and including that day. A question counts as the assistant's where its answer was.
CONVERSATIONS = """
    SELECT m.channel, coalesce(c.language, m.language, '') AS language,
           count(DISTINCT c.id) AS conversations, count(*) AS questions,
           count(*) FILTER (WHERE a.author = 'assistant') AS by_assistant,
           count(*) FILTER (WHERE a.author IS NOT NULL AND a.author <> 'assistant') AS by_people,
           count(DISTINCT h.conversation_id) AS handed_over,
           round(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM a.created_at - m.created_at))
                 FILTER (WHERE a.author = 'assistant'))::bigint AS median_seconds
    FROM message m
    JOIN conversation c ON c.id = m.conversation_id
    JOIN seller s ON s.id = c.seller_id
    LEFT JOIN LATERAL (
        SELECT answer.author, answer.created_at FROM message answer
        WHERE answer.conversation_id = m.conversation_id AND answer.id > m.id AND answer.direction = 'out'
              AND answer.purpose = 'answer' AND answer.delivery <> 'withdrawn'
        ORDER BY answer.id LIMIT 1
    ) a ON true
    LEFT JOIN handoff h ON h.conversation_id = c.id
        AND (h.called_at AT TIME ZONE s.time_zone)::date BETWEEN cast(:on AS date) - 29 AND :on
    WHERE c.seller_id = :seller AND m.direction = 'in' AND m.purpose = 'question'
          AND (m.created_at AT TIME ZONE s.time_zone)::date BETWEEN cast(:on AS date) - 29 AND :on
    GROUP BY 1, 2
    ORDER BY questions DESC, 1, 2
"""

PAYMENTS = """
    SELECT c.ref AS customer, c.name, held.kind, held.reference, held.day AS received_on, held.currency,
           held.minor AS amount_minor, held.minor - coalesce(used.minor, 0) - coalesce(back.minor, 0) AS unapplied_minor
    FROM (
        SELECT id, customer_id, 'payment' AS kind, coalesce(reference, source_key) AS reference, received_on AS day,
               currency, amount_minor AS minor FROM payment WHERE seller_id = :seller AND received_on <= :on
        UNION ALL
        SELECT id, customer_id, 'credit note', number, issued_on, currency, total_minor
        FROM credit_note WHERE seller_id = :seller AND issued_on <= :on
    ) held
    JOIN customer c ON c.id = held.customer_id
    LEFT JOIN (
        SELECT coalesce(a.payment_id, a.credit_note_id) AS id, sum(a.amount_minor) AS minor
        FROM allocation a JOIN invoice i ON i.id = a.invoice_id
        WHERE i.seller_id = :seller AND i.issued_on <= :on AND a.allocated_on <= :on AND a.write_off_id IS NULL GROUP BY 1
    ) used ON used.id = held.id
    LEFT JOIN (
        SELECT coalesce(payment_id, credit_note_id) AS id, sum(amount_minor) AS minor
        FROM payment_return WHERE seller_id = :seller AND returned_on <= :on GROUP BY 1
    ) back ON back.id = held.id
    WHERE held.minor - coalesce(used.minor, 0) - coalesce(back.minor, 0) <> 0
    ORDER BY held.currency, held.day, c.ref, held.reference
"""

OPEN_INVOICES = f"""
    SELECT c.ref AS customer, c.name, i.number AS invoice, i.purchase_order, i.issued_on, part.due_on,
           greatest(cast(:on AS date) - part.due_on, 0) AS days_late, i.currency, i.total_minor AS invoiced_minor,
           part.left_minor AS open_minor
    FROM ({OPEN_PARTS}) part
    JOIN invoice i ON i.id = part.invoice_id
    JOIN customer c ON c.id = part.customer_id
    ORDER BY i.currency, part.due_on, c.ref, i.number
"""  # noqa: S608 (made of constants)
