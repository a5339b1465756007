"""From staged rows to invoices and credit notes with their lines, as sets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import column, select, table, text
from sqlalchemy.orm import Session

from o2c_core.imports.agreed_terms import agree_on_terms
from o2c_core.imports.allocate import Part, allocate
from o2c_core.imports.documents import TAXES, gather, settle
from o2c_core.imports.follow_days import follow_days
from o2c_core.imports.mapping import Record
from o2c_core.imports.rows import Reading
from o2c_core.invoices.payment import Allocation

# Money may be set against an invoice, and credit used, at this very moment; the locks make that and a lower total take
# turns. Credit notes come first, as wherever credit is set against invoices.
_LOCK_CREDIT = """
SELECT count(*) FROM (
    SELECT n.id FROM credit_note n JOIN import_document d ON d.existing = n.id
    WHERE d.outcome = 'changed' AND d.is_credit ORDER BY n.id FOR UPDATE OF n) locked
"""
_LOCK = """
SELECT count(*) FROM (
    SELECT i.id FROM invoice i JOIN import_document d ON d.existing = i.id
    WHERE d.outcome = 'changed' AND NOT d.is_credit ORDER BY i.id FOR UPDATE OF i) locked
"""
_USED = """
UPDATE import_document d SET used = CASE WHEN d.is_credit
    THEN (SELECT coalesce(sum(a.amount_minor), 0) FROM allocation a WHERE a.credit_note_id = d.existing)
         + (SELECT coalesce(sum(r.amount_minor), 0) FROM payment_return r WHERE r.credit_note_id = d.existing)
    ELSE (SELECT sum(a.amount_minor) FROM allocation a WHERE a.invoice_id = d.existing) END
WHERE d.outcome = 'changed'
"""
_TOO_LOW = """
UPDATE import_document SET why = 'below_allocated' WHERE why IS NULL AND outcome = 'changed' AND used > total
"""
_DISPUTED_AND_GONE = """
UPDATE import_document d SET why = 'disputed_line_gone'
WHERE d.why IS NULL AND d.outcome = 'changed' AND NOT d.is_credit AND EXISTS (
    SELECT FROM invoice_line l JOIN dispute_line q ON q.invoice_line_id = l.id
    WHERE l.invoice_id = d.existing AND l.position > d.lines)
"""
_MOVED = """
UPDATE import_document d SET why = 'currency_moved' FROM invoice i
WHERE d.why IS NULL AND d.outcome = 'changed' AND d.used > 0 AND i.id = d.existing AND i.currency <> d.currency
"""
_CREDITED = """
UPDATE import_document d SET why = 'credited_unknown'
WHERE d.why IS NULL AND d.is_credit AND d.credits IS NOT NULL
  AND NOT EXISTS (SELECT FROM invoice i WHERE i.seller_id = :seller AND i.number = d.credits COLLATE "default"
                  AND i.customer_id = d.customer_id)
  AND NOT EXISTS (SELECT FROM import_document o WHERE o.number = d.credits AND NOT o.is_credit AND o.why IS NULL
                  AND o.customer_id = d.customer_id)
"""
_INVOICES = """
INSERT INTO invoice (id, seller_id, customer_id, order_id, number, issued_on, due_on, terms_days, currency, net_minor,
                     tax_minor, total_minor, purchase_order, fingerprint)
SELECT d.id, :seller, d.customer_id, o.id, d.number, d.day, coalesce(d.until, d.day + d.terms_days::int), d.terms_days,
       d.currency, d.net, d.tax, d.total, d.purchase_order, d.fingerprint
