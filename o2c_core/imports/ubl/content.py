"""What the ledger keeps of an electronic document, in its own units, and the fingerprint of exactly that."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from o2c_core.cards import mask_cards
from o2c_core.errors import Refused
from o2c_core.imports.ubl.einvoice import ZERO, EInvoice
from o2c_core.money import Money

_QUANTITY = Decimal("0.001")
_PRICE = Decimal("0.000001")
_RATE = Decimal("0.01")
_PRICE_LESS_THAN = Decimal(10) ** 12
# By convention of Peppol, an order reference that is only there because the seller's own order number needs one.
_NO_PURCHASE_ORDER = frozenset({"NA", "N/A"})


class PriceTooLarge(Refused):
    """A price of the document is more than any price here."""


@dataclass(frozen=True)
class KeptLine:
    sku: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    amount_minor: int
    tax_category: str
    tax_rate: Decimal | None


@dataclass(frozen=True)
class KeptTax:
    category: str
    rate: Decimal
    base_minor: int
    tax_minor: int
    exemption_reason: str | None


@dataclass(frozen=True)
class Content:
    """An invoice or credit note as it is stored. Allowances and charges of the document are lines, so lines sum to the net."""

    number: str
    issued_on: date
    due_on: date | None
    currency: str
    net_minor: int
    tax_minor: int
    total_minor: int
    purchase_order: str | None
    buyer_reference: str | None
    payment_reference: str | None
    reason: str | None
    preceding: tuple[str, ...]
    orders: tuple[str, ...]
    lines: tuple[KeptLine, ...]
    taxes: tuple[KeptTax, ...]

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def fingerprint(self) -> str:
        """Equal for documents that come to the same rows, whatever else stands in them."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


def content_of(einvoice: EInvoice) -> Content:
    """What is kept of a document that kept every rule.

    Raises: PriceTooLarge.
    """
    e, currency = einvoice, einvoice.currency
    assert e.issued_on is not None, "a document without a day of issue breaks BR-03 and is refused before"

    def minor(amount: Decimal | None) -> int:
        return Money.of(amount or ZERO, currency).minor

    purchase_order = "" if e.purchase_order.upper() in _NO_PURCHASE_ORDER else e.purchase_order
    return Content(
        number=e.number,
        issued_on=e.issued_on,
        due_on=e.due_on,
        currency=currency,
        net_minor=minor(e.totals.net),
        tax_minor=minor(e.totals.tax),
        total_minor=minor(e.totals.gross),
        purchase_order=purchase_order or None,
        buyer_reference=e.buyer_reference or None,
        payment_reference=e.payment_reference or None,
        reason=mask_cards(" ".join(e.notes))[:500] or None if e.is_credit_note else None,
        preceding=tuple(dict.fromkeys(e.preceding)),
        orders=tuple(dict.fromkeys(number for number in (e.sales_order, purchase_order) if number)),
        lines=(
            *(
                KeptLine(
                    sku=line.sku,
                    description=mask_cards(line.name or line.description),
                    quantity=_rounded(ZERO if line.quantity is None else line.quantity, _QUANTITY),
                    unit_price=_price((line.price or ZERO) / (line.base_quantity or 1)),
                    amount_minor=minor(line.net),
                    tax_category=line.category,
                    tax_rate=None if line.rate is None else _rounded(line.rate, _RATE),
                )
                for line in e.lines
            ),
            *(
                KeptLine(
                    sku="",
                    description=mask_cards(each.reason),
                    quantity=_rounded(Decimal(1), _QUANTITY),
                    unit_price=_price(each.signed),
                    amount_minor=minor(each.signed),
                    tax_category=each.category,
                    tax_rate=None if each.rate is None else _rounded(each.rate, _RATE),
                )
                for each in e.adjustments
            ),
        ),
        taxes=tuple(
            KeptTax(
                category=row.category,
                rate=_rounded(row.rate or ZERO, _RATE),
                base_minor=minor(row.base),
                tax_minor=minor(row.tax),
                exemption_reason=row.reason or row.reason_code or None,
            )
            for row in e.taxes
        ),
    )


def _rounded(value: Decimal, to: Decimal) -> Decimal:
    return value.quantize(to, ROUND_HALF_UP)


def _price(value: Decimal) -> Decimal:
    if abs(value) >= _PRICE_LESS_THAN:
        raise PriceTooLarge(price=str(value))
    return _rounded(value, _PRICE)
