"""What a customer is told of each step, as the ledger has it at that moment, before any word is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from o2c_core.informing.informed import Informed
from o2c_core.informing.why_not import WhyNot
from o2c_core.money import Money


@dataclass(frozen=True)
class Goods:
    """So much of an article."""

    quantity: Decimal
    name: str


@dataclass(frozen=True)
class OrderConfirmed:
    order: str
    expected_on: date | None
    goods: tuple[Goods, ...]
    net: Money
    purchase_order: str | None = None


@dataclass(frozen=True)
class Shipped:
    """`has_rest` says that more of the order is still to leave."""

    order: str
    tracking: str
    carrier: str | None
    expected_on: date | None
    goods: tuple[Goods, ...]
    has_rest: bool = False


@dataclass(frozen=True)
class Delayed:
    """`was_on` is the day the customer was told; without `now_on` no new day is known."""

    order: str
    was_on: date
    now_on: date | None
    tracking: str | None = None


@dataclass(frozen=True)
class Delivered:
    order: str
    tracking: str
    delivered_on: date


@dataclass(frozen=True)
class InvoiceIssued:
    """`asked` is what may be asked for: open and not disputed. An invoice in `parts` has day and amount of each that is
    open; `discount` may be kept by who pays by `discount_until`."""

    invoice_id: UUID
    number: str
    total: Money
    asked: Money
    open: Money
    due_on: date
    order: str | None = None
    parts: tuple[tuple[date, Money], ...] = ()
    discount: Money | None = None
    discount_until: date | None = None


@dataclass(frozen=True)
class Settled:
    """What of a payment or credit was set against an invoice, and what is open on that now; `disputed` names objections."""

    invoice_id: UUID
    number: str
    amount: Money
    left: Money
    disputed: Money
    disputes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PaymentReceived:
    """`unapplied` is not set against an invoice yet."""

    amount: Money
    received_on: date
    settled: tuple[Settled, ...]
    unapplied: Money


@dataclass(frozen=True)
class CreditIssued:
    """`invoice` is what it is about; `unapplied` stays on the account."""

    number: str
    amount: Money
    invoice: str | None
    settled: tuple[Settled, ...]
    unapplied: Money


@dataclass(frozen=True)
class HoldEnded:
    """A pause in reminders, about one invoice or all of them."""

    last_on: date
    invoice: str | None


Part = (
    OrderConfirmed | Shipped | Delayed | Delivered | InvoiceIssued | PaymentReceived | CreditIssued | HoldEnded
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A row that is to be told, with what the ledger says of it now; goods and invoices meet by `order_id`."""

    row: Informed
    part: Part
    order_id: UUID | None = None


@dataclass(frozen=True)
class Untold:
    """A row that is not told, and why."""

    row: Informed
    why: WhyNot


@dataclass(frozen=True)
class Account:
    """What is open in one currency beside what a message names itself; `first_due_on` is the earliest due day in it."""

    open: Money
    invoices: int
    disputed: Money
    first_due_on: date
