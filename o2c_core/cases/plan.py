"""The payment plan: what is owed, paid in parts on agreed days."""

from __future__ import annotations

import calendar
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from o2c_core.cases.moves import Moves
from o2c_core.errors import Refused
from o2c_core.store.rows import Keyed, Row

STATES = ("proposed", "active", "kept", "broken", "declined", "withdrawn")
MOVES: Moves = {
    "proposed": ("active", "declined", "withdrawn"),
    "active": ("kept", "broken", "withdrawn"),
    "kept": (),
    "broken": (),
    "declined": (),
    "withdrawn": (),
}
GRACE_DAYS = 2
PARTS_MAX = 60


class PlanDoesNotAddUp(Refused):
    """The parts of a plan come to exactly what is open and undisputed, on days that follow each other from today on."""


class PlanTooLong(Refused):
    """The last part is further away than may be agreed; a shorter plan can be, or a person looks at it."""


class PlanPart(Keyed, Row):
    """One payment of the plan."""

    __tablename__ = "plan_part"
    __table_args__ = (UniqueConstraint("plan_id", "position"), CheckConstraint("amount_minor > 0", "positive"))

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("payment_plan.id"))
    position: Mapped[int]
    due_on: Mapped[date]
    amount_minor: Mapped[int]


class PlannedInvoice(Row):
    """An invoice whose payment the plan spreads."""

    __tablename__ = "planned_invoice"
    __table_args__ = (Index(None, "invoice_id"),)

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("payment_plan.id"), primary_key=True)
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"), primary_key=True)


class PaymentPlan(Keyed, Row):
    """Parts on agreed days for a set of invoices of one currency. `by` and `role` say who granted it.

    A kept plan stays kept; `undone_on` is the day its money was found to be gone again.
    """

    __tablename__ = "payment_plan"
    __table_args__ = (
        UniqueConstraint("seller_id", "number"),
        CheckConstraint(f"state IN {STATES}", "state"),
        Index(None, "customer_id"),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    number: Mapped[str]
    currency: Mapped[str]
    grace_days: Mapped[int]
    state: Mapped[str] = mapped_column(default="proposed")
    by: Mapped[str]
    role: Mapped[str]
    proposed_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    started_on: Mapped[date | None]
    settled_on: Mapped[date | None]
    undone_on: Mapped[date | None]
    message_id: Mapped[UUID | None]

    parts: Mapped[list[PlanPart]] = relationship(order_by=PlanPart.position, cascade="all, delete-orphan")
    invoices: Mapped[list[PlannedInvoice]] = relationship(cascade="all, delete-orphan")

    @property
    def total_minor(self) -> int:
        return sum(part.amount_minor for part in self.parts)


def months_later(day: date, months: int) -> date:
    """The same day of a later month; the month's last where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def even_parts(total_minor: int, parts: int, first_on: date) -> list[tuple[date, int]]:
    """That many monthly parts from that day on, as even as whole minor units allow: the first ones are one unit more.

    Raises: PlanDoesNotAddUp for no parts, or more than there are minor units.
    """
    if not 1 <= parts <= min(PARTS_MAX, total_minor):
        raise PlanDoesNotAddUp(parts=parts, total=total_minor)
    each, over = divmod(total_minor, parts)
    return [(months_later(first_on, at), each + (at < over)) for at in range(parts)]


def check_schedule(schedule: Sequence[tuple[date, int]], total_minor: int, today: date, months_max: int) -> None:
    """Raises: PlanDoesNotAddUp; PlanTooLong when the last part is more than that many months from today."""
    days = [day for day, _ in schedule]
    in_order = all(first < second for first, second in itertools.pairwise(days))
    adds_up = sum(minor for _, minor in schedule) == total_minor and all(minor > 0 for _, minor in schedule)
    if not days or not in_order or not adds_up or days[0] < today or len(days) > PARTS_MAX:
        raise PlanDoesNotAddUp(parts=len(days), total=total_minor)
    if days[-1] > months_later(today, months_max):
        raise PlanTooLong(last_on=days[-1], months_max=months_max)


def filled(parts: Sequence[PlanPart], paid_minor: int) -> list[int]:
    """What of the money has gone to each part, earliest first; more than the plan is nobody's part."""
    given = []
    left = max(0, paid_minor)
    for part in parts:
        given.append(min(left, part.amount_minor))
        left -= given[-1]
    return given


def next_part(plan: PaymentPlan, paid_minor: int) -> PlanPart | None:
    """The earliest part that is not wholly paid; None when all are."""
    given = zip(plan.parts, filled(plan.parts, paid_minor), strict=True)
    return next((part for part, minor in given if minor < part.amount_minor), None)


@dataclass(frozen=True)
class OpenPart:
    """A part of a plan that is not wholly paid; `number` counts from 1, and `until_on` is its last day, grace included."""

    number: int
    due_on: date
    until_on: date
    left_minor: int

    def is_late(self, today: date) -> bool:
        """Whether its day has gone by; within the grace it is late and the plan still holds."""
        return today > self.due_on


def parts_open(plan: PaymentPlan, paid_minor: int) -> tuple[OpenPart, ...]:
    """The parts that are not wholly paid, earliest first."""
    grace = timedelta(days=plan.grace_days)
    return tuple(
        OpenPart(part.position, part.due_on, part.due_on + grace, part.amount_minor - given)
        for part, given in zip(plan.parts, filled(plan.parts, paid_minor), strict=True)
        if given < part.amount_minor
    )


def is_undone(plan: PaymentPlan, paid_minor: int, open_minor: int) -> bool:
    """Whether the money of a kept plan is gone again and something is open that it paid; said once."""
    is_kept = plan.state == "kept" and plan.undone_on is None
    return is_kept and paid_minor < plan.total_minor and open_minor > 0


def plan_state(plan: PaymentPlan, paid_minor: int, open_minor: int, disputed_minor: int, today: date) -> str:
    """The state an active plan is in on that day.

    Kept when every part is paid or nothing is open any more; broken when a part was not paid by its day and the grace
    after it, unless all that is open is disputed. What was credited meanwhile shortens a plan at its end.
    Units: `today` is the day where the seller is.
    """
    if plan.state != "active":
        return plan.state
    waiting = next_part(plan, paid_minor)
    if waiting is None or open_minor <= 0:
        return "kept"
    is_late = today > waiting.due_on + timedelta(days=plan.grace_days)
    return "broken" if is_late and open_minor > disputed_minor else "active"
