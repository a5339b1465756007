"""The dispute: a customer's objection to an invoice; what is not disputed stays due."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from o2c_core.money import Money
from o2c_core.store.rows import Keyed, Row

REASONS = (
    "PRICE", "QTY_SHORT", "QTY_OVER", "DAMAGED", "NOT_RECEIVED", "LATE", "QUALITY", "RETURNED", "DUPLICATE", "WRONG_PO",
    "MISSING_POD", "WRONG_ADDRESS", "TAX", "FREIGHT", "DISCOUNT", "NOT_ORDERED", "CREDIT_MISSING", "SERVICE",
    "FRAUD_CLAIM", "OTHER",
)  # fmt: skip
OUTCOMES = ("credited", "part_credited", "valid_as_billed", "written_off", "withdrawn")


class DisputeLine(Keyed, Row):
    """What is objected to on one line of the invoice: how many of it, or how much."""

    __tablename__ = "dispute_line"
    __table_args__ = (
        UniqueConstraint("dispute_id", "invoice_line_id"),
        CheckConstraint("amount_minor > 0", "positive"),
    )

    dispute_id: Mapped[UUID] = mapped_column(ForeignKey("dispute.id"))
    invoice_line_id: Mapped[UUID] = mapped_column(ForeignKey("invoice_line.id"))
    quantity: Mapped[Decimal | None] = mapped_column(Numeric(14, 3))
    amount_minor: Mapped[int]


class Dispute(Keyed, Row):
    """An objection to an amount of one invoice. `number` is what the customer is told, for instance D-118."""

    __tablename__ = "dispute"
    __table_args__ = (
        UniqueConstraint("seller_id", "number"),
        CheckConstraint("state IN ('open', 'resolved')", "state"),
        CheckConstraint("amount_minor > 0", "positive"),
        CheckConstraint(f"outcome IN {OUTCOMES}", "outcome"),
        Index(None, "invoice_id"),
        Index(None, "customer_id"),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"))
    number: Mapped[str]
    reason: Mapped[str]
    description: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    opened_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str | None]
    message_id: Mapped[UUID | None]
    owner: Mapped[str | None]
    answer_by: Mapped[date | None]
    outcome: Mapped[str | None]
    credit_note_id: Mapped[UUID | None] = mapped_column(ForeignKey("credit_note.id"))
    write_off_id: Mapped[UUID | None] = mapped_column(ForeignKey("write_off.id"))

    lines: Mapped[list[DisputeLine]] = relationship(order_by=DisputeLine.id, cascade="all, delete-orphan")

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


def undisputed(open_: Money, disputed: Money) -> Money:
    """What may still be asked for: what is open less what is disputed, never below zero."""
    return max(open_ - disputed, Money.zero(open_.currency))