FROM import_document d
LEFT JOIN orders o ON o.seller_id = :seller AND o.number = d.order_number COLLATE "default" AND o.customer_id = d.customer_id
WHERE d.outcome = 'accepted' AND NOT d.is_credit
"""
_CHANGED_INVOICES = """
UPDATE invoice i SET order_id = coalesce(
           (SELECT o.id FROM orders o
            WHERE o.seller_id = :seller AND o.number = d.order_number COLLATE "default"
              AND o.customer_id = d.customer_id), i.order_id),
       issued_on = d.day, due_on = coalesce(d.until, d.day + d.terms_days::int), terms_days = d.terms_days,
       currency = d.currency, net_minor = d.net, tax_minor = d.tax, total_minor = d.total,
       purchase_order = d.purchase_order, fingerprint = d.fingerprint
FROM import_document d WHERE d.outcome = 'changed' AND NOT d.is_credit AND i.id = d.existing
"""
_CREDIT_NOTES = """
INSERT INTO credit_note (id, seller_id, customer_id, invoice_id, number, issued_on, currency, net_minor, tax_minor,
                         total_minor, reason, fingerprint)
SELECT d.id, :seller, d.customer_id, i.id, d.number, d.day, d.currency, d.net, d.tax, d.total, d.reason, d.fingerprint
FROM import_document d
LEFT JOIN invoice i ON i.seller_id = :seller AND i.number = d.credits COLLATE "default" AND i.customer_id = d.customer_id
WHERE d.outcome = 'accepted' AND d.is_credit
"""
_CHANGED_CREDIT_NOTES = """
UPDATE credit_note n SET issued_on = d.day, currency = d.currency, net_minor = d.net, tax_minor = d.tax,
       total_minor = d.total, reason = d.reason,
       fingerprint = d.fingerprint,
       invoice_id = coalesce((SELECT i.id FROM invoice i WHERE i.seller_id = :seller AND i.number = d.credits COLLATE "default"
                              AND i.customer_id = d.customer_id), n.invoice_id)
FROM import_document d WHERE d.outcome = 'changed' AND d.is_credit AND n.id = d.existing
"""
_LINES = """
INSERT INTO {noun}_line (id, {noun}_id, position, sku, description, quantity, unit_price, amount_minor, tax_category,
                         tax_rate)
SELECT r.id::uuid, coalesce(d.existing, d.id), row_number() OVER (PARTITION BY r.number ORDER BY r.place), r.sku,
       r.description, r.quantity * d.sign, r.unit_price, r.amount * d.sign, r.tax_category, r.tax_rate
FROM import_row r JOIN import_document d USING (number)
WHERE r.is_line AND d.outcome IN ('accepted', 'changed') AND d.is_credit = {is_credit}
ON CONFLICT ({noun}_id, position) DO UPDATE SET sku = excluded.sku, description = excluded.description,
    quantity = excluded.quantity, unit_price = excluded.unit_price, amount_minor = excluded.amount_minor,
    tax_category = excluded.tax_category, tax_rate = excluded.tax_rate
"""
_SURPLUS = """
DELETE FROM {noun}_line l USING import_document d
WHERE d.outcome = 'changed' AND d.is_credit = {is_credit} AND l.{noun}_id = d.existing AND l.position > d.lines
"""
_NO_TAXES = """
DELETE FROM tax_subtotal t USING import_document d WHERE d.outcome = 'changed' AND t.{noun}_id = d.existing
"""
# Only where the rates on the lines account for the document's tax to the cent; a rounding of the ERP's own is left alone.
_TAXES = """
INSERT INTO tax_subtotal (id, {noun}_id, category, rate, base_minor, tax_minor)
SELECT gen_random_uuid(), coalesce(d.existing, d.id), x.category, x.rate, x.base * d.sign, x.tax * d.sign
FROM import_document d JOIN (TAXES) x USING (number)
WHERE d.outcome IN ('accepted', 'changed') AND d.is_credit = {is_credit} AND d.line_tax = d.tax * d.sign
""".replace("TAXES", TAXES)
# A line points to the order line with the same article, where the order has that article once.
_POINTED = """
UPDATE invoice_line l SET order_line_id = g.id
FROM import_document d JOIN invoice i ON i.id = coalesce(d.existing, d.id)
JOIN (SELECT order_id, sku, min(id::text)::uuid AS id FROM order_line WHERE sku <> ''
      GROUP BY order_id, sku HAVING count(*) = 1) g ON g.order_id = i.order_id
