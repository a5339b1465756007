"""From staged rows to documents: one per number, with what it comes to, what it does to the ledger, and why if refused."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2c_core.imports.mapping import Record
from o2c_core.imports.report import REFUSED_LISTED_MAX, ImportReport
from o2c_core.imports.rows import Reading
from o2c_core.money import Money

# The rows of one number, put together. Equal rows of a file without lines are one document; rows that differ are none.
_GROUPED = """
SELECT g.number, g.line, g.id, g.rows, g.lines, g.is_marked, g.customer, g.day, g.until, g.terms_days, g.currency,
       g.order_number, g.purchase_order, g.credits, g.reason, g.terms,
       CASE WHEN g.lines > 0 THEN g.worth END AS worth, g.net, g.tax, g.total,
       md5(g.marks || coalesce(p.marks, '')) AS fingerprint, t.line_tax, g.customer2, b.line AS broken_line, g.last_line,
       CASE WHEN b.line IS NOT NULL THEN 'broken'
            WHEN g.customer <> g.customer2 THEN 'customers_differ'
            WHEN g.currency <> g.currency2 THEN 'currencies_differ'
            WHEN g.lines = 0 AND g.rows > 1 AND g.differ THEN 'twice'
            WHEN g.totals_differ THEN 'totals_differ' END AS why
FROM (
    SELECT number, min(line) AS line, max(line) AS last_line, min(document)::uuid AS id, count(*) AS rows,
           count(*) FILTER (WHERE is_line) AS lines, bool_or(is_credit) AS is_marked, min(customer) AS customer,
           max(customer) AS customer2, min(day) AS day, max(until) AS until, min(terms_days) AS terms_days,
           min(currency) AS currency, max(currency) AS currency2, min(net) AS net, min(tax) AS tax, min(total) AS total,
           coalesce(min(net) <> max(net) OR min(tax) <> max(tax) OR min(total) <> max(total), false) AS totals_differ,
           sum(amount) FILTER (WHERE is_line) AS worth, min(order_number) AS order_number,
           min(purchase_order) AS purchase_order, min(credits) AS credits, min(reason) AS reason, min(terms) AS terms,
           min(mark) <> max(mark) AS differ,
           CASE WHEN bool_or(is_line) THEN string_agg(mark, ',' ORDER BY place) ELSE min(mark) END AS marks
    FROM import_row GROUP BY number) g
LEFT JOIN (SELECT number, min(line) AS line FROM import_refused GROUP BY number) b USING (number)
LEFT JOIN (SELECT number, string_agg(mark, ',' ORDER BY mark) AS marks FROM import_shipment GROUP BY number) p USING (number)
LEFT JOIN (SELECT number, sum(tax)::bigint AS line_tax FROM (TAXES) x GROUP BY number
           HAVING bool_and(rate IS NOT NULL)) t USING (number)
