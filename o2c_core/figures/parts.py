"""What was open at the end of a day, in the parts it is due in: the SQL the figures share.

Each statement takes `:seller` and `:on` and counts nothing that was issued or allocated after that day. Amounts are in
minor units. Source: docs/figures.md, "What counts on a day".
"""

from __future__ import annotations

# What is open on each part of the invoices that are due in parts. Money fills the part that is due first. The last part
# is what the total leaves after the others, and what was paid beyond the total is taken off it, so the parts always sum
# to what is open on the invoice.
PARTS_IN_INSTALMENTS = """
    SELECT invoice_id, customer_id, currency, due_on,
           CASE WHEN is_last THEN total_minor - before - greatest(used - before, 0)
                ELSE amount - least(greatest(used - before, 0), amount) END AS left_minor
    FROM (
        SELECT i.id AS invoice_id, i.customer_id, i.currency, i.total_minor, used.minor AS used,
               coalesce(p.due_on, i.due_on) AS due_on, coalesce(p.amount_minor, 0) AS amount,
               coalesce(sum(p.amount_minor) OVER (parts ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before,
               lead(i.id) OVER parts IS NULL AS is_last
        FROM invoice i
        LEFT JOIN instalment p ON p.invoice_id = i.id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(a.amount_minor), 0) AS minor
            FROM allocation a WHERE a.invoice_id = i.id AND a.allocated_on <= :on
        ) used
        WHERE i.seller_id = :seller AND i.issued_on <= :on AND i.is_in_instalments
        WINDOW parts AS (PARTITION BY i.id ORDER BY p.due_on, p.position)
    ) part
"""

# One row per invoice, or per part of it, on which anything is open.
OPEN_PARTS = f"""
    SELECT invoice_id, customer_id, currency, due_on, left_minor
    FROM (
        SELECT i.id AS invoice_id, i.customer_id, i.currency, i.due_on,
               i.total_minor - coalesce(used.minor, 0) AS left_minor
        FROM invoice i
        LEFT JOIN (
            SELECT a.invoice_id, sum(a.amount_minor) AS minor
            FROM allocation a JOIN invoice i ON i.id = a.invoice_id
            WHERE i.seller_id = :seller AND a.allocated_on <= :on
            GROUP BY a.invoice_id
        ) used ON used.invoice_id = i.id
        WHERE i.seller_id = :seller AND i.issued_on <= :on AND NOT i.is_in_instalments
        UNION ALL
        {PARTS_IN_INSTALMENTS}
    ) each_part
    WHERE left_minor <> 0
"""  # noqa: S608 (made of constants)
