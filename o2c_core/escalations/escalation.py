"""The escalation: a rule that fired for a customer or group, whose it is now, and until when."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.errors import NotFound
from o2c_core.store.rows import Keyed, Row


class NoSuchEscalation(NotFound):
    """There is no such escalation."""


class Escalation(Keyed, Row):
    """One state of one customer (or group, by its head) that a rule spoke of.

    While `ended_at` is empty the state lasts and the rule does not fire for it again, also when a person has closed it
    (`closed_at`). It ends by itself when the condition no longer holds. `level` counts from 1; `acknowledge_by` is until
    when its owner has to say that they have it. `done` says what each level did, with the ids of what it made. With
    `is_trial` nothing was done.
    """

    __tablename__ = "escalation"
    __table_args__ = (
        CheckConstraint("about IN ('customer', 'group')", "about"),
        Index(
            "uq_escalation_state", "seller_id", "rule", "customer_id", "state_key", unique=True,
            postgresql_where=sql("ended_at IS NULL"),
        ),
        Index(None, "seller_id", "fired_at"),
        Index(None, "customer_id"),
        Index(None, "rule_id"),
    )  # fmt: skip

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    rule_id: Mapped[UUID] = mapped_column(ForeignKey("escalation_rule.id"))
    rule: Mapped[str]
    about: Mapped[str]
    state_key: Mapped[str]
    is_trial: Mapped[bool] = mapped_column(default=False)
    facts: Mapped[dict[str, Any]]
    fired_on: Mapped[date]
    fired_at: Mapped[datetime]
    level: Mapped[int] = mapped_column(default=1)
    level_at: Mapped[datetime]
    owner: Mapped[str]
    acknowledge_by: Mapped[datetime | None]
    deadline_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    closed_how: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None]
    done: Mapped[list[dict[str, Any]]] = mapped_column(default=list)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has something to do about it."""
        return self.ended_at is None and self.closed_at is None and not self.is_trial

    @property
    def stands(self) -> str:
        """One word for where it is: trial, open, acknowledged, closed or over."""
        if self.ended_at is not None:
            return "over"
        if self.is_trial:
            return "trial"
        if self.closed_at is not None:
            return "closed"
        return "open" if self.acknowledged_at is None else "acknowledged"
