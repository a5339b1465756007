"""From staged rows to payments, set against the invoices they name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import column, select, table, text
from sqlalchemy.orm import Session

from o2c_core.imports.allocate import Part, allocate
from o2c_core.imports.follow_days import follow_days
from o2c_core.imports.report import REFUSED_LISTED_MAX
from o2c_core.imports.rows import Reading
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Allocation
from o2c_core.invoices.posting import locked_invoices, settle_discounts
from o2c_core.money import Money, total

# A payment without a key of its own gets one from what it says; two that say the same are told apart by their order.
_KEYED = """
UPDATE import_payment p SET key = 'file-' || p.mark || '-' || n.place
FROM (SELECT id, row_number() OVER (PARTITION BY mark ORDER BY line) AS place FROM import_payment WHERE key IS NULL) n
WHERE p.id = n.id
"""
_PAIRS = """
CREATE TEMPORARY TABLE import_pair AS
SELECT p.key, p.line, p.amount, named.number, named.place, i.id AS invoice_id, i.customer_id, i.currency
FROM import_payment p CROSS JOIN LATERAL unnest(string_to_array(p.invoices, E'\\v')) WITH ORDINALITY AS named (number, place)
LEFT JOIN invoice i ON i.seller_id = :seller AND i.number = named.number COLLATE "default"
"""
# Money may be set against invoices or paid back at this very moment; the lock makes that and a lower amount take turns.
_LOCK = """
SELECT count(*) FROM (
    SELECT p.id FROM payment p
    WHERE p.seller_id = :seller AND p.source_key IN (SELECT key COLLATE "default" FROM import_payment)
    ORDER BY p.id FOR NO KEY UPDATE OF p) locked
"""
_PAYMENTS = """
CREATE TEMPORARY TABLE import_payments AS
SELECT g.*, w.unknown, coalesce(c.id, w.customer_id) AS customer_id, was.id AS existing, was.amount_minor AS amount_was,
       (coalesce((SELECT sum(a.amount_minor) FROM allocation a WHERE a.payment_id = was.id), 0)
        + coalesce((SELECT sum(r.amount_minor) FROM payment_return r WHERE r.payment_id = was.id), 0))::bigint AS used,
       CASE WHEN b.key IS NOT NULL THEN 'broken'
            WHEN g.currency <> g.currency2 THEN 'currencies_differ'
            WHEN g.customer <> g.customer2 THEN 'customers_differ'
            WHEN g.customer IS NOT NULL AND c.id IS NULL THEN 'customer_unknown'
            WHEN w.unknown IS NOT NULL THEN 'invoice_unknown'
            WHEN w.customer_id <> w.customer_id2 OR w.customer_id <> c.id THEN 'invoices_of_others'
            WHEN w.currency <> g.currency OR w.currency2 <> g.currency THEN 'other_currency'
            WHEN was.customer_id <> coalesce(c.id, w.customer_id) THEN 'other_customer'
       END AS why,
       CASE WHEN was.id IS NULL THEN 'accepted'
            WHEN (was.received_on, was.amount_minor, was.currency) = (g.received_on, g.amount, g.currency)
                 AND was.reference IS NOT DISTINCT FROM g.reference AND was.method IS NOT DISTINCT FROM g.method THEN 'unchanged'
            ELSE 'changed' END AS outcome
FROM (SELECT key, min(line) AS line, min(id)::uuid AS id, count(*) AS rows, sum(amount)::bigint AS amount,
             min(customer) AS customer, max(customer) AS customer2, min(currency) AS currency, max(currency) AS currency2,
             min(received_on) AS received_on, min(reference) AS reference, min(method) AS method
      FROM import_payment GROUP BY key) g
LEFT JOIN (SELECT key, min(number) FILTER (WHERE invoice_id IS NULL) AS unknown, min(customer_id::text)::uuid AS customer_id,
                  max(customer_id::text)::uuid AS customer_id2, min(currency) AS currency, max(currency) AS currency2
           FROM import_pair GROUP BY key) w USING (key)
LEFT JOIN (SELECT DISTINCT number AS key FROM import_refused) b USING (key)
LEFT JOIN customer c ON c.seller_id = :seller AND c.ref = g.customer COLLATE "default"
LEFT JOIN payment was ON was.seller_id = :seller AND was.source_key = g.key COLLATE "default"
"""
_TOO_LOW = """
UPDATE import_payments SET why = CASE WHEN used > amount THEN 'below_allocated' ELSE 'currency_moved' END
WHERE why IS NULL AND outcome = 'changed' AND used > 0
  AND (used > amount OR currency <> (SELECT p.currency FROM payment p WHERE p.id = existing))
"""
_INSERT = """
INSERT INTO payment (id, seller_id, customer_id, received_on, amount_minor, currency, reference, method, source_key)
SELECT id, :seller, customer_id, received_on, amount, currency, reference, method, key
FROM import_payments WHERE outcome = 'accepted'
"""
_UPDATE = """
UPDATE payment p SET received_on = s.received_on, amount_minor = s.amount, currency = s.currency, reference = s.reference,
       method = s.method
FROM import_payments s WHERE s.outcome = 'changed' AND p.id = s.existing
"""
_TRAIL = """
INSERT INTO trail (id, at, who, what, subject, subject_id, seller_id, customer_id, why, details)
SELECT id, :now, 'system', 'payment changed', 'payment', existing, :seller, customer_id, :why,
       jsonb_build_object('key', key, 'line', line, 'amount_minor', amount, 'amount_minor_was', amount_was)
