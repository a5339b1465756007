"""Terms beyond a number of days: month ends, discounts for paying early and instalments, on invoices just imported."""

from __future__ import annotations

from itertools import islice
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from o2c_core.customers.terms import PaymentTerms, parse_terms, stored_parts
from o2c_core.imports.rows import Reading
from o2c_core.invoices.invoice import Instalment
from o2c_core.keys import new_key

_BATCH = 2_000
# What an earlier version of the file agreed on no longer counts.
_CLEARED = (
    """
    DELETE FROM instalment p USING import_document d
    WHERE d.outcome = 'changed' AND NOT d.is_credit AND p.invoice_id = d.existing
    """,
    """
    UPDATE invoice i SET is_in_instalments = false, discount_minor = 0, discount_until_on = NULL FROM import_document d
    WHERE d.outcome = 'changed' AND NOT d.is_credit AND i.id = d.existing
      AND (i.is_in_instalments OR i.discount_until_on IS NOT NULL)
    """,
)
_SPECIAL = """
SELECT i.id, i.issued_on, i.total_minor, d.until, d.terms, c.payment_terms_days, c.month_end, c.discount_percent,
       c.discount_days, c.instalments
FROM import_document d JOIN invoice i ON i.id = coalesce(d.existing, d.id) JOIN customer c ON c.id = i.customer_id
WHERE d.is_special AND d.outcome IN ('accepted', 'changed') AND NOT d.is_credit
"""
_AGREED = """
UPDATE invoice SET due_on = :due_on, terms_days = :terms_days, discount_minor = :discount_minor,
       discount_until_on = :discount_until_on, is_in_instalments = :is_in_instalments
WHERE id = :id
"""


def agree_on_terms(session: Session, reading: Reading) -> None:
    """Sets the due day, the discount and the instalments that the file's or the customer's terms give each invoice.

    A due day that the file states is believed, and then there are no instalments.
    """
    for statement in _CLEARED:
        session.execute(text(statement))
    found = iter(session.execute(text(_SPECIAL)).mappings().all())
    while batch := list(islice(found, _BATCH)):
        agreed, parts = [], []
        for row in batch:
            terms = _terms(row, reading)
            due = [] if row["until"] else terms.instalments(row["issued_on"], row["total_minor"])
            if any(minor <= 0 for _, minor in due):
                due = []
            agreed.append(
                {
                    "id": row["id"],
                    "due_on": row["until"] or (due[-1][0] if due else terms.due_on(row["issued_on"])),
                    "terms_days": terms.days,
                    "discount_minor": terms.discount_minor(row["total_minor"]),
                    "discount_until_on": terms.discount_until(row["issued_on"]),
                    "is_in_instalments": bool(due),
                }
            )
            parts += [
                {"id": new_key(), "invoice_id": row["id"], "position": place, "due_on": due_on, "amount_minor": minor}
                for place, (due_on, minor) in enumerate(due, 1)
            ]
        session.execute(text(_AGREED), agreed)
        if parts:
            session.execute(insert(Instalment), parts)


def _terms(row: Any, reading: Reading) -> PaymentTerms:
    if row["terms"] is not None:
        return parse_terms(row["terms"])
    days = row["payment_terms_days"]
    return PaymentTerms(
        reading.seller.payment_terms_days if days is None else days,
        row["month_end"],
        row["discount_percent"],
        row["discount_days"],
        stored_parts(row["instalments"]),
    )
