"""An electronic invoice or credit note as it was read, before anybody asks whether it is right.

Amounts are decimals of the document's currency exactly as written, because how many decimals they have is itself a rule.
A `BT-` or `BG-` number is the business term of EN 16931-1 that a field holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class PartyId:
    """An identifier with the scheme that says who gave it: 0106 is the Dutch trade register, 9944 a Dutch VAT number."""

    value: str
    scheme: str = ""

    def __str__(self) -> str:
        return f"{self.value} ({self.scheme})" if self.scheme else self.value


@dataclass(frozen=True)
class Party:
    """The seller or the buyer. `name` is the registered name; `tax_number` is a tax registration that is not for VAT."""

    name: str = ""
    trading_name: str = ""
    endpoint: PartyId | None = None
    ids: tuple[PartyId, ...] = ()
    company_id: PartyId | None = None
    vat_id: str = ""
    tax_number: str = ""
    has_address: bool = False
    street: str = ""
    city: str = ""
    postcode: str = ""
    country: str = ""
    email: str = ""

    @property
    def called(self) -> str:
        return self.name or self.trading_name


@dataclass(frozen=True)
class Adjustment:
    """An allowance (taken off) or a charge (added), of the document or of one line. BG-20, BG-21, BG-27, BG-28."""

    indicator: str
    amount: Decimal | None
    base: Decimal | None = None
    percent: Decimal | None = None
    reason: str = ""
    category: str = ""
    rate: Decimal | None = None

    @property
    def is_charge(self) -> bool:
        return self.indicator in ("true", "1")

    @property
    def signed(self) -> Decimal:
        """What it adds to a sum: below zero for an allowance."""
        amount = self.amount or ZERO
        return amount if self.is_charge else -amount


@dataclass(frozen=True)
class Line:
    """One line (BG-25). `price` is the net price of `base_quantity` pieces."""

    id: str
    quantity: Decimal | None
    unit: str
    net: Decimal | None
    price: Decimal | None
    base_quantity: Decimal | None = None
    base_unit: str = ""
    gross_price: Decimal | None = None
    price_discount: Decimal | None = None
    adjustments: tuple[Adjustment, ...] = ()
    name: str = ""
    description: str = ""
    sku: str = ""
    category: str = ""
    rate: Decimal | None = None

    @property
    def computed(self) -> Decimal:
        """Quantity times price with its allowances and charges, unrounded; a missing quantity is one piece."""
        quantity = Decimal(1) if self.quantity is None else self.quantity
        worth = quantity * (self.price or ZERO) / (self.base_quantity or Decimal(1))
        return worth + sum((each.signed for each in self.adjustments), ZERO)


@dataclass(frozen=True)
class TaxRow:
    """The VAT of one category and rate (BG-23)."""

    category: str
    rate: Decimal | None
    base: Decimal | None
    tax: Decimal | None
    reason: str = ""
    reason_code: str = ""


@dataclass(frozen=True)
class Totals:
    """The document's totals (BG-22), BT-106 to BT-115 without BT-111."""

    lines: Decimal | None = None
    allowances: Decimal | None = None
    charges: Decimal | None = None
    net: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    prepaid: Decimal | None = None
    rounding: Decimal | None = None
    payable: Decimal | None = None


@dataclass(frozen=True)
class PaymentMeans:
    """How it is to be paid (BG-16 and BG-17); `account` is the payee's account, most often an IBAN."""

    code: str
    account: str = ""
    account_name: str = ""
    bic: str = ""
    reference: str = ""
    mandate: str = ""


@dataclass(frozen=True)
class EInvoice:
    """A whole document. `unreadable` says what in it is not what its place asks for; nothing may be stored while it does.

    `foreign_amounts` are the amounts in another currency than the document's; the VAT in the accounting currency (BT-111)
    is not among them. `tax_totals` counts the tax totals with and without subtotals in the document.
    """

    kind: str
    customization: str | None
    profile: str | None
    number: str
    type_code: str
    issued_on: date | None
    due_on: date | None
    currency: str
    tax_currency: str
    buyer_reference: str
    purchase_order: str
    sales_order: str
    preceding: tuple[str, ...]
    notes: tuple[str, ...]
    terms_note: str
    supplier: Party
    buyer: Party
    representative_vat_id: str
    payee_name: str
    deliver_to_country: str
    is_delivery_dated: bool
    has_tax_point_day: bool
    has_tax_point_code: bool
    means: tuple[PaymentMeans, ...]
    lines: tuple[Line, ...]
    adjustments: tuple[Adjustment, ...]
    taxes: tuple[TaxRow, ...]
    totals: Totals
    accounting_tax: Decimal | None = None
    tax_totals: tuple[int, int] = (1, 0)
    empty_elements: tuple[str, ...] = ()
    foreign_amounts: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    @property
    def is_credit_note(self) -> bool:
        return self.kind == "credit_note"

    @property
    def is_peppol(self) -> bool:
        """Whether it says that it follows Peppol BIS Billing.

        The specification decides, because others (XRechnung for one) name Peppol's process too; without one, the process.
        """
        return "peppol" in (self.customization or self.profile or "").lower()

    @property
    def is_plain(self) -> bool:
        """UBL 2.1 that names no specification and no process at all."""
        return self.customization is None and self.profile is None

    @property
    def accounts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.account for each in self.means if each.account))

    @property
    def payment_reference(self) -> str:
        return next((each.reference for each in self.means if each.reference), "")

    def allowances(self) -> Iterator[Adjustment]:
        return (each for each in self.adjustments if not each.is_charge)

    def charges(self) -> Iterator[Adjustment]:
        return (each for each in self.adjustments if each.is_charge)
