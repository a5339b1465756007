"""Crediting a customer in a transaction of somebody else's: within the authority of the role, with the next number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from o2c_core.cases.numbers import next_number
from o2c_core.clock import Clock
from o2c_core.customers.authority import authority_of, check_amount
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.allocation import NotTheirInvoice, check_above_zero
from o2c_core.invoices.crediting import CreditLine, worth_for, write_credit_note
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.posting import Change, ledger_day, left_of, locked_invoices
from o2c_core.money import Money


@dataclass(frozen=True)
class Credited:
    """The credit note, what it was set against and what is left of it."""

    credit_note: CreditNote
    changes: tuple[Change, ...]
    unapplied: Money
    invoice: Invoice | None = None


def credit(
    session: Session,
    customer: Customer,
    *,
    reason: str,
    by: str,
    role: str,
    clock: Clock,
    invoice_id: UUID | None = None,
    amount: Money | None = None,
    lines: Sequence[CreditLine] = (),
) -> Credited:
    """A credit note for an amount, tax included, or for lines, set against the invoice it is about.

    Raises: NotTheirInvoice; NothingToCredit; NotAboveZero; OtherCurrency; MoreThanInvoiced; BeyondAuthority; TaxUnknown.
    """
    if amount is not None:
        check_above_zero(amount)
    invoice = None
    if invoice_id is not None:
        found = locked_invoices(session, Invoice.id == invoice_id, Invoice.customer_id == customer.id)
        if not found:
            raise NotTheirInvoice(invoice=str(invoice_id))
        (invoice,) = found
    currency = invoice.currency if invoice else amount.currency if amount else customer.currency
    worth = worth_for(invoice, currency, amount, lines, reason)
    seller = session.get_one(Seller, customer.seller_id)
    check_amount(Money(worth.total_minor, currency), authority_of(role, seller).credit_max, role, "credit")
    on = ledger_day(session, seller.id, clock)
    made, changes = write_credit_note(
        session, worth, seller_id=seller.id, customer_id=customer.id, invoice=invoice, currency=currency,
        number=next_number(session, seller, "credit_note", on), reason=reason, on=on, by=by,
    )  # fmt: skip
    return Credited(made, tuple(changes), left_of(session, made), invoice)