"""
# The tax of each category and rate, rounded once and not per line (EN 16931 BR-CO-17).
TAXES = """
SELECT number, tax_category AS category, tax_rate AS rate, sum(amount) AS base, round(sum(amount) * tax_rate / 100) AS tax
FROM import_row WHERE is_line AND number IN (SELECT number FROM import_row WHERE tax_rate IS NOT NULL)
GROUP BY number, tax_category, tax_rate
"""
_GROUPED = _GROUPED.replace("TAXES", TAXES)

# What the amounts say: the net is stated, or the sum of the lines, or what the total leaves; a credit note's are made
# positive. Then the ledger's word: who is the customer, and is the number known.
_INVOICES = """
CREATE TEMPORARY TABLE import_document AS
WITH stated AS (
    SELECT g.*, coalesce(g.net, g.worth, g.total - coalesce(g.tax, 0))::bigint AS net_said FROM (GROUPED) g
), added AS (
    SELECT s.*, coalesce(s.tax, s.total - s.net_said, s.line_tax, 0)::bigint AS tax_said,
           coalesce(s.total, s.net_said + coalesce(s.tax, s.line_tax, 0))::bigint AS total_said FROM stated s
), sided AS (
    SELECT a.*, (a.is_marked OR (a.total_said < 0 AND :below_zero = 'credit_note')) AS is_credit,
           CASE WHEN a.total_said < 0 AND (a.is_marked OR :below_zero = 'credit_note') THEN -1 ELSE 1 END AS sign
    FROM added a
)
SELECT s.number, s.line, s.last_line, s.id, s.rows, s.lines, s.day, s.until, s.currency, s.order_number,
       s.purchase_order, s.credits, s.reason, s.terms, s.is_credit, s.is_marked, s.sign, s.fingerprint, s.customer, s.customer2,
       s.broken_line, s.worth::bigint AS worth, s.line_tax, s.net_said * s.sign AS net, s.tax_said * s.sign AS tax,
       s.total_said * s.sign AS total, c.id AS customer_id,
       coalesce(s.terms_days, s.until - s.day, c.payment_terms_days, :default_terms, :seller_terms) AS terms_days,
       s.terms IS NOT NULL OR s.terms_days IS NULL AND (
           c.month_end IS NOT NULL OR c.discount_percent IS NOT NULL OR c.instalments IS NOT NULL) AS is_special,
       CASE WHEN s.is_credit THEN n.id ELSE i.id END AS existing,
       CASE WHEN s.is_credit THEN n.total_minor ELSE i.total_minor END AS total_was,
       coalesce(s.why, CASE
           WHEN s.total_said IS NULL THEN 'no_amount'
           WHEN s.net_said + s.tax_said <> s.total_said THEN 'does_not_add_up'
           WHEN s.net IS NOT NULL AND s.worth <> s.net THEN 'lines_differ'
           WHEN s.tax IS NULL AND s.tax_said * s.sign < 0 THEN 'lines_above_total'
           WHEN abs(s.line_tax - s.tax_said) > s.lines THEN 'rates_differ'
           WHEN s.is_marked AND :credits_are = 'negative' AND s.total_said > 0 THEN 'credit_above_zero'
           WHEN s.total_said < 0 AND NOT s.is_credit THEN 'below_zero'
           WHEN c.id IS NULL THEN 'customer_unknown'
           WHEN CASE WHEN s.is_credit THEN i.id ELSE n.id END IS NOT NULL THEN 'other_side'
           WHEN CASE WHEN s.is_credit THEN n.customer_id ELSE i.customer_id END <> c.id THEN 'other_customer'
       END) AS why,
       NULL::bigint AS used,
       CASE WHEN coalesce(i.id, n.id) IS NULL THEN 'accepted'
            WHEN CASE WHEN s.is_credit THEN n.fingerprint ELSE i.fingerprint END = s.fingerprint THEN 'unchanged'
            ELSE 'changed' END AS outcome
FROM sided s
LEFT JOIN customer c ON c.seller_id = :seller AND c.ref = s.customer COLLATE "default"
LEFT JOIN invoice i ON i.seller_id = :seller AND i.number = s.number COLLATE "default"
LEFT JOIN credit_note n ON n.seller_id = :seller AND n.number = s.number COLLATE "default"
""".replace("GROUPED", _GROUPED)

_ORDERS = """
CREATE TEMPORARY TABLE import_document AS
SELECT s.number, s.line, s.last_line, s.id, s.rows, s.lines, s.day, s.until, s.currency, s.purchase_order, false AS is_credit,
       s.fingerprint, s.customer, s.customer2, s.broken_line, coalesce(s.worth, 0)::bigint AS total, 0::bigint AS total_was,
       0::bigint AS worth, 0::bigint AS net, 0::bigint AS used, ''::text AS credits,
       c.id AS customer_id, o.id AS existing,
       coalesce(s.why, CASE WHEN c.id IS NULL THEN 'customer_unknown'
                            WHEN o.customer_id <> c.id THEN 'other_customer' END) AS why,
       CASE WHEN o.id IS NULL THEN 'accepted' WHEN o.fingerprint = s.fingerprint THEN 'unchanged' ELSE 'changed' END AS outcome
