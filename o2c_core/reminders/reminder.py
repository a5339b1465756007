"""The reminder: which rung of a ladder was reached for which invoice, with which message; the run it came from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row


class Reminder(Keyed, Row):
    """One invoice, or one `part` of it, reminded of at one rung. The three are unique: a rung is never used twice.

    `part` is 0 for a whole invoice and counts from 1 for instalments. `days` is where the rung stood in its ladder, so
    that a ladder changed since is still not climbed down. `arm` is what was tried by lot.
    """

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("invoice_id", "part", "rung"), Index(None, "customer_id", "on"))

    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"))
    part: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"))
    rung: Mapped[str]
    days: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    ladder: Mapped[str] = mapped_column(default="standard", server_default=sql("'standard'"))
    ladder_version: Mapped[int] = mapped_column(default=1, server_default=sql("1"))
    tone: Mapped[str | None]
    arm: Mapped[str | None]
    on: Mapped[date]
    open_minor: Mapped[int]
    created_at: Mapped[datetime]


class ReminderRun(Keyed, Row):
    """One seller's run for one day. `after` is the last customer that is done, where a run that was killed goes on."""

    __tablename__ = "reminder_run"
    __table_args__ = (
        UniqueConstraint("seller_id", "on"),
        CheckConstraint("state IN ('running', 'done')", "state"),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    on: Mapped[date]
    state: Mapped[str] = mapped_column(default="running")
    after: Mapped[UUID | None]
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=sql("'{}'"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ReminderDecision(Keyed, Row):
    """What was decided for a customer and currency on a day: the message that was written, or why there was none.

    `invoices` has one entry per invoice or part: {"number", "part", "open_minor", "asked_minor", "rung" or "reason", "day"}.
    """

    __tablename__ = "reminder_decision"
    __table_args__ = (
        UniqueConstraint("customer_id", "on", "currency"),
        Index(None, "seller_id", "on"),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    on: Mapped[date]
    currency: Mapped[str]
    message_id: Mapped[UUID | None]
    rung: Mapped[str | None]
    reason: Mapped[str | None]
    reason_day: Mapped[date | None]
    arm: Mapped[str | None]
    asked_minor: Mapped[int] = mapped_column(default=0)
    invoices: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    decided_at: Mapped[datetime]


class ReminderSkip(Keyed, Row):
    """A step of an invoice (or part of it) that a person decided not to take, and why; the ladder goes on after it."""

    __tablename__ = "reminder_skip"
    __table_args__ = (UniqueConstraint("invoice_id", "part", "rung"),)

    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"))
    part: Mapped[int] = mapped_column(default=0)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    rung: Mapped[str]
    on: Mapped[date]
    by: Mapped[str]
    why: Mapped[str]
    skipped_at: Mapped[datetime]


class LadderVersion(Keyed, Row):
    """A ladder as it was written down, once per change; the newest of a name is in force and the past keeps its own."""

    __tablename__ = "ladder"
    __table_args__ = (UniqueConstraint("seller_id", "name", "version"),)

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    name: Mapped[str]
    version: Mapped[int]
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    by: Mapped[str]
    why: Mapped[str | None]
    saved_at: Mapped[datetime]


class LadderChoice(Keyed, Row):
    """Which ladder holds for a seller, a segment, a customer or one invoice; the narrowest that has not ended counts."""

    __tablename__ = "ladder_choice"
    __table_args__ = (
        CheckConstraint("scope IN ('seller', 'segment', 'customer', 'invoice')", "scope"),
        CheckConstraint(
            "(scope = 'segment') = (segment IS NOT NULL) AND (scope = 'customer') = (customer_id IS NOT NULL)"
            " AND (scope = 'invoice') = (invoice_id IS NOT NULL)",
            "target",
        ),
        Index(
            "uq_ladder_choice_now", "seller_id", "scope", "segment", "customer_id", "invoice_id", unique=True,
            postgresql_where=sql("ended_at IS NULL"), postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    scope: Mapped[str]
    segment: Mapped[str | None]
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"))
    invoice_id: Mapped[UUID | None] = mapped_column(ForeignKey("invoice.id"))
    ladder: Mapped[str]
    by: Mapped[str]
    why: Mapped[str | None]
    chosen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
