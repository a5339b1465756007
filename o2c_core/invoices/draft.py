"""An invoice put together: its lines, its tax per category, and when which part of it is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from o2c_core.customers.terms import PaymentTerms
from o2c_core.errors import Refused
from o2c_core.invoices.invoice import Instalment, Invoice, InvoiceLine, TaxSubtotal
from o2c_core.invoices.tax import EXEMPTION_REASONS, Taxed, check_tax, tax_per_category
from o2c_core.money import Money

QUANTITY_PLACES = 3
PRICE_PLACES = 6
SIZE_MAX = Decimal(10) ** 11


class NothingInvoiced(Refused):
    """An invoice has at least one line."""


class NotInvoiceable(Refused):
    """A line has a quantity other than zero with at most three decimals and a price not below zero with at most six."""


class BelowZero(Refused):
    """An invoice cannot ask for less than nothing; that is a credit note."""


@dataclass(frozen=True)
class BilledLine:
    """A line of an invoice. `net_minor` is its amount without tax; without it that is quantity times price."""

    sku: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    tax_category: str | None
    tax_rate: Decimal | None = None
    net_minor: int | None = None
    order_line_id: UUID | None = None

    def net(self, currency: str) -> Money:
        """Raises: NotInvoiceable."""
        if not _fits(self.quantity, QUANTITY_PLACES) or not _fits(self.unit_price, PRICE_PLACES):
            raise NotInvoiceable(sku=self.sku)
        if self.quantity == 0 or self.unit_price < 0:
            raise NotInvoiceable(sku=self.sku)
        if self.net_minor is not None:
            return Money(self.net_minor, currency)
        return Money.rounded(self.quantity * self.unit_price, currency)


def _fits(number: Decimal, places: int) -> bool:
    return number.is_finite() and abs(number) <= SIZE_MAX and number == round(number, places)


@dataclass(frozen=True)
class Heading:
    """Whose invoice it is and what stands above its lines."""

    seller_id: UUID
    customer_id: UUID
    number: str
    issued_on: date
    currency: str
    terms: PaymentTerms
    order_id: UUID | None = None
    purchase_order: str | None = None
    buyer_reference: str | None = None
    exemptions: Mapping[str, str] = field(default_factory=dict)


def draft_invoice(heading: Heading, lines: Sequence[BilledLine]) -> Invoice:
    """The invoice with its lines, taxes and instalments, not yet part of the ledger.

    `exemptions` are the seller's own reasons for not taking tax, by category.

    Raises: NothingInvoiced; NotInvoiceable; BelowZero; and what tax or currency refuse.
    """
    if not lines:
        raise NothingInvoiced
    nets = [line.net(heading.currency) for line in lines]
    taxed = [
        Taxed(*check_tax(line.tax_category, line.tax_rate), net=net) for line, net in zip(lines, nets, strict=True)
    ]
    parts = tax_per_category(taxed, heading.currency)
    net_minor = sum(net.minor for net in nets)
    tax_minor = sum(part.tax_minor for part in parts)
    total_minor = net_minor + tax_minor
    if total_minor < 0:
        raise BelowZero(total=total_minor)
    terms, issued_on = heading.terms, heading.issued_on
    discount_until = terms.discount_until(issued_on)
    # A part that rounds to nothing is not a part: there is nothing to pay on its day.
    in_parts = [(due_on, minor) for due_on, minor in terms.instalments(issued_on, total_minor) if minor > 0]
    return Invoice(
        seller_id=heading.seller_id,
        customer_id=heading.customer_id,
        order_id=heading.order_id,
        number=heading.number,
        issued_on=issued_on,
        due_on=in_parts[-1][0] if in_parts else terms.due_on(issued_on),
        terms_days=terms.days,
        currency=heading.currency,
        net_minor=net_minor,
        tax_minor=tax_minor,
        total_minor=total_minor,
        purchase_order=heading.purchase_order,
        buyer_reference=heading.buyer_reference,
        discount_minor=0 if discount_until is None else terms.discount_minor(total_minor),
        discount_until_on=discount_until,
        is_in_instalments=bool(in_parts),
        lines=[
            InvoiceLine(
                position=position,
                order_line_id=line.order_line_id,
                sku=line.sku,
                description=line.description,
                quantity=line.quantity,
                unit_price=line.unit_price,
                amount_minor=each.net.minor,
                tax_category=each.category,
                tax_rate=each.rate,
            )
            for position, (line, each) in enumerate(zip(lines, taxed, strict=True), 1)
        ],
        instalments=[
            Instalment(position=position, due_on=due_on, amount_minor=minor)
            for position, (due_on, minor) in enumerate(in_parts, 1)
        ],
        taxes=[
            TaxSubtotal(
                category=part.category,
                rate=part.rate,
                base_minor=part.base_minor,
                tax_minor=part.tax_minor,
                exemption_reason=heading.exemptions.get(part.category) or EXEMPTION_REASONS.get(part.category),
            )
            for part in parts
        ],
    )


def is_same_invoice(one: Invoice, other: Invoice, *, with_terms: bool = True) -> bool:
    """Whether two invoices ask the same customer for the same things and amounts, and `with_terms` on the same days."""
    return _content(one) == _content(other) and (not with_terms or _days(one) == _days(other))


def _content(invoice: Invoice) -> tuple[object, ...]:
    lines = [
        (line.order_line_id, line.sku, line.description, line.quantity, line.unit_price, line.amount_minor,
         line.tax_category, line.tax_rate)
        for line in invoice.lines
    ]  # fmt: skip
    return (
        invoice.customer_id, invoice.order_id, invoice.currency, invoice.issued_on, invoice.purchase_order,
        invoice.buyer_reference, invoice.total_minor, lines,
    )  # fmt: skip


def _days(invoice: Invoice) -> tuple[object, ...]:
    parts = [(part.due_on, part.amount_minor) for part in invoice.instalments]
    return invoice.due_on, invoice.discount_minor, invoice.discount_until_on, parts