FROM (GROUPED) s
LEFT JOIN customer c ON c.seller_id = :seller AND c.ref = s.customer COLLATE "default"
LEFT JOIN orders o ON o.seller_id = :seller AND o.number = s.number COLLATE "default"
""".replace("GROUPED", _GROUPED)

SENTENCES = {
    "broken": "the {kind} {number} is refused as a whole because of line {broken_line}",
    "customers_differ": "the rows of {kind} {number} name different customers: {customer} and {customer2}",
    "currencies_differ": "the rows of {kind} {number} are in different currencies",
    "twice": "the {kind} {number} is in the file twice with different contents, on lines {line} and {last_line}",
    "totals_differ": "the rows of {kind} {number} state different totals",
    "no_amount": "nobody can tell what the {kind} {number} comes to: it has no total and no lines",
    "does_not_add_up": "the net and the tax of {kind} {number} do not add up to its total, {total}",
    "lines_differ": "the lines of {kind} {number} come to {worth}, and it says {net}",
    "rates_differ": "the tax rates on the lines of {kind} {number} come to {line_tax}, and its tax is {tax}",
    "lines_above_total": "the lines of {kind} {number} come to {worth}, more than its total, {total}",
    "credit_above_zero": "the {kind} {number} is marked as a credit note, and comes to more than zero: {total}",
    "below_zero": "the {kind} {number} comes to less than zero, {total}, and is not marked as a credit note",
    "customer_unknown": "the customer {customer} of {kind} {number} is not known; import the customers first",
    "other_side": "{number} is already known as {the_other}",
    "other_customer": "the {kind} {number} is already known for another customer than {customer}",
    "below_allocated": "{used} is already set against {kind} {number}, more than its new total, {total}",
    "currency_moved": "{used} is already set against {kind} {number}, so its currency cannot change",
    "shipped_line_gone": "the order {number} has fewer lines than before, and one that is gone was shipped",
    "disputed_line_gone": "the invoice {number} has fewer lines than before, and one that is gone is disputed",
    "credited_unknown": "the credit note {number} is for invoice {credits}, which this customer does not have",
}


def gather(session: Session, record: Record, reading: Reading) -> None:
    """Makes the table of documents from the staged rows."""
    facts: dict[str, Any] = {"seller": reading.seller.id}
    if record.kind == "invoice":
        facts |= {
            "below_zero": record.credit.negative_total,
            "credits_are": record.credit.amounts,
            "default_terms": reading.profile.defaults.get("terms_days"),
            "seller_terms": reading.seller.payment_terms_days,
        }
    session.execute(text("DROP TABLE IF EXISTS pg_temp.import_document"))
    statement = _INVOICES if record.kind == "invoice" else _ORDERS
    session.execute(text(statement.replace(":default_terms", "CAST(:default_terms AS bigint)")), facts)
    session.execute(text("CREATE INDEX ON import_document (number)"))
    session.execute(text("ANALYZE import_document"))


def settle(session: Session, record: Record, report: ImportReport) -> None:
    """Documents that cannot be taken over are reported and from here on left alone; the rest is counted."""
    refused = session.execute(
        text("SELECT * FROM import_document WHERE why IS NOT NULL ORDER BY line LIMIT :most"),
        {"most": REFUSED_LISTED_MAX},
    )
    listed = 0
    for row in refused.mappings():
        kind = "credit note" if row["is_credit"] else record.kind
        currency = str(row["currency"])
        amounts = {
            name: str(Money(int(row[name]), currency)) if row[name] is not None else ""
            for name in _AMOUNTS
            if name in row
        }
        other = "an invoice" if row["is_credit"] else "a credit note"
        said = {**row, **amounts, "kind": kind, "the_other": other}
        report.refuse(row["line"], SENTENCES[row["why"]].format(**said))
        listed += 1
    rows = session.execute(
        text("SELECT coalesce(sum(rows), 0) FROM import_document WHERE why IS NOT NULL")
    ).scalar_one()
    report.refused_rows += int(rows) - listed
    count_refused = """
        SELECT coalesce(d.is_credit, false), count(*) FROM (
            SELECT number FROM import_refused UNION SELECT number FROM import_document WHERE why IS NOT NULL) r
        LEFT JOIN import_document d USING (number) GROUP BY 1
    """
    for is_credit, number in session.execute(text(count_refused)):
        report.count("credit_note" if is_credit else record.kind, "refused", number)
    session.execute(text("UPDATE import_document SET outcome = 'refused' WHERE why IS NOT NULL"))
    counted = """
        SELECT is_credit, outcome, currency, count(*), sum(lines), sum(total), count(*) FILTER (WHERE total = 0)
        FROM import_document WHERE outcome <> 'refused' GROUP BY 1, 2, 3
    """
    zero = 0
    for is_credit, outcome, currency, number, lines, total, without in session.execute(text(counted)):
        kind = "credit_note" if is_credit else record.kind
        report.count(kind, outcome, number)
        report.lines[kind] += int(lines)
        report.add_total(kind, Money(int(total), currency))
        zero += without if kind == "invoice" else 0
    if zero:
        report.remarks.append(f"{zero} invoices come to zero; they are taken over, and nothing is open on them")


_AMOUNTS = ("total", "worth", "net", "used", "tax", "line_tax")
