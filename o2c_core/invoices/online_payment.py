"""The online payment: money a customer was sent to a provider's own page to pay, believed when the provider says so."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.money import Money
from o2c_core.store.rows import Keyed, Row

# What a provider may say of one, and what may follow. Only `paid` is money, and only money that came is recorded.
STATES: dict[str, tuple[str, ...]] = {
    "begun": ("open", "failed", "paid", "expired", "cancelled"),
    "open": ("paid", "failed", "expired", "cancelled"),
    "failed": ("paid",),
    "expired": ("paid",),
    "cancelled": ("paid",),
    "paid": (),
}


class OnlinePayment(Keyed, Row):
    """`parts` say what it is for, as {"invoice_id", "minor"}; units are minor. `provider_key` is the provider's own id
    of it, `page_url` where it is paid, `looked_at` when the provider was last asked about it, and `payment_id` the payment
    it became."""

    __tablename__ = "online_payment"
    __table_args__ = (
        CheckConstraint(f"state IN {tuple(STATES)}", "state"),
        CheckConstraint("amount_minor > 0", "positive"),
        Index(
            "uq_online_payment_provider_key", "provider", "provider_key", unique=True,
            postgresql_where=sql("provider_key IS NOT NULL"),
        ),
        Index(None, "customer_id"),
        Index("ix_online_payment_waiting", "begun_at", postgresql_where=sql("state IN ('begun', 'open')")),
    )  # fmt: skip

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    provider: Mapped[str]
    provider_key: Mapped[str | None]
    page_url: Mapped[str | None]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    parts: Mapped[list[dict[str, Any]]]
    state: Mapped[str] = mapped_column(default="begun")
    why: Mapped[str | None]
    begun_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment.id"))

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