WHERE d.outcome IN ('accepted', 'changed') AND NOT d.is_credit AND d.order_number IS NOT NULL
  AND l.invoice_id = i.id AND l.sku = g.sku
"""
_TRAIL = """
INSERT INTO trail (id, at, who, what, subject, subject_id, seller_id, customer_id, why, details)
SELECT id, :now, 'system', CASE WHEN is_credit THEN 'credit note changed' ELSE 'invoice changed' END,
       CASE WHEN is_credit THEN 'credit_note' ELSE 'invoice' END, existing, :seller, customer_id, :why,
       jsonb_build_object('number', number, 'line', line, 'total_minor', total, 'total_minor_was', total_was)
FROM import_document WHERE outcome = 'changed'
"""
# What a credit note has left goes to the invoice it names, in the order of the file.
_TO_ALLOCATE = """
SELECT n.id AS source, n.total_minor - coalesce(d.used, 0) AS amount, i.id AS invoice, n.issued_on AS on
FROM import_document d JOIN credit_note n ON n.id = coalesce(d.existing, d.id)
JOIN invoice i ON i.seller_id = n.seller_id AND i.number = d.credits COLLATE "default" AND i.customer_id = n.customer_id
 AND i.currency = n.currency
WHERE d.outcome IN ('accepted', 'changed') AND d.is_credit AND d.credits IS NOT NULL
ORDER BY d.line, d.number
"""


def merge_invoices(session: Session, record: Record, reading: Reading, now: datetime) -> None:
    """Adds and changes invoices and credit notes as staged; never below what is already set against them."""
    report, seller = reading.report, {"seller": reading.seller.id}
    gather(session, record, reading)
    for statement in (_LOCK_CREDIT, _LOCK, _USED, _TOO_LOW, _MOVED, _DISPUTED_AND_GONE):
        session.execute(text(statement))
    session.execute(text(_CREDITED), seller)
    settle(session, record, report)
    for statement in (_INVOICES, _CHANGED_INVOICES, _CREDIT_NOTES, _CHANGED_CREDIT_NOTES):
        session.execute(text(statement), seller)
    for noun, is_credit in (("invoice", "false"), ("credit_note", "true")):
        for statement in (_LINES, _SURPLUS, _NO_TAXES, _TAXES):
            session.execute(text(statement.format(noun=noun, is_credit=is_credit)))
    session.execute(text(_POINTED))
    agree_on_terms(session, reading)
    staged = table("import_document", column("existing"), column("outcome"))
    changed = select(staged.c.existing).where(staged.c.outcome == "changed")
    for about in (Allocation.invoice_id, Allocation.credit_note_id):
        follow_days(session, about.in_(changed))
    session.execute(text(_TRAIL), seller | {"now": now, "why": f"imported from {report.file}"})
    found = session.execute(text(_TO_ALLOCATE), execution_options={"yield_per": 5_000})
    allocate(session, (Part(row.source, row.amount, row.invoice, row.on) for row in found), source="credit_note_id")
    unmarked = "SELECT count(*) FROM import_document WHERE is_credit AND NOT is_marked AND outcome <> 'refused'"
    below = session.execute(text(unmarked)).scalar_one()
    if below:
        report.remarks.append(f"{below} documents that come to less than zero were taken over as credit notes")
    lost = """
        SELECT count(*) FROM import_document d WHERE d.order_number IS NOT NULL AND d.outcome IN ('accepted', 'changed')
        AND NOT EXISTS (SELECT FROM orders o WHERE o.seller_id = :seller AND o.number = d.order_number COLLATE "default"
                        AND o.customer_id = d.customer_id)
    """
    unknown = session.execute(text(lost), seller).scalar_one()
    if unknown:
        report.remarks.append(f"{unknown} invoices name an order that is not known here; they stand on their own")
