"""The dispute: a customer's objection to an invoice; what is not disputed stays due."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.money import Money
from o2c_core.store.rows import Keyed, Row

REASONS = (
    "PRICE", "QTY_SHORT", "QTY_OVER", "DAMAGED", "NOT_RECEIVED", "LATE", "QUALITY", "RETURNED", "DUPLICATE", "WRONG_PO",
    "MISSING_POD", "WRONG_ADDRESS", "TAX", "FREIGHT", "DISCOUNT", "NOT_ORDERED", "CREDIT_MISSING", "SERVICE", "OTHER",
)  # fmt: skip


class Dispute(Keyed, Row):
    """An objection to an amount of one invoice. `number` is what the customer is told, for instance D-118."""

    __tablename__ = "dispute"
    __table_args__ = (
        UniqueConstraint("seller_id", "number"),
        CheckConstraint("state IN ('open', 'resolved')", "state"),
        CheckConstraint("amount_minor > 0", "positive"),
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

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


def undisputed(open_: Money, disputed: Money) -> Money:
    """What may still be asked for: what is open less what is disputed, never below zero."""
    return max(open_ - disputed, Money.zero(open_.currency))
