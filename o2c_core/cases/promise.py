"""The promise to pay: an amount by a day, kept or broken by money that arrived."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from o2c_core.money import Money
from o2c_core.store.rows import Keyed, Row

STATES = ("open", "kept", "broken", "replaced")
GRACE_DAYS = 2


class PromisedInvoice(Row):
    """An invoice a promise is about."""

    __tablename__ = "promised_invoice"
    __table_args__ = (Index(None, "invoice_id"),)

    promise_id: Mapped[UUID] = mapped_column(ForeignKey("promise.id"), primary_key=True)
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"), primary_key=True)


class Promise(Keyed, Row):
    """What a customer said they will pay and by when. Without invoices it is about the account.

    `grace_days` calendar days after `promised_on` still count. `settled_on` is the day it was found kept or broken.
    """

    __tablename__ = "promise"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", "state"),
        CheckConstraint("amount_minor > 0", "positive"),
        Index(None, "customer_id"),
        Index("ix_promise_open", "seller_id", "promised_on", postgresql_where=text("state = 'open'")),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    promised_on: Mapped[date]
    grace_days: Mapped[int] = mapped_column(default=GRACE_DAYS)
    state: Mapped[str] = mapped_column(default="open")
    made_at: Mapped[datetime]
    made_on: Mapped[date]
    settled_on: Mapped[date | None]
    channel: Mapped[str | None]
    words: Mapped[str | None]
    message_id: Mapped[UUID | None]

    invoices: Mapped[list[PromisedInvoice]] = relationship(cascade="all, delete-orphan")

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
