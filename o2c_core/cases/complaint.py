"""The complaint: something was bad, and somebody has to answer by a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.cases.moves import Moves
from o2c_core.errors import Refused
from o2c_core.store.rows import Keyed, Row

ANSWER_WORKING_DAYS = 2
# How soon a person answers, by how bad it is.
ANSWER_WITHIN = {"critical": 1, "high": 1, "normal": ANSWER_WORKING_DAYS, "low": 5}
CATEGORIES = ("product", "delivery", "invoice", "service", "staff", "data", "other")
SEVERITIES = ("low", "normal", "high", "critical")
MOVES: Moves = {"open": ("resolved",), "resolved": ()}


class NoSuchCategory(Refused):
    """A complaint is about product, delivery, invoice, service, staff, data or other; severity is low to critical."""


class Complaint(Keyed, Row):
    """What a customer was unhappy about, in their words. `number` is what they are told, for instance C-27.

    `cause` is one of causes.CAUSES, said when it is resolved, and `cause_about` what it names (an article, a carrier).
    `credit_note_id` is what was credited to make up for it.
    """

    __tablename__ = "complaint"
    __table_args__ = (
        UniqueConstraint("seller_id", "number"),
        Index(
            "ix_complaint_number_found",
            "seller_id",
            func.lower(literal_column("number")).label("begins"),
            postgresql_ops={"begins": "text_pattern_ops"},
        ),
        UniqueConstraint("message_id"),
        CheckConstraint("state IN ('open', 'resolved')", "state"),
        CheckConstraint(f"category IN {CATEGORIES}", "category"),
        CheckConstraint(f"severity IN {SEVERITIES}", "severity"),
        Index(None, "customer_id"),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    invoice_id: Mapped[UUID | None] = mapped_column(ForeignKey("invoice.id"))
    number: Mapped[str]
    about: Mapped[str]
    category: Mapped[str] = mapped_column(default="other", server_default="other")
    severity: Mapped[str] = mapped_column(default="normal", server_default="normal")
    owner: Mapped[str | None]
    root_cause: Mapped[str | None]
    cause: Mapped[str | None]
    cause_about: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="open")
    opened_at: Mapped[datetime]
    answer_by: Mapped[date]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str | None]
    message_id: Mapped[UUID | None]
    credit_note_id: Mapped[UUID | None] = mapped_column(ForeignKey("credit_note.id"))


def answer_day(opened_on: date, working_days: int = ANSWER_WORKING_DAYS) -> date:
    """The day by which a person answers: that many working days (Monday to Friday) after the complaint."""
    day = opened_on
    while working_days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5:
            working_days -= 1
    return day


def answer_by(severity: str, opened_on: date) -> date:
    """The last day on which answering a complaint of that severity is in time."""
    return answer_day(opened_on, ANSWER_WITHIN[severity])


def check_kind(category: str, severity: str) -> None:
    """Raises: NoSuchCategory."""
    if category not in CATEGORIES or severity not in SEVERITIES:
        raise NoSuchCategory(category=category, severity=severity)
