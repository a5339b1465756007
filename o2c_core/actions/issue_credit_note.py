"""Crediting a customer, within the authority of who decides it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.cases.crediting import Credited, credit
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound
from o2c_core.invoices.crediting import CreditLine
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.posting import left_of
from o2c_core.money import Money
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine, note

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
    form: str = "",
) -> Credited:
    """Issue a credit note for an amount, tax included, or for lines, and set it against the invoice it is about.

    What is more than open on the invoice stays as unapplied credit; more than the invoice was for cannot be credited.
    `form` is the key of the form it was asked for with: the same form sent twice, also at once, gives the first credit note.

    Raises: NotFound; NotTheirInvoice; NothingToCredit; NotAboveZero; OtherCurrency; MoreThanInvoiced; BeyondAuthority;
    TaxUnknown.
    """
    now = store.clock.now()
    with store.session() as session:
        customer = session.get(Customer, customer_id)
        if customer is None:
            raise NotFound("There is no such customer.", customer=str(customer_id))
        if form:
            # Of two at once the second waits here until the first is booked, and finds it.
            session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"credit {form}", 0))))
            before = _booked_before(session, customer_id, form)
            if before is not None:
                return before
        done = credit(
            session, customer, reason=reason, by=by, role=role, clock=store.clock, invoice_id=invoice_id, amount=amount,
            lines=lines,
        )  # fmt: skip
        made = done.credit_note
        note(
            session, "credit note issued", made, at=now, who=by, why=reason, message_id=message_id, role=role,
            number=made.number, invoice=done.invoice.number if done.invoice else None,
            amount=str(Money(made.total_minor, made.currency)), unapplied=str(done.unapplied),
            allocated=[change.to_json() for change in done.changes], form=form or None,
        )  # fmt: skip
        withdraw_overtaken(session, customer_id, now)
        session.commit()
        return done


def _booked_before(session: Session, customer_id: UUID, form: str) -> Credited | None:
    """What was booked with that form. What it was set against is in the trail's line."""
    query = (
        select(CreditNote)
        .join(TrailLine, TrailLine.subject_id == CreditNote.id)
        .where(
            TrailLine.customer_id == customer_id,
            TrailLine.what == "credit note issued",
            TrailLine.details["form"].astext == form,
        )
    )
    made = session.scalars(query).one_or_none()
    if made is None:
        return None
    invoice = session.get(Invoice, made.invoice_id) if made.invoice_id else None
    return Credited(made, (), left_of(session, made), invoice)
