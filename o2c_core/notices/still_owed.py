"""Whether everything a formal notice claims is still owed and free of objections, asked again before it leaves."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.invoices.account import unapplied_of
from o2c_core.invoices.invoice import Invoice
from o2c_core.notices.formal_notice import FormalNotice
from o2c_core.notices.late import late_of


def why_overtaken(session: Session, notice: FormalNotice, on: date) -> str | None:
    """What happened since that makes the notice claim too much, as a sentence; None while it is still right.

    More being owed by now makes it no less right: it claims what it names.
    """
    customer = session.get_one(Customer, notice.customer_id)
    if customer.erased_at is not None:
        return "The customer's data was erased."
    only = {line.invoice_id for line in notice.lines}
    late = late_of(session, customer, notice.currency, on, only=only)
    claimed = {(part.invoice.id, part.part): part.principal.minor for part in late.parts}
    why = {one.number: one.why for one in late.left_out}
    for line in notice.lines:
        if claimed.get((line.invoice_id, line.part), 0) < line.principal_minor:
            number = session.get_one(Invoice, line.invoice_id).number
            return f"Invoice {number}: {why.get(number, 'less is owed than the notice claims.')}"
    if unapplied_of(session, customer.id).get(notice.currency, 0) > 0:
        return "Money of this customer has come in that is not set against an invoice yet."
    return None
