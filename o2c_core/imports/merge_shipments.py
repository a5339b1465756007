"""From staged rows to shipments of known orders, with what is in them, as sets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2c_core.imports.report import REFUSED_LISTED_MAX
from o2c_core.imports.rows import Reading

# The last row of a shipment has the last word on it; what no row says stays as it is.
_SHIPMENTS = """
CREATE TEMPORARY TABLE import_document AS
SELECT DISTINCT ON (s.number, s.tracking_number) s.line, s.number, s.tracking_number, s.id::uuid AS id, s.carrier,
       s.shipped_on, s.expected_on, s.delivered_on, s.received_by, s.proof_kind, s.proof_reference, o.id AS order_id,
       o.customer_id, was.id AS existing,
       CASE WHEN o.id IS NULL THEN 'order_unknown'
            WHEN was.delivered_on <> s.delivered_on THEN 'delivered_before' END AS why,
       was.delivered_on AS delivered_was,
       CASE WHEN was.id IS NULL THEN 'accepted'
            WHEN (coalesce(s.carrier, was.carrier), coalesce(s.shipped_on, was.shipped_on),
                  coalesce(s.expected_on, was.expected_on), coalesce(s.delivered_on, was.delivered_on),
                  coalesce(s.received_by, was.received_by), coalesce(s.proof_kind, was.proof_kind),
                  coalesce(s.proof_reference, was.proof_reference))
                 IS NOT DISTINCT FROM (was.carrier, was.shipped_on, was.expected_on, was.delivered_on, was.received_by,
                                       was.proof_kind, was.proof_reference) THEN 'unchanged'
            ELSE 'changed' END AS outcome
FROM import_shipment s
LEFT JOIN orders o ON o.seller_id = :seller AND o.number = s.number COLLATE "default"
LEFT JOIN shipment was ON was.order_id = o.id AND was.tracking_number = s.tracking_number COLLATE "default"
ORDER BY s.number, s.tracking_number, s.line DESC
"""
_ARTICLES = """
UPDATE import_document d SET why = 'article_unknown' FROM import_shipment s
WHERE d.why IS NULL AND s.number = d.number AND s.tracking_number = d.tracking_number AND s.sku IS NOT NULL
  AND NOT EXISTS (SELECT FROM order_line l WHERE l.order_id = d.order_id AND l.sku = s.sku COLLATE "default")
"""
_INSERT = """
INSERT INTO shipment (id, order_id, carrier, tracking_number, shipped_on, expected_on, delivered_on, received_by, proof_kind,
                      proof_reference)
SELECT id, order_id, carrier, tracking_number, shipped_on, expected_on, delivered_on, received_by, proof_kind,
       proof_reference
FROM import_document WHERE outcome = 'accepted'
"""
_UPDATE = """
UPDATE shipment t SET carrier = coalesce(d.carrier, t.carrier), shipped_on = coalesce(d.shipped_on, t.shipped_on),
       expected_on = coalesce(d.expected_on, t.expected_on), delivered_on = coalesce(d.delivered_on, t.delivered_on),
       received_by = coalesce(d.received_by, t.received_by), proof_kind = coalesce(d.proof_kind, t.proof_kind),
       proof_reference = coalesce(d.proof_reference, t.proof_reference)
FROM import_document d WHERE d.outcome = 'changed' AND t.id = d.existing
"""
# An article that is on several lines of the order goes to the first of them.
_LINES = """
INSERT INTO shipment_line (id, shipment_id, order_line_id, quantity)
SELECT gen_random_uuid(), coalesce(d.existing, d.id), l.id, sum(coalesce(s.quantity, l.quantity))
FROM import_shipment s JOIN import_document d USING (number, tracking_number)
CROSS JOIN LATERAL (SELECT id, quantity FROM order_line l WHERE l.order_id = d.order_id AND l.sku = s.sku COLLATE "default"
                    ORDER BY position LIMIT 1) l
WHERE s.sku IS NOT NULL AND d.outcome <> 'refused'
GROUP BY d.existing, d.id, l.id
ON CONFLICT (shipment_id, order_line_id) DO UPDATE SET quantity = excluded.quantity
    WHERE shipment_line.quantity <> excluded.quantity
"""
# Lines only ever move forward: what an ERP said is further along stays so.
_STATES = """
UPDATE order_line l SET state = n.state FROM (
    SELECT l.id, CASE WHEN sum(q.quantity) < l.quantity THEN 'part_shipped'
                      WHEN bool_and(t.delivered_on IS NOT NULL) THEN 'delivered' ELSE 'shipped' END AS state
    FROM order_line l JOIN shipment_line q ON q.order_line_id = l.id JOIN shipment t ON t.id = q.shipment_id
    WHERE l.order_id IN (SELECT order_id FROM import_document WHERE outcome <> 'refused')
    GROUP BY l.id) n
WHERE l.id = n.id AND array_position(ARRAY['ordered', 'confirmed', 'part_shipped', 'shipped', 'delivered'], l.state)
                    < array_position(ARRAY['ordered', 'confirmed', 'part_shipped', 'shipped', 'delivered'], n.state)
"""
_TRAIL = """
INSERT INTO trail (id, at, who, what, subject, subject_id, seller_id, customer_id, why, details)
SELECT gen_random_uuid(), :now, 'system', 'shipment changed', 'shipment', existing, :seller, customer_id, :why,
       jsonb_build_object('order', number, 'tracking_number', tracking_number, 'line', line)
FROM import_document WHERE outcome = 'changed'
"""
SENTENCES = {
    "order_unknown": "the order {number} is not known; import the orders first",
    "article_unknown": "the shipment {tracking_number} names an article that order {number} does not have",
    "delivered_before": (
        "the shipment {tracking_number} was already delivered on {delivered_was}, and the file says {delivered_on}"
    ),
}


def merge_shipments(session: Session, reading: Reading, now: datetime) -> None:
    """Adds and changes shipments as staged; a day of delivery, once known, is never changed by a file."""
    report, seller = reading.report, {"seller": reading.seller.id}
    session.execute(text("DROP TABLE IF EXISTS pg_temp.import_document"))
    session.execute(text(_SHIPMENTS), seller)
    session.execute(text("CREATE INDEX ON import_document (number, tracking_number)"))
    session.execute(text("ANALYZE import_document"))
    session.execute(text(_ARTICLES))
    listed = 0
    query = text("SELECT * FROM import_document WHERE why IS NOT NULL ORDER BY line LIMIT :most")
    for row in session.execute(query, {"most": REFUSED_LISTED_MAX}).mappings():
        report.refuse(row["line"], SENTENCES[row["why"]].format(**row))
        listed += 1
    refused = session.execute(text("SELECT count(*) FROM import_document WHERE why IS NOT NULL")).scalar_one()
    report.refused_rows += refused - listed
    session.execute(text("UPDATE import_document SET outcome = 'refused' WHERE why IS NOT NULL"))
    for outcome, number in session.execute(text("SELECT outcome, count(*) FROM import_document GROUP BY 1")):
        report.count("shipment", outcome, number)
    for statement in (_INSERT, _UPDATE, _LINES, _STATES):
        session.execute(text(statement))
    session.execute(text(_TRAIL), seller | {"now": now, "why": f"imported from {report.file}"})
