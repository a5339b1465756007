"""From staged rows to orders, their lines and their shipments, as sets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2c_core.imports.documents import gather, settle
from o2c_core.imports.mapping import Record
from o2c_core.imports.rows import Reading
from o2c_core.orders.states import LINE_FUTURES

_LOCK = """
SELECT count(*) FROM (
    SELECT o.id FROM orders o JOIN import_document d ON d.existing = o.id
    WHERE d.outcome = 'changed' ORDER BY o.id FOR UPDATE OF o) locked
"""
_INSERT = """
INSERT INTO orders (id, seller_id, customer_id, number, ordered_on, expected_on, currency, purchase_order, fingerprint)
SELECT id, :seller, customer_id, number, day, until, currency, purchase_order, fingerprint
FROM import_document WHERE outcome = 'accepted'
"""
_UPDATE = """
UPDATE orders o SET ordered_on = d.day, expected_on = d.until, currency = d.currency, purchase_order = d.purchase_order,
       fingerprint = d.fingerprint
FROM import_document d WHERE d.outcome = 'changed' AND o.id = d.existing
"""
_LINES = """
INSERT INTO order_line (id, order_id, position, sku, description, quantity, unit_price, amount_minor, state)
SELECT r.id::uuid, coalesce(d.existing, d.id), row_number() OVER (PARTITION BY r.number ORDER BY r.place), r.sku,
       r.description, r.quantity, r.unit_price, r.amount, coalesce(r.state, 'ordered')
FROM import_row r JOIN import_document d USING (number)
WHERE r.is_line AND d.outcome IN ('accepted', 'changed')
ON CONFLICT (order_id, position) DO UPDATE SET sku = excluded.sku, description = excluded.description,
    quantity = excluded.quantity, unit_price = excluded.unit_price, amount_minor = excluded.amount_minor,
    state = CASE WHEN order_line.state || '>' || excluded.state = ANY (:futures) THEN excluded.state ELSE order_line.state END
"""
# What a file says of a line that is further along here is not believed: states never run backwards.
_BACKWARDS = """
SELECT count(*), min(d.number) FROM import_document d
JOIN LATERAL (SELECT row_number() OVER (ORDER BY r.place) AS position, coalesce(r.state, 'ordered') AS state
              FROM import_row r WHERE r.number = d.number AND r.is_line) s ON true
JOIN order_line l ON l.order_id = d.existing AND l.position = s.position
WHERE d.outcome = 'changed' AND NOT l.state || '>' || s.state = ANY (:futures)
"""
_SHIPPED_AND_GONE = """
UPDATE import_document d SET why = 'shipped_line_gone'
WHERE d.why IS NULL AND d.outcome = 'changed' AND EXISTS (
    SELECT FROM order_line l JOIN shipment_line q ON q.order_line_id = l.id
    WHERE l.order_id = d.existing AND l.position > d.lines)
"""
# An invoice line that points to an order line that is no more points to nothing.
_UNPOINTED = """
UPDATE invoice_line l SET order_line_id = NULL FROM order_line g JOIN import_document d ON g.order_id = d.existing
WHERE l.order_line_id = g.id AND d.outcome = 'changed' AND g.position > d.lines
"""
_SURPLUS = """
DELETE FROM order_line g USING import_document d
WHERE d.outcome = 'changed' AND g.order_id = d.existing AND g.position > d.lines
"""
_SHIPMENTS = """
INSERT INTO shipment (id, order_id, carrier, tracking_number, shipped_on, expected_on, delivered_on, received_by)
SELECT DISTINCT ON (d.number, s.tracking_number) s.id::uuid, coalesce(d.existing, d.id), s.carrier, s.tracking_number,
       s.shipped_on, s.expected_on, s.delivered_on, s.received_by
FROM import_shipment s JOIN import_document d USING (number)
WHERE d.outcome IN ('accepted', 'changed')
ORDER BY d.number, s.tracking_number, s.line DESC
ON CONFLICT (order_id, tracking_number) DO UPDATE SET carrier = coalesce(excluded.carrier, shipment.carrier),
    shipped_on = coalesce(excluded.shipped_on, shipment.shipped_on),
    expected_on = coalesce(excluded.expected_on, shipment.expected_on),
    delivered_on = coalesce(excluded.delivered_on, shipment.delivered_on),
    received_by = coalesce(excluded.received_by, shipment.received_by)
"""
_TRAIL = """
INSERT INTO trail (id, at, who, what, subject, subject_id, seller_id, customer_id, why, details)
SELECT id, :now, 'system', 'order changed', 'orders', existing, :seller, customer_id, :why,
       jsonb_build_object('number', number, 'line', line)
FROM import_document WHERE outcome = 'changed'
"""


def merge_orders(session: Session, record: Record, reading: Reading, now: datetime) -> None:
    """Adds and changes orders as staged."""
    gather(session, record, reading)
    session.execute(text(_LOCK))
    session.execute(text(_SHIPPED_AND_GONE))
    settle(session, record, reading.report)
    futures = {"futures": [f"{now}>{to}" for now, states in LINE_FUTURES.items() for to in states]}
    backwards, number = session.execute(text(_BACKWARDS), futures).one()
    if backwards:
        reading.report.remarks.append(
            f"{backwards} lines are further along here than the file says, such as in order {number}; they stay so"
        )
    session.execute(text(_INSERT), {"seller": reading.seller.id})
    session.execute(text(_UPDATE))
    session.execute(text(_LINES), futures)
    for statement in (_UNPOINTED, _SURPLUS, _SHIPMENTS):
        session.execute(text(statement))
    session.execute(
        text(_TRAIL), {"now": now, "seller": reading.seller.id, "why": f"imported from {reading.report.file}"}
    )
    shipped = "SELECT count(*) FROM import_shipment JOIN import_document USING (number) WHERE outcome <> 'refused'"
    shipments = session.execute(text(shipped)).scalar_one()
    if shipments:
        reading.report.lines["shipment"] += shipments
