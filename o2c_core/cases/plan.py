"""The payment plan: what is owed, paid in parts on agreed days."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from o2c_core.store.rows import Keyed, Row

STATES = ("proposed", "active", "kept", "broken", "declined", "withdrawn")


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
    """Parts on agreed days for a set of invoices of one currency. `by` and `role` say who granted it."""

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
    message_id: Mapped[UUID | None]

    parts: Mapped[list[PlanPart]] = relationship(order_by=PlanPart.position, cascade="all, delete-orphan")
    invoices: Mapped[list[PlannedInvoice]] = relationship(cascade="all, delete-orphan")
