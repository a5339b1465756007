"""The hold: for a while, for a reason, somebody answers for something not being done."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, and_, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.cases.moves import Moves
from o2c_core.errors import Refused
from o2c_core.store.rows import Keyed, Row

KINDS = ("reminders", "credit", "delivery")
# Where a hold stands follows from its days; it has no state of its own.
MOVES: Moves = {"coming": ("running", "ended"), "running": ("ended",), "ended": ()}


class HoldNeedsAnEnd(Refused):
    """A hold stops reminders, credit or delivery, for a reason, in somebody's name, up to a day that is still to come."""


class HeldTooLong(Refused):
    """That is longer than this role may hold; an earlier end can be chosen, or somebody with more authority asked."""


class Hold(Keyed, Row):
    """Stops reminders, new credit or deliveries, for a customer or for one invoice of theirs.

    It holds up to and including `until_on` and then ends by itself; `ended_on` is set when somebody ends it sooner or
    when its end has been noted, and `warned_on` when its owner was told that it ends soon.
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
    warned_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    ended_why: Mapped[str | None]
    message_id: Mapped[UUID | None]

    def is_running(self, today: date) -> bool:
        """Whether it holds on that day (in the seller's zone); the last day still counts."""
        return self.from_on <= today <= self.until_on and (self.ended_on is None or today < self.ended_on)

    def stands(self, today: date) -> str:
        """coming, running or ended, as of that day."""
        if today > self.until_on or (self.ended_on is not None and today >= self.ended_on):
            return "ended"
        return "coming" if today < self.from_on else "running"


def running(kind: str, today: date) -> ColumnElement[bool]:
    """The same as `is_running`, for a query: holds of that kind that hold on that day."""
    return and_(
        Hold.kind == kind,
        Hold.from_on <= today,
        Hold.until_on >= today,
        or_(Hold.ended_on.is_(None), Hold.ended_on > today),
    )


def warning_day(until_on: date) -> date:
    """The day on which its owner is told that it ends: the last working day on which it still holds."""
    while until_on.weekday() >= 5:
        until_on -= timedelta(days=1)
    return until_on


def check_hold(kind: str, reason: str, owner: str, from_on: date, until_on: date, today: date, days_max: int) -> None:
    """Raises: HoldNeedsAnEnd; HeldTooLong when it ends more than that many days from today."""
    if kind not in KINDS or not reason.strip() or not owner.strip() or until_on < max(today, from_on):
        raise HoldNeedsAnEnd(kind=kind, until_on=until_on)
    if until_on > today + timedelta(days=days_max):
        raise HeldTooLong(until_on=until_on, days_max=days_max)
