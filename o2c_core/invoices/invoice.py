"""The invoice and the credit note, and what is open on them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Numeric,
    UniqueConstraint,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from o2c_core.money import Money
from o2c_core.store.rows import Keyed, Row

PLAIN_NUMBER = "regexp_replace(upper(number), '[^A-Z0-9]', '', 'g')"


class InvoiceLine(Keyed, Row):
    """One line of an invoice; `unit_price` in major units, `amount_minor` is the line's net total."""

    __tablename__ = "invoice_line"
    __table_args__ = (
        UniqueConstraint("invoice_id", "position"),
        Index("ix_invoice_line_order_line_id", "order_line_id", postgresql_where=text("order_line_id IS NOT NULL")),
    )

    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"))
    position: Mapped[int]
    order_line_id: Mapped[UUID | None] = mapped_column(ForeignKey("order_line.id"))
    sku: Mapped[str]
    description: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Numeric(14, 3))
    unit_price: Mapped[Decimal] = mapped_column(Numeric(18, 6))
    amount_minor: Mapped[int]
    tax_category: Mapped[str | None]
    tax_rate: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))


class Instalment(Keyed, Row):
    """One part of an invoice that is due in parts. They sum to the invoice's total; money fills the earliest first."""

    __tablename__ = "instalment"
    __table_args__ = (UniqueConstraint("invoice_id", "position"), CheckConstraint("amount_minor > 0", "positive"))

    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"))
    position: Mapped[int]
    due_on: Mapped[date]
    amount_minor: Mapped[int]


class TaxSubtotal(Keyed, Row):
    """The tax of one category and rate on an invoice or credit note. Source: EN 16931 BG-23; UNCL5305 codes (S, Z, E, AE …)."""

    __tablename__ = "tax_subtotal"
    __table_args__ = (
        CheckConstraint("num_nonnulls(invoice_id, credit_note_id) = 1", "one_document"),
        Index(None, "invoice_id"),
        Index(None, "credit_note_id"),
    )

    invoice_id: Mapped[UUID | None] = mapped_column(ForeignKey("invoice.id"))
    credit_note_id: Mapped[UUID | None] = mapped_column(ForeignKey("credit_note.id"))
    category: Mapped[str]
    rate: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    base_minor: Mapped[int]
    tax_minor: Mapped[int]
    exemption_reason: Mapped[str | None]


class Invoice(Keyed, Row):
    """A claim for payment. What is open on it is derived from its allocations, never stored.

    Where it `is_in_instalments`, `due_on` is the day of the last one. `discount_minor` may be kept by who pays everything
    by `discount_until_on`. `plain_number` is the number without what people vary: its letters and digits in upper case.
    `buyer` is who it was issued to (name, address, VAT number), as it was then, where it was issued here or came as an
    e-invoice: the law wants that kept, whatever the customer is called later.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("seller_id", "number"),
        CheckConstraint("total_minor = net_minor + tax_minor", "adds_up"),
        Index(None, "customer_id", "issued_on"),
        Index(None, "seller_id", "due_on"),
        Index(None, "seller_id", "plain_number"),
        Index(
            "ix_invoice_number_found",
            "seller_id",
            func.lower(literal_column("number")).label("begins"),
            postgresql_ops={"begins": "text_pattern_ops"},
        ),
        Index("uq_invoice_shipment_id", "shipment_id", unique=True, postgresql_where=text("shipment_id IS NOT NULL")),
        Index("ix_invoice_order_id", "order_id", postgresql_where=text("order_id IS NOT NULL")),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    shipment_id: Mapped[UUID | None] = mapped_column(ForeignKey("shipment.id"))
    number: Mapped[str]
    issued_on: Mapped[date]
    due_on: Mapped[date]
    terms_days: Mapped[int]
    currency: Mapped[str]
    net_minor: Mapped[int]
    tax_minor: Mapped[int] = mapped_column(default=0)
    total_minor: Mapped[int]
    purchase_order: Mapped[str | None]
    buyer_reference: Mapped[str | None]
    payment_reference: Mapped[str | None]
    discount_minor: Mapped[int] = mapped_column(default=0, server_default="0")
    discount_until_on: Mapped[date | None]
    is_in_instalments: Mapped[bool] = mapped_column(default=False, server_default="false")
    buyer: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    fingerprint: Mapped[str | None]
    plain_number: Mapped[str] = mapped_column(Computed(PLAIN_NUMBER, persisted=True))

    lines: Mapped[list[InvoiceLine]] = relationship(order_by=InvoiceLine.position, cascade="all, delete-orphan")
    instalments: Mapped[list[Instalment]] = relationship(order_by=Instalment.position, cascade="all, delete-orphan")
    taxes: Mapped[list[TaxSubtotal]] = relationship(order_by=TaxSubtotal.id, cascade="all, delete-orphan")

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


class CreditNoteLine(Keyed, Row):
    """One line of a credit note, with positive amounts."""

    __tablename__ = "credit_note_line"
    __table_args__ = (UniqueConstraint("credit_note_id", "position"),)

    credit_note_id: Mapped[UUID] = mapped_column(ForeignKey("credit_note.id"))
    position: Mapped[int]
    sku: Mapped[str]
    description: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Numeric(14, 3))
    unit_price: Mapped[Decimal] = mapped_column(Numeric(18, 6))
    amount_minor: Mapped[int]
    tax_category: Mapped[str | None]
    tax_rate: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))


class CreditNote(Keyed, Row):
    """A claim taken back, in a positive amount. What is not allocated to an invoice is unapplied credit."""

    __tablename__ = "credit_note"
    __table_args__ = (
        UniqueConstraint("seller_id", "number"),
        Index(None, "customer_id", "issued_on"),
        Index(None, "invoice_id"),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    invoice_id: Mapped[UUID | None] = mapped_column(ForeignKey("invoice.id"))
    number: Mapped[str]
    issued_on: Mapped[date]
    currency: Mapped[str]
    net_minor: Mapped[int | None]
    tax_minor: Mapped[int | None]
    total_minor: Mapped[int]
    reason: Mapped[str | None]
    fingerprint: Mapped[str | None]

    lines: Mapped[list[CreditNoteLine]] = relationship(order_by=CreditNoteLine.position, cascade="all, delete-orphan")
    taxes: Mapped[list[TaxSubtotal]] = relationship(order_by=TaxSubtotal.id, cascade="all, delete-orphan")


def due_day(issued_on: date, terms_days: int) -> date:
    """The last day to pay without being late, for terms of that many days net."""
    return issued_on + timedelta(days=terms_days)


def invoice_state(total: Money, open_: Money, due_on: date, today: date) -> str:
    """One word for where an invoice stands: paid, part_paid, due (not yet late) or overdue.

    An invoice that is late is overdue however much of it was paid; the due date itself is not late.
    """
    if open_.minor <= 0:
        return "paid"
    if today > due_on:
        return "overdue"
    return "part_paid" if open_ < total else "due"
