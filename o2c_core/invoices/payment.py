"""Money that arrived, and what it was set against."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row


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
    source_key: Mapped[str]


class Allocation(Keyed, Row):
    """A part of one payment, or of one credit note, set against one invoice."""

    __tablename__ = "allocation"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", "positive"),
        CheckConstraint("(payment_id IS NULL) <> (credit_note_id IS NULL)", "one_source"),
        Index(None, "invoice_id"),
        Index(None, "payment_id"),
        Index(None, "credit_note_id"),
    )

    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"))
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment.id"))
    credit_note_id: Mapped[UUID | None] = mapped_column(ForeignKey("credit_note.id"))
    amount_minor: Mapped[int]
    allocated_on: Mapped[date]
