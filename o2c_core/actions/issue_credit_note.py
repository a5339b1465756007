"""Crediting a customer, within the authority of who decides it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from o2c_core.cases.numbers import next_number
from o2c_core.customers.authority import authority_of, check_amount
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.invoices.allocation import NotTheirInvoice, check_above_zero
from o2c_core.invoices.crediting import CreditLine, worth_for, write_credit_note
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.posting import Change, ledger_day, left_of, locked_invoices
from o2c_core.money import Money
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note


@dataclass(frozen=True)
class Credited:
    """The credit note, what it was set against and what is left of it."""

    credit_note: CreditNote
    changes: tuple[Change, ...]
    unapplied: Money


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
    if amount is not None:
        check_above_zero(amount)
    with store.session() as session:
        customer = session.get(Customer, customer_id)
        if customer is None:
            raise NotFound("There is no such customer.", customer=str(customer_id))
        invoice = None
        if invoice_id is not None:
            found = locked_invoices(session, Invoice.id == invoice_id, Invoice.customer_id == customer_id)
            if not found:
                raise NotTheirInvoice(invoice=str(invoice_id))
            (invoice,) = found
        currency = invoice.currency if invoice else amount.currency if amount else customer.currency
        worth = worth_for(invoice, currency, amount, lines, reason)
        seller = session.get_one(Seller, customer.seller_id)
        check_amount(Money(worth.total_minor, currency), authority_of(role, seller).credit_max, role, "credit")
        on = ledger_day(session, seller.id, store.clock)
        credit, changes = write_credit_note(
            session, worth, seller_id=seller.id, customer_id=customer_id, invoice=invoice, currency=currency,
            number=next_number(session, seller, "credit_note", on), reason=reason, on=on, by=by,
        )  # fmt: skip
        unapplied = left_of(session, credit)
        note(
            session, "credit note issued", credit, at=now, who=by, why=reason, message_id=message_id, role=role,
            number=credit.number, invoice=invoice.number if invoice else None,
            amount=str(Money(worth.total_minor, currency)), unapplied=str(unapplied),
            allocated=[change.to_json() for change in changes],
        )  # fmt: skip
        withdraw_overtaken(session, customer_id, now)
        session.commit()
        return Credited(credit, tuple(changes), unapplied)
