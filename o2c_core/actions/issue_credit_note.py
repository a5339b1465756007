"""Crediting a customer, within the authority of who decides it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from o2c_core.cases.crediting import Credited, credit
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound
from o2c_core.invoices.crediting import CreditLine
from o2c_core.money import Money
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note

__all__ = ["Credited", "issue_credit_note"]


def issue_credit_note(
    customer_id: UUID,
    *,
    reason: str,
    by: str,
    role: str,
    store: Store,
    invoice_id: UUID | None = None,
    amount: Money | None = None,
    lines: Sequence[CreditLine] = (),
    message_id: UUID | None = None,
) -> Credited:
    """Issue a credit note for an amount, tax included, or for lines, and set it against the invoice it is about.

    What is more than open on the invoice stays as unapplied credit; more than the invoice was for cannot be credited.

    Raises: NotFound; NotTheirInvoice; NothingToCredit; NotAboveZero; OtherCurrency; MoreThanInvoiced; BeyondAuthority;
    TaxUnknown.
    """
    now = store.clock.now()
    with store.session() as session:
        customer = session.get(Customer, customer_id)
        if customer is None:
            raise NotFound("There is no such customer.", customer=str(customer_id))
        done = credit(
            session, customer, reason=reason, by=by, role=role, clock=store.clock, invoice_id=invoice_id, amount=amount,
            lines=lines,
        )  # fmt: skip
        made = done.credit_note
        note(
            session, "credit note issued", made, at=now, who=by, why=reason, message_id=message_id, role=role,
            number=made.number, invoice=done.invoice.number if done.invoice else None,
            amount=str(Money(made.total_minor, made.currency)), unapplied=str(done.unapplied),
            allocated=[change.to_json() for change in done.changes],
        )  # fmt: skip
        withdraw_overtaken(session, customer_id, now)
        session.commit()
        return done
