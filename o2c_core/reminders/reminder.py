"""The reminder: which rung of the ladder was reached for which invoice, with which message."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row


class Reminder(Keyed, Row):
    """One invoice reminded of at one rung. The pair is unique: a rung is never used twice for an invoice."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("invoice_id", "rung"), Index(None, "customer_id", "on"))

    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"))
    rung: Mapped[str]
    on: Mapped[date]
    open_minor: Mapped[int]
    created_at: Mapped[datetime]
