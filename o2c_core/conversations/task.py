"""The task: something only a person can put right, with what is known about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row

# data_fix: an address or number that does not work. uncertain_send: nobody knows whether a message left.
# provider: something is wrong with an account or setting at a provider. review: a message somebody has to look at.
# order_request: a customer asks for a change or a cancellation that a person has to decide about.
# call: a step of a ladder that is a person's to take by phone. broken_promise: its owner decides what follows.
# document_problem: an invoice that lacks something the customer needs. escalation, approval: what finance's rules ask of
# somebody. collection: a debt that is handed over. payment_trace: money a customer says they paid and that has not come.
# hold_end: a hold that ends soon, or has ended.
KINDS = (
    "data_fix", "uncertain_send", "provider", "review", "order_request",
    "call", "broken_promise", "document_problem", "escalation", "approval", "collection", "payment_trace", "hold_end",
)  # fmt: skip


class Task(Keyed, Row):
    """Open until a person says what was done. `about` names what it is about, so that it is not opened twice.

    `owner` is whose it is, where that is known, and `due_at` until when it should be done.
    """

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", "kind"),
        CheckConstraint("state IN ('open', 'done')", "state"),
        Index("uq_task_open", "kind", "about", unique=True, postgresql_where=sql("state = 'open'")),
        Index(None, "seller_id", "state", "opened_at"),
        Index(None, "customer_id"),
    )

    kind: Mapped[str]
    about: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    seller_id: Mapped[UUID | None] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"))
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    owner: Mapped[str | None]
    due_at: Mapped[datetime | None]
    why: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    opened_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]
    done_how: Mapped[str | None]
