"""From staged rows to contacts and addresses of known customers, as sets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2c_core.imports.merge_customers import KEEP_CONTACTS, REPLACED
from o2c_core.imports.report import REFUSED_LISTED_MAX
from o2c_core.imports.rows import Reading

_PEOPLE = """
CREATE TEMPORARY TABLE import_contact AS
SELECT p.line, CASE WHEN c.erased_at IS NULL THEN c.id END AS customer_id, c.erased_at IS NOT NULL AS is_erased,
       p.customer, p.contact_id::uuid AS contact_id, p.contact AS name, p.role, p.language,
       p.email_id::uuid AS email_id, p.email, p.phone_id::uuid AS phone_id, p.phone, k.id AS existing,
       CASE WHEN k.id IS NULL THEN 'accepted'
            WHEN (p.role IS NULL OR p.role = k.role) AND (p.language IS NULL OR p.language IS NOT DISTINCT FROM k.language)
                 AND NOT EXISTS (SELECT FROM (VALUES ('email', p.email), ('sms', p.phone)) said (channel, value)
                                 WHERE said.value IS NOT NULL AND NOT EXISTS (
                                     SELECT FROM address a WHERE a.contact_id = k.id AND a.failed_at IS NULL
                                     AND a.channel = said.channel AND a.value = said.value)) THEN 'unchanged'
            ELSE 'changed' END AS outcome
FROM import_person p
LEFT JOIN customer c ON c.seller_id = :seller AND c.ref = p.customer COLLATE "default"
LEFT JOIN LATERAL (SELECT k.id, k.role, k.language FROM contact k
                   WHERE k.customer_id = c.id AND lower(k.name) = lower(p.contact COLLATE "default")
                   ORDER BY k.id LIMIT 1) k ON true
"""
_UNKNOWN = "SELECT line, customer, is_erased FROM import_contact WHERE customer_id IS NULL ORDER BY line"
_KNOWN = "DELETE FROM import_contact WHERE customer_id IS NULL"
_LANGUAGES = """
UPDATE contact k SET language = i.language FROM import_contact i
WHERE k.id = i.contact_id AND i.language IS NOT NULL AND k.language IS DISTINCT FROM i.language
"""
_TRAIL = """
INSERT INTO trail (id, at, who, what, subject, subject_id, seller_id, customer_id, why, details)
SELECT gen_random_uuid(), :now, 'system', 'contact changed', 'contact', existing, :seller, customer_id, :why,
       jsonb_build_object('line', line)
FROM import_contact WHERE outcome = 'changed'
"""


def merge_contacts(session: Session, reading: Reading, now: datetime) -> None:
    """Adds and changes contacts as staged; a contact is who it was by its name at its customer.

    What a row leaves empty stays as it is. A person the file no longer names stays too: it may not list everybody.
    """
    report, seller = reading.report, reading.seller.id
    session.execute(text("DROP TABLE IF EXISTS pg_temp.import_contact"))
    session.execute(text(_PEOPLE), {"seller": seller})
    refused = session.execute(text(_UNKNOWN)).all()
    for line, customer, is_erased in refused[:REFUSED_LISTED_MAX]:
        why = (
            f"the customer {customer} was forgotten on request; a file does not bring its people back"
            if is_erased
            else f"the customer {customer} is not known; import the customers first"
        )
        report.refuse(line, why)
    report.refused_rows += max(0, len(refused) - REFUSED_LISTED_MAX)
    if refused:
        report.count("contact", "refused", len(refused))
    session.execute(text(_KNOWN))
    facts = {"now": now, "seller": seller, "replaced": REPLACED, "why": f"imported from {report.file}"}
    for statement in (*KEEP_CONTACTS, _LANGUAGES, _TRAIL):
        session.execute(text(statement), {name: value for name, value in facts.items() if f":{name}" in statement})
    for outcome, number in session.execute(text("SELECT outcome, count(*) FROM import_contact GROUP BY 1")):
        report.count("contact", outcome, number)
