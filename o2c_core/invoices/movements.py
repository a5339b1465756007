"""What moved a customer's account, and what was set against what, as queries over the ledger's rows."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, Subquery, func, literal, null, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn

_NOUNS: dict[str, type[Invoice | Payment | CreditNote]] = {
    "invoice": Invoice, "payment": Payment, "credit_note": CreditNote,
}  # fmt: skip


def moves_of(customer_id: UUID, currency: str, to_on: date) -> CTE:
    """Every movement of the account up to that day: on, kind, number, minor."""
    invoices = select(
        Invoice.issued_on.label("on"),
        literal("invoice").label("kind"),
        Invoice.number.label("number"),
        Invoice.total_minor.label("minor"),
    ).where(Invoice.customer_id == customer_id, Invoice.currency == currency)
    credits_ = select(CreditNote.issued_on, literal("credit_note"), CreditNote.number, -CreditNote.total_minor).where(
        CreditNote.customer_id == customer_id, CreditNote.currency == currency
    )
    payments = select(
        Payment.received_on, literal("payment"), func.coalesce(Payment.reference, ""), -Payment.amount_minor
    ).where(Payment.customer_id == customer_id, Payment.currency == currency)
    returns = (
        select(
            PaymentReturn.returned_on,
            PaymentReturn.kind,
            func.coalesce(Payment.reference, CreditNote.number, ""),
            PaymentReturn.amount_minor,
        )
        .outerjoin(Payment, Payment.id == PaymentReturn.payment_id)
        .outerjoin(CreditNote, CreditNote.id == PaymentReturn.credit_note_id)
        .where(PaymentReturn.customer_id == customer_id, PaymentReturn.currency == currency)
    )
    # What is written off is told as it was set against the invoice, so that taking it back is told too.
    on_invoices = _allocations(customer_id, currency, "invoice").subquery()
    written_off = select(on_invoices.c.on, literal("write_off"), on_invoices.c.number, -on_invoices.c.minor).where(
        on_invoices.c.write_off_id.is_not(None)
    )
    by_other = select(on_invoices.c.on, literal("paid_by_other"), on_invoices.c.number, -on_invoices.c.minor).where(
        on_invoices.c.write_off_id.is_(None), on_invoices.c.source_customer_id != customer_id
    )
    parts: list[Select[date, str, str, int]] = [invoices, credits_, payments, returns, written_off, by_other]
    for source in ("payment", "credit_note"):
        spent = _allocations(customer_id, currency, source).subquery()
        parts.append(
            select(spent.c.on, literal("paid_for_other"), spent.c.number, spent.c.minor).where(
                spent.c.invoice_customer_id != customer_id
            )
        )
    moves = union_all(*parts).subquery()
    return select(moves).where(moves.c.on <= to_on).cte("moves")


def _allocations(customer_id: UUID, currency: str, of: str) -> Select[*tuple[Any, ...]]:
    """Allocations to the customer's invoices, or from its payments or credit notes.

    One counts from the day on which it was made and both its sides were there: an invoice paid before it was issued is
    open on no day, and the money waits until then.
    """
    days: list[InstrumentedAttribute[date]] = [Allocation.allocated_on, Invoice.issued_on]
    source: ColumnElement[Any] = null()
    if of == "invoice":
        days += [Payment.received_on, CreditNote.issued_on]
        source = func.coalesce(Payment.customer_id, CreditNote.customer_id)
    else:
        days.append(Payment.received_on if of == "payment" else CreditNote.issued_on)
    query = select(
        Allocation.invoice_id.label("invoice_id"),
        Allocation.payment_id.label("payment_id"),
        Allocation.credit_note_id.label("credit_note_id"),
        Allocation.write_off_id.label("write_off_id"),
        Allocation.amount_minor.label("minor"),
        Invoice.number.label("number"),
        Invoice.customer_id.label("invoice_customer_id"),
        source.label("source_customer_id"),
        func.greatest(*days).label("on"),
    ).join(Invoice, Invoice.id == Allocation.invoice_id)
    if of == "invoice":
        query = query.outerjoin(Payment, Payment.id == Allocation.payment_id)
        query = query.outerjoin(CreditNote, CreditNote.id == Allocation.credit_note_id)
    elif of == "payment":
        query = query.join(Payment, Payment.id == Allocation.payment_id)
    else:
        query = query.join(CreditNote, CreditNote.id == Allocation.credit_note_id)
    owner = _NOUNS[of]
    return query.where(owner.customer_id == customer_id, owner.currency == currency)


def used_of(customer_id: UUID, currency: str, to_on: date, of: str) -> Subquery:
    """What was set against each invoice, or taken from each payment or credit note, by that day: id, minor."""
    made = _allocations(customer_id, currency, of).subquery()
    key = made.c[f"{of}_id"]
    return (
        select(key.label("id"), func.sum(made.c.minor).label("minor"))
        .where(made.c.on <= to_on)
        .group_by(key)
        .subquery()
    )
