"""The hold: for a while, for a reason, somebody answers for something not being done."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row

KINDS = ("reminders", "credit", "delivery")


class Hold(Keyed, Row):
    """Stops reminders, new credit or deliveries, for a customer or for one invoice of theirs.

    It holds up to and including `until_on` and then ends by itself; `ended_on` is set when somebody ends it sooner or
    when its end has been noted.
    """

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", "kind"),
        Index(None, "customer_id"),
        Index("ix_hold_running", "seller_id", "until_on", postgresql_where=text("ended_on IS NULL")),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    invoice_id: Mapped[UUID | None] = mapped_column(ForeignKey("invoice.id"))
    kind: Mapped[str]
    reason: Mapped[str]
    owner: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date]
    created_at: Mapped[datetime]
    ended_on: Mapped[date | None]
    ended_why: Mapped[str | None]
    message_id: Mapped[UUID | None]

    def is_running(self, today: date) -> bool:
        """Whether it holds on that day (in the seller's zone); the last day still counts."""
        return self.from_on <= today <= self.until_on and (self.ended_on is None or today < self.ended_on)
