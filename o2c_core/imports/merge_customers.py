"""From staged rows to customers, contacts and addresses, as sets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2c_core.imports.rows import Reading

# Why an address that a newer file no longer names is not written to any more. One that was proven stays.
REPLACED = "replaced in an import"

_CUSTOMERS = """
CREATE TEMPORARY TABLE import_customers AS
SELECT DISTINCT ON (s.ref) s.line, s.id::uuid AS id, s.ref, s.name, s.kind, s.country, s.language, s.currency, s.time_zone,
       s.street, s.postcode, s.city, s.terms_days, s.month_end, s.discount_percent, s.discount_days,
       s.instalments::jsonb AS instalments, s.vat_number, s.company_number, s.parent, s.segment, s.preferred_channel,
       s.credit_limit, s.is_walk_in, f.fingerprint, c.id AS existing,
       CASE WHEN c.id IS NULL THEN 'accepted'
            WHEN c.erased_at IS NOT NULL AND NOT :only_new THEN 'refused'
            WHEN :only_new OR c.fingerprint = f.fingerprint THEN 'unchanged'
            ELSE 'changed' END AS outcome
FROM import_customer s
JOIN (SELECT ref, md5(string_agg(mark, ',' ORDER BY line)) AS fingerprint FROM import_customer GROUP BY ref) f USING (ref)
LEFT JOIN customer c ON c.seller_id = :seller AND c.ref = s.ref COLLATE "default"
ORDER BY s.ref, s.line
"""
_INSERT = """
INSERT INTO customer (id, seller_id, ref, name, kind, country, language, currency, time_zone, street, postcode, city,
                      payment_terms_days, month_end, discount_percent, discount_days, instalments, vat_number,
                      company_number, segment, preferred_channel, credit_limit_minor, is_walk_in, fingerprint, created_at)
SELECT id, :seller, ref, name, coalesce(kind, :kind), coalesce(country, :country), coalesce(language, :language),
       coalesce(currency, :currency), time_zone, street, postcode, city, terms_days,
       month_end, discount_percent, discount_days, instalments, vat_number, company_number, segment, preferred_channel,
       credit_limit, is_walk_in,
       CASE WHEN :only_new THEN NULL ELSE fingerprint END, :now
FROM import_customers WHERE outcome = 'accepted'
"""
# What the file leaves empty stays as it is.
_UPDATE = """
UPDATE customer c SET name = s.name, kind = coalesce(s.kind, c.kind), country = coalesce(s.country, c.country),
       language = coalesce(s.language, c.language), currency = coalesce(s.currency, c.currency),
       time_zone = coalesce(s.time_zone, c.time_zone), street = coalesce(s.street, c.street),
       postcode = coalesce(s.postcode, c.postcode), city = coalesce(s.city, c.city),
       payment_terms_days = coalesce(s.terms_days, c.payment_terms_days),
       month_end = CASE WHEN s.terms_days IS NULL THEN c.month_end ELSE s.month_end END,
       discount_percent = CASE WHEN s.terms_days IS NULL THEN c.discount_percent ELSE s.discount_percent END,
       discount_days = CASE WHEN s.terms_days IS NULL THEN c.discount_days ELSE s.discount_days END,
       instalments = CASE WHEN s.terms_days IS NULL THEN c.instalments ELSE s.instalments END,
       vat_number = coalesce(s.vat_number, c.vat_number), company_number = coalesce(s.company_number, c.company_number),
       segment = coalesce(s.segment, c.segment), preferred_channel = coalesce(s.preferred_channel, c.preferred_channel),
       credit_limit_minor = coalesce(s.credit_limit, c.credit_limit_minor), fingerprint = s.fingerprint
FROM import_customers s WHERE s.outcome = 'changed' AND c.id = s.existing
"""
# A parent may stand anywhere in the file, so it is looked up when all customers are there.
_PARENTS = """
UPDATE customer c SET parent_id = p.id FROM import_customers s, customer p
WHERE s.outcome IN ('accepted', 'changed') AND s.parent IS NOT NULL AND c.id = coalesce(s.existing, s.id)
  AND p.seller_id = :seller AND p.ref = s.parent COLLATE "default" AND c.parent_id IS DISTINCT FROM p.id
"""
# Nobody is above themselves, by however many steps.
_PARENTS_MAX = 20
_CIRCLES = """
WITH RECURSIVE up AS (
    SELECT c.id AS start, c.parent_id AS above, 1 AS steps
    FROM import_customers s JOIN customer c ON c.id = coalesce(s.existing, s.id)
    WHERE s.outcome IN ('accepted', 'changed') AND s.parent IS NOT NULL AND c.parent_id IS NOT NULL
    UNION ALL
    SELECT up.start, c.parent_id, up.steps + 1 FROM up JOIN customer c ON c.id = up.above
    WHERE up.above <> up.start AND c.parent_id IS NOT NULL AND up.steps < :parents_max
)
UPDATE customer SET parent_id = NULL WHERE id IN (SELECT start FROM up WHERE above = start) RETURNING ref
"""
_ORPHANS = """
SELECT count(*), min(s.parent) FROM import_customers s WHERE s.outcome IN ('accepted', 'changed') AND s.parent IS NOT NULL
  AND NOT EXISTS (SELECT FROM customer p WHERE p.seller_id = :seller AND p.ref = s.parent COLLATE "default")
