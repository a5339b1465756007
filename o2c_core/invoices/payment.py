"""Money that arrived, what it was set against, and how some of it left again."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row

RETURN_KINDS = ("refund", "reversal", "chargeback")
WRITE_OFF_REASONS = ("small_balance", "bad_debt", "early_payment_discount", "goodwill", "dispute")


class Payment(Keyed, Row):
    """Money received from a customer. `source_key` is the bank's or the ERP's own id, so that it counts once."""

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("seller_id", "source_key"),
        CheckConstraint("amount_minor > 0", "positive"),
        Index(None, "customer_id", "received_on"),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    received_on: Mapped[date]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    reference: Mapped[str | None]
    method: Mapped[str | None]
    payer_name: Mapped[str | None]
    payer_account: Mapped[str | None]
    source_key: Mapped[str]


class PaymentReturn(Keyed, Row):
    """Money that left again, of a payment or of a credit note.

    A refund is what we pay back of what is unapplied; a reversal is the bank taking a payment back; a charge-back is the
    payer doing so through the card scheme or a direct-debit recall. The last two release allocations as far as needed.
    """

    __tablename__ = "payment_return"
    __table_args__ = (
        UniqueConstraint("seller_id", "source_key"),
        CheckConstraint("amount_minor > 0", "positive"),
        CheckConstraint("num_nonnulls(payment_id, credit_note_id) = 1", "one_source"),
        CheckConstraint(f"kind IN {RETURN_KINDS}", "kind"),
        Index(None, "customer_id", "returned_on"),
        Index(None, "payment_id"),
        Index(None, "credit_note_id"),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment.id"))
    credit_note_id: Mapped[UUID | None] = mapped_column(ForeignKey("credit_note.id"))
    kind: Mapped[str]
    returned_on: Mapped[date]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str | None]
    source_key: Mapped[str]


class WriteOff(Keyed, Row):
    """A part of an invoice that is no longer asked for, by whose authority and why."""

    __tablename__ = "write_off"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", "positive"),
        CheckConstraint(f"reason IN {WRITE_OFF_REASONS}", "reason"),
        Index(None, "invoice_id"),
        Index(None, "customer_id", "written_off_on"),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str]
    words: Mapped[str]
    by: Mapped[str]
    role: Mapped[str]
    written_off_on: Mapped[date]


class Allocation(Keyed, Row):
    """A part of one payment, credit note or write-off set against one invoice.

    Rows are never changed: what is taken back is a second row that points to the first with `reverses_id`, has its
    amount below zero and the day it was taken back. So the sum up to a day is what was allocated on that day.
    """

    __tablename__ = "allocation"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0 AND (amount_minor > 0) = (reverses_id IS NULL)", "sign"),
        CheckConstraint("num_nonnulls(payment_id, credit_note_id, write_off_id) = 1", "one_source"),
        Index(None, "invoice_id"),
        Index(None, "payment_id"),
        Index(None, "credit_note_id"),
        Index("ix_allocation_write_off_id", "write_off_id", postgresql_where=text("write_off_id IS NOT NULL")),
        Index(
            "uq_allocation_reverses_id", "reverses_id", unique=True, postgresql_where=text("reverses_id IS NOT NULL")
        ),
    )

    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"))
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment.id"))
    credit_note_id: Mapped[UUID | None] = mapped_column(ForeignKey("credit_note.id"))
    write_off_id: Mapped[UUID | None] = mapped_column(ForeignKey("write_off.id"))
    reverses_id: Mapped[UUID | None] = mapped_column(ForeignKey("allocation.id"))
    amount_minor: Mapped[int]
    allocated_on: Mapped[date]
