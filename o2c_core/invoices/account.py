"""A customer's account: every invoice with what is open on it, and the balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import Session

from o2c_core.days import days_late
from o2c_core.invoices.invoice import CreditNote, Invoice, invoice_state
from o2c_core.invoices.payment import Allocation, Payment
from o2c_core.money import Money


def allocated_minor() -> ScalarSelect[int]:
    """What was allocated to the invoice of the enclosing query, in minor units; 0 when nothing was."""
    return (
        select(func.coalesce(func.sum(Allocation.amount_minor), 0))
        .where(Allocation.invoice_id == Invoice.id)
        .correlate(Invoice)
        .scalar_subquery()
    )


def open_minor() -> ColumnElement[int]:
    """What is open on the invoice of the enclosing query, in minor units: its total less its allocations."""
    return Invoice.total_minor - allocated_minor()


@dataclass(frozen=True)
class OpenInvoice:
    """An invoice and what is open on it as of a day."""

    invoice: Invoice
    open: Money
    today: date

    @property
    def days_late(self) -> int:
        return days_late(self.invoice.due_on, self.today) if self.open.minor > 0 else 0

    @property
    def state(self) -> str:
        return invoice_state(self.invoice.total, self.open, self.invoice.due_on, self.today)


def invoices_of(
    session: Session, customer_id: UUID, today: date, *, only_open: bool = False, last: int | None = None
) -> list[OpenInvoice]:
    """The customer's invoices with what is open on each; oldest due first, or the `last` few issued, newest first."""
    query = select(Invoice, open_minor().label("open")).where(Invoice.customer_id == customer_id)
    if only_open:
        query = query.where(open_minor() > 0)
    if last is None:
        query = query.order_by(Invoice.due_on, Invoice.number)
    else:
        query = query.order_by(Invoice.issued_on.desc(), Invoice.number.desc()).limit(last)
    return [OpenInvoice(invoice, Money(int(left), invoice.currency), today) for invoice, left in session.execute(query)]


@dataclass(frozen=True)
class Balance:
    """What a customer owes in one currency.

    `open` is the sum still open on invoices, `overdue` the part of it past its due date, `unapplied` money and credit
    not yet set against an invoice, and `owed` what remains when that is taken off (negative: we owe the customer).
    """

    open: Money
    overdue: Money
    unapplied: Money

    @property
    def owed(self) -> Money:
        return self.open - self.unapplied


def balance_of(open_invoices: Sequence[tuple[int, date]], unapplied_minor: int, currency: str, today: date) -> Balance:
    """The balance from (open minor units, due day) per invoice and the unapplied money and credit, in one currency."""
    return Balance(
        open=Money(sum(left for left, _ in open_invoices), currency),
        overdue=Money(sum(left for left, due_on in open_invoices if due_on < today), currency),
        unapplied=Money(unapplied_minor, currency),
    )


def balances(session: Session, customer_id: UUID, today: date) -> list[Balance]:
    """The customer's balance in each currency there is anything in, by currency code; empty when there is nothing."""
    open_invoices: dict[str, list[tuple[int, date]]] = {}
    query = select(Invoice.currency, Invoice.due_on, open_minor()).where(
        Invoice.customer_id == customer_id, open_minor() != 0
    )
    for currency, due_on, left in session.execute(query):
        open_invoices.setdefault(currency, []).append((int(left), due_on))
    unapplied = unapplied_of(session, customer_id)
    return [
        balance_of(open_invoices.get(currency, []), unapplied.get(currency, 0), currency, today)
        for currency in sorted(open_invoices.keys() | unapplied.keys())
    ]


def unapplied_of(session: Session, customer_id: UUID) -> dict[str, int]:
    """Money and credit of the customer not set against any invoice, in minor units by currency; only what is not zero."""
    used_payment = (
        select(func.coalesce(func.sum(Allocation.amount_minor), 0))
        .where(Allocation.payment_id == Payment.id)
        .correlate(Payment)
        .scalar_subquery()
    )
    used_credit = (
        select(func.coalesce(func.sum(Allocation.amount_minor), 0))
        .where(Allocation.credit_note_id == CreditNote.id)
        .correlate(CreditNote)
        .scalar_subquery()
    )
    money = select(Payment.currency, (Payment.amount_minor - used_payment).label("left")).where(
        Payment.customer_id == customer_id
    )
    credit = select(CreditNote.currency, (CreditNote.total_minor - used_credit).label("left")).where(
        CreditNote.customer_id == customer_id
    )
    both = money.union_all(credit).subquery()
    query = select(both.c.currency, func.sum(both.c.left)).group_by(both.c.currency)
    return {currency: int(left) for currency, left in session.execute(query) if left}