"""
_TRAIL = """
INSERT INTO trail (id, at, who, what, subject, subject_id, seller_id, customer_id, why, details)
SELECT id, :now, 'system', 'customer changed', 'customer', existing, :seller, existing, :why, jsonb_build_object('line', line)
FROM import_customers WHERE outcome = 'changed'
"""
_CONTACTS = """
CREATE TEMPORARY TABLE import_contact AS
SELECT r.line, coalesce(s.existing, s.id) AS customer_id, r.contact_id::uuid AS contact_id, coalesce(r.contact, s.name) AS name,
       r.role, r.email_id::uuid AS email_id, r.email, r.phone_id::uuid AS phone_id, r.phone
FROM import_customer r JOIN import_customers s USING (ref)
WHERE s.outcome IN ('accepted', 'changed') AND (r.contact IS NOT NULL OR r.email IS NOT NULL OR r.phone IS NOT NULL)
"""
_NEW_CONTACTS = """
INSERT INTO contact (id, customer_id, name, role)
SELECT DISTINCT ON (i.customer_id, lower(i.name)) i.contact_id, i.customer_id, i.name, coalesce(i.role, 'general')
FROM import_contact i
WHERE NOT EXISTS (SELECT FROM contact k WHERE k.customer_id = i.customer_id AND lower(k.name) = lower(i.name))
ORDER BY i.customer_id, lower(i.name), i.line
"""
_FIND_CONTACTS = """
UPDATE import_contact i SET contact_id = k.id
FROM (SELECT DISTINCT ON (customer_id, lower(name)) id, customer_id, lower(name) AS name FROM contact
      WHERE customer_id IN (SELECT customer_id FROM import_contact) ORDER BY customer_id, lower(name), id) k
WHERE k.customer_id = i.customer_id AND k.name = lower(i.name)
"""
_ROLES = """
UPDATE contact k SET role = i.role
FROM import_contact i WHERE k.id = i.contact_id AND i.role IS NOT NULL AND k.role <> i.role
"""
_ADDRESSES = """
INSERT INTO address (id, contact_id, channel, value)
SELECT DISTINCT ON (contact_id, value) id, contact_id, channel, value FROM (
    SELECT email_id AS id, contact_id, 'email' AS channel, email AS value FROM import_contact
    UNION ALL SELECT phone_id, contact_id, 'sms', phone FROM import_contact) said
WHERE value IS NOT NULL
ON CONFLICT (contact_id, channel, value) DO UPDATE SET failed_at = NULL, failed_why = NULL
    WHERE address.failed_why = :replaced
"""
_RETIRED = """
UPDATE address a SET failed_at = :now, failed_why = :replaced
WHERE a.failed_at IS NULL AND a.verified_at IS NULL
  AND EXISTS (SELECT FROM import_contact i WHERE i.contact_id = a.contact_id
              AND CASE a.channel WHEN 'email' THEN i.email ELSE i.phone END IS NOT NULL)
  AND NOT EXISTS (SELECT FROM import_contact i WHERE i.contact_id = a.contact_id AND a.value IN (i.email, i.phone))
"""


# From people named in `import_contact` to contacts and addresses.
KEEP_CONTACTS = (_NEW_CONTACTS, _FIND_CONTACTS, _ROLES, _ADDRESSES, _RETIRED)


def merge_customers(session: Session, reading: Reading, now: datetime, *, only_new: bool) -> None:
    """Adds and changes customers as staged. With `only_new` those already known stay as they are.

    An address is never counted as proven for being in a file.
    """
    seller, defaults = reading.seller, reading.profile.defaults
    facts: dict[str, Any] = {
        "seller": seller.id,
        "only_new": only_new,
        "kind": defaults.get("kind", "company"),
        "country": defaults.get("country", seller.country),
        "language": defaults.get("language", seller.language),
        "currency": defaults.get("currency", seller.currency),
        "now": now,
        "replaced": REPLACED,
        "why": f"imported from {reading.report.file}",
    }
    session.execute(text("DROP TABLE IF EXISTS pg_temp.import_customers, pg_temp.import_contact"))
    for statement in (
        _CUSTOMERS, _INSERT, _UPDATE, _PARENTS, _TRAIL, _CONTACTS, *KEEP_CONTACTS,
    ):  # fmt: skip
        used = {name: value for name, value in facts.items() if f":{name}" in statement}
        session.execute(text(statement), used)
    refused = "SELECT line, ref FROM import_customers WHERE outcome = 'refused' ORDER BY line"
    for line, ref in session.execute(text(refused)):
        reading.report.refuse(line, f"the customer {ref} was forgotten on request; a file does not bring it back")
    for outcome, number in session.execute(text("SELECT outcome, count(*) FROM import_customers GROUP BY 1")):
        reading.report.count("customer", outcome, number)
    circles = sorted(session.scalars(text(_CIRCLES), {"parents_max": _PARENTS_MAX}))
    if circles:
        reading.report.remarks.append(
            f"{len(circles)} customers would be above themselves, such as {circles[0]}; they are without a parent"
        )
    orphans, parent = session.execute(text(_ORPHANS), {"seller": seller.id}).one()
    if orphans:
        reading.report.remarks.append(f"{orphans} customers name a parent that is not known here, such as {parent}")
