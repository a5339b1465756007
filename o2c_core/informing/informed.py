"""What a customer was told of each step, or why not: one row per step and what it is about."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.informing.step import STEPS
from o2c_core.store.rows import Keyed, Row

STATES = ("waiting", "told", "skipped")


class Informed(Keyed, Row):
    """One event of one step. The key is unique, so nobody is told of it twice.

    `subject_id` is the order, shipment, invoice, payment, credit note or hold; `about` tells events of one step about the
    same subject apart (a delay has a day). `said_on` is the day of arrival the customer was told, `was_on` the one before
    it. It is looked at from `look_at` on, `reason` says why it was skipped or what it waits for, and `message_id` is the
    message that told it.
    """

    __tablename__ = "informed"
    __table_args__ = (
        UniqueConstraint("seller_id", "step", "subject_id", "about"),
        CheckConstraint(f"step IN {tuple(STEPS)}", "step"),
        CheckConstraint(f"state IN {STATES}", "state"),
        CheckConstraint("(state = 'told') = (message_id IS NOT NULL)", "told_by"),
        Index(None, "customer_id", "happened_at"),
        Index(None, "seller_id", "happened_at"),
        Index(None, "subject_id"),
        Index("ix_informed_message_id", "message_id", postgresql_where=sql("message_id IS NOT NULL")),
        Index("ix_informed_waiting", "look_at", postgresql_where=sql("state = 'waiting'")),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    step: Mapped[str]
    subject_id: Mapped[UUID]
    about: Mapped[str] = mapped_column(default="", server_default="")
    happened_at: Mapped[datetime]
    happened_on: Mapped[date | None]
    said_on: Mapped[date | None]
    was_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(default="waiting")
    reason: Mapped[str | None]
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    look_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class InformedUntil(Keyed, Row):
    """How far in the trail (by transaction number) a seller's events have been taken over, and when delays were looked for."""

    __tablename__ = "informed_until"
    __table_args__ = (UniqueConstraint("seller_id"),)

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    transaction: Mapped[int]
    swept_on: Mapped[date | None]


class InformingWish(Keyed, Row):
    """Whether somebody wants to hear of a step: a contact, or without one the whole customer."""

    __tablename__ = "informing_wish"
    __table_args__ = (
        UniqueConstraint("customer_id", "contact_id", "step", postgresql_nulls_not_distinct=True),
        CheckConstraint(f"step IN {tuple(STEPS)}", "step"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    step: Mapped[str]
    is_on: Mapped[bool]
    at: Mapped[datetime]
    by: Mapped[str]
