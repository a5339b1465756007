"""Writing a credit note: what it comes to per tax category, and setting it against the invoice it is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.errors import Refused
from o2c_core.invoices.allocation import NotAboveZero, OtherCurrency
from o2c_core.invoices.invoice import CreditNote, CreditNoteLine, Invoice, TaxSubtotal
from o2c_core.invoices.posting import Change, apply, open_of
from o2c_core.invoices.tax import EXEMPTION_REASONS, Taxed, TaxPart, TaxUnknown, tax_per_category
from o2c_core.keys import new_key
from o2c_core.money import Money


class MoreThanInvoiced(Refused):
    """No more can be credited on an invoice than it was for."""


class NothingToCredit(Refused):
    """A credit note says what it credits: lines, or an amount, and not both."""


@dataclass(frozen=True)
class CreditLine:
    """What is credited, in positive figures; `unit_price` is net, in major units."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    sku: str = ""
    tax_category: str | None = None
    tax_rate: Decimal | None = None

    def net(self, currency: str) -> Money:
        return Money.rounded(self.quantity * self.unit_price, currency)


@dataclass(frozen=True)
class Worth:
    """What a credit note comes to, in minor units, with its tax per category where that is known."""

    lines: tuple[CreditLine, ...]
    net_minor: int
    tax_minor: int
    parts: tuple[TaxPart, ...]

    @property
    def total_minor(self) -> int:
        return self.net_minor + self.tax_minor


def worth_of_lines(lines: Sequence[CreditLine], currency: str, *, is_taxed: bool) -> Worth:
    """What the lines come to; the tax is taken of the sum per category and rate.

    Raises: TaxUnknown when only some lines say their tax, or none does although the invoice `is_taxed`.
    """
    nets = [line.net(currency) for line in lines]
    net = sum(one.minor for one in nets)
    if not is_taxed and all(line.tax_category is None for line in lines):
        return Worth(tuple(lines), net, 0, ())
    taxed = []
    for line, amount in zip(lines, nets, strict=True):
        if line.tax_category is None:
            raise TaxUnknown
        taxed.append(Taxed(line.tax_category, line.tax_rate or Decimal(0), amount))
    parts = tax_per_category(taxed, currency)
    return Worth(tuple(lines), net, sum(part.tax_minor for part in parts), tuple(parts))


def worth_of_amount(amount: Money, words: str, taxes: Iterable[TaxPart], tax_minor: int, total_minor: int) -> Worth:
    """An amount, tax included, divided as the invoice it is about was: `taxes`, or only its tax and total.

    Crediting the whole total credits exactly the taxes of the invoice.
    """
    parts = split_gross(amount.minor, taxes)
    if parts:
        lines = tuple(
            CreditLine(words, Decimal(1), Money(part.base_minor, amount.currency).major, "", part.category, part.rate)
            for part in parts
        )
        tax = sum(part.tax_minor for part in parts)
        return Worth(lines, amount.minor - tax, tax, tuple(parts))
    tax = round(Decimal(amount.minor) * tax_minor / total_minor) if total_minor else 0
    net = Money(amount.minor - tax, amount.currency)
    return Worth((CreditLine(words, Decimal(1), net.major),), net.minor, tax, ())


def split_gross(gross_minor: int, taxes: Iterable[TaxPart]) -> list[TaxPart]:
    """The gross amount over the tax categories in the proportion of theirs; the parts sum to it to the last unit."""
    known = [part for part in taxes if part.base_minor + part.tax_minor > 0]
    whole = sum(part.base_minor + part.tax_minor for part in known)
    found: list[TaxPart] = []
    given = reached = 0
    for part in known:
        # Rounding where each part ends, and not each part, leaves nothing over.
        reached += part.base_minor + part.tax_minor
        share = gross_minor * reached // whole - given
        given += share
        base = round(Decimal(share) * part.base_minor / (part.base_minor + part.tax_minor))
        if share:
            found.append(TaxPart(part.category, part.rate, base, share - base))
    return found


def worth_for(
    invoice: Invoice | None, currency: str, amount: Money | None, lines: Sequence[CreditLine], words: str
) -> Worth:
    """What a credit note for that amount or those lines comes to, by the taxes of the invoice it is about.

    Raises: NothingToCredit; NotAboveZero; OtherCurrency; TaxUnknown and what else `tax_per_category` refuses.
    """
    if (amount is None) == (not lines):
        raise NothingToCredit
    if any(line.quantity <= 0 or line.unit_price < 0 for line in lines):
        raise NotAboveZero
    if amount is None:
        worth = worth_of_lines(lines, currency, is_taxed=invoice is not None and invoice.tax_minor != 0)
    elif amount.currency != currency:
        raise OtherCurrency(f"The credit is in {amount.currency}, and what it is about in {currency}.")
    elif invoice is None:
        worth = worth_of_amount(amount, words, (), 0, 0)
    else:
        taxes = [TaxPart(tax.category, tax.rate, tax.base_minor, tax.tax_minor) for tax in invoice.taxes]
        worth = worth_of_amount(amount, words, taxes, invoice.tax_minor, invoice.total_minor)
    if worth.total_minor <= 0:
        raise NothingToCredit
    return worth


def write_credit_note(
    session: Session,
    worth: Worth,
    *,
    seller_id: UUID,
    customer_id: UUID,
    invoice: Invoice | None,
    number: str,
    currency: str,
    reason: str,
    on: date,
    by: str,
) -> tuple[CreditNote, list[Change]]:
    """The credit note, set against its invoice up to what is open there. The invoice is the caller's to lock.

    Raises: MoreThanInvoiced.
    """
    if invoice is not None:
        _check_room(session, invoice, worth.total_minor)
    credit = CreditNote(
        id=new_key(),
        seller_id=seller_id,
        customer_id=customer_id,
        invoice_id=invoice.id if invoice else None,
        number=number,
        issued_on=on,
        currency=currency,
        net_minor=worth.net_minor,
        tax_minor=worth.tax_minor,
        total_minor=worth.total_minor,
        reason=reason,
        lines=[
            CreditNoteLine(
                position=position,
                sku=line.sku,
                description=line.description,
                quantity=line.quantity,
                unit_price=line.unit_price,
                amount_minor=line.net(currency).minor,
                tax_category=line.tax_category,
                tax_rate=line.tax_rate,
            )
            for position, line in enumerate(worth.lines, 1)
        ],
        taxes=[
            TaxSubtotal(
                category=part.category,
                rate=part.rate,
                base_minor=part.base_minor,
                tax_minor=part.tax_minor,
                exemption_reason=EXEMPTION_REASONS.get(part.category),
            )
            for part in worth.parts
        ],
    )
    session.add(credit)
    session.flush()
    if invoice is None:
        return credit, []
    set_ = min(open_of(session, [invoice.id])[invoice.id], worth.total_minor)
    if set_ <= 0:
        return credit, []
    amount = Money(set_, currency)
    return credit, apply(session, credit, {invoice.id: amount}, amount, on, by)


def _check_room(session: Session, invoice: Invoice, minor: int) -> None:
    credited = select(func.coalesce(func.sum(CreditNote.total_minor), 0)).where(CreditNote.invoice_id == invoice.id)
    room = Money(invoice.total_minor - int(session.scalars(credited).one()), invoice.currency)
    if minor > room.minor:
        wanted = Money(minor, invoice.currency)
        raise MoreThanInvoiced(
            f"{wanted} is more than can still be credited on invoice {invoice.number}, which is {room}.",
            invoice=invoice.number,
        )