FROM import_payments WHERE outcome = 'changed'
"""
# A new payment on several rows gives each row's invoices that row's amount; a changed one, what it has left.
_TO_ALLOCATE = """
SELECT coalesce(s.existing, s.id) AS source, r.invoice_id AS invoice, s.received_on AS on,
       CASE s.outcome WHEN 'accepted' THEN r.line ELSE 0 END AS share,
       CASE s.outcome WHEN 'accepted' THEN r.amount ELSE s.amount - s.used END AS amount
FROM import_payments s JOIN import_pair r USING (key)
WHERE s.outcome IN ('accepted', 'changed')
ORDER BY s.line, s.key, r.line, r.place
"""
_PAID_WITH_DISCOUNT = """
SELECT DISTINCT i.id FROM import_payments s JOIN allocation a ON a.payment_id = coalesce(s.existing, s.id)
JOIN invoice i ON i.id = a.invoice_id AND i.seller_id = :seller AND i.discount_minor > 0
WHERE s.outcome IN ('accepted', 'changed')
"""
SENTENCES = {
    "broken": "the payment {key} is refused as a whole because of another of its rows",
    "currencies_differ": "the rows of payment {key} are in different currencies",
    "customers_differ": "the rows of payment {key} name different customers: {customer} and {customer2}",
    "customer_unknown": "the customer {customer} is not known; import the customers first",
    "invoice_unknown": "the invoice {unknown} is not known; import the invoices first",
    "invoices_of_others": "the payment names invoices of different customers",
    "other_currency": "the payment is in {currency}, and an invoice it names is not",
    "other_customer": "the payment {key} is already known from another customer",
    "below_allocated": "{used_money} of payment {key} is already set against invoices or given back, more than its new amount",
    "currency_moved": "the payment {key} is already set against invoices, so its currency cannot change",
}


def merge_payments(session: Session, reading: Reading, now: datetime) -> None:
    """Adds and changes payments as staged, and sets each against the invoices it names, up to what is open on them."""
    report, seller = reading.report, {"seller": reading.seller.id}
    session.execute(text("DROP TABLE IF EXISTS pg_temp.import_pair, pg_temp.import_payments"))
    session.execute(text(_KEYED))
    for statement in (_PAIRS, _LOCK, _PAYMENTS):
        session.execute(text(statement), seller)
    session.execute(text("ANALYZE import_pair"))
    session.execute(text("ANALYZE import_payments"))
    session.execute(text(_TOO_LOW))
    _report(session, reading)
    session.execute(text(_INSERT), seller)
    session.execute(text(_UPDATE))
    session.execute(text(_TRAIL), seller | {"now": now, "why": f"imported from {report.file}"})
    staged = table("import_payments", column("existing"), column("outcome"))
    changed = select(staged.c.existing).where(staged.c.outcome == "changed")
    follow_days(session, Allocation.payment_id.in_(changed))
    found = session.execute(text(_TO_ALLOCATE), execution_options={"yield_per": 5_000})
    parts = (Part(row.source, row.amount, row.invoice, row.on, row.share) for row in found)
    allocate(session, parts, source="payment_id")
    _settle_discounts(session, reading)
    _report_unapplied(session, reading)


def _report(session: Session, reading: Reading) -> None:
    report = reading.report
    refused = text("SELECT * FROM import_payments WHERE why IS NOT NULL ORDER BY line LIMIT :most")
    listed = 0
    for row in session.execute(refused, {"most": REFUSED_LISTED_MAX}).mappings():
        used = str(Money(int(row["used"]), row["currency"]))
        report.refuse(row["line"], SENTENCES[row["why"]].format(**row, used_money=used))
        listed += 1
    rows = session.execute(
        text("SELECT coalesce(sum(rows), 0) FROM import_payments WHERE why IS NOT NULL")
    ).scalar_one()
    report.refused_rows += int(rows) - listed
    count = """
        SELECT count(*) FROM (SELECT number FROM import_refused UNION SELECT key FROM import_payments WHERE why IS NOT NULL) r
    """
    report.count("payment", "refused", session.execute(text(count)).scalar_one())
    session.execute(text("UPDATE import_payments SET outcome = 'refused' WHERE why IS NOT NULL"))
    counted = (
        "SELECT outcome, currency, count(*), sum(amount) FROM import_payments WHERE outcome <> 'refused' GROUP BY 1, 2"
    )
    for outcome, currency, number, amount in session.execute(text(counted)):
        report.count("payment", outcome, number)
        report.add_total("payment", Money(int(amount), currency))


def _settle_discounts(session: Session, reading: Reading) -> None:
    """What was paid early enough keeps its discount, as it would have had the money been recorded here."""
    paid = list(session.scalars(text(_PAID_WITH_DISCOUNT), {"seller": reading.seller.id}))
    if not paid:
        return
    changes = settle_discounts(session, locked_invoices(session, Invoice.id.in_(paid)), by="system")
    for currency in sorted({change.amount.currency for change in changes}):
        minors = [change.amount for change in changes if change.amount.currency == currency and change.amount.minor > 0]
        if minors:
            money = total(minors, currency)
            reading.report.remarks.append(
                f"{len(minors)} invoices were paid early enough to keep a discount, {money} in all"
            )


def _report_unapplied(session: Session, reading: Reading) -> None:
    left = """
        SELECT s.currency, count(*), sum(s.amount - a.used) FROM import_payments s CROSS JOIN LATERAL (
            SELECT coalesce(sum(amount_minor), 0) AS used FROM allocation WHERE payment_id = coalesce(s.existing, s.id)) a
        WHERE s.outcome IN ('accepted', 'changed') AND a.used < s.amount GROUP BY 1 ORDER BY 1
    """
    for currency, number, amount in session.execute(text(left)):
        money = Money(int(amount), currency)
        reading.report.remarks.append(
            f"of {number} payments, {money} found no open invoice and stays as money on account"
        )
