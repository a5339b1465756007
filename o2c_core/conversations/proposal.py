"""The proposal: exactly what the assistant would do, waiting for the customer's word in the same conversation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row

KINDS = (
    "invoice_copy",
    "statement",
    "promise",
    "plan",
    "dispute",
    "complaint",
    "cancel_order",
    "change_order",
    "change_contact",
)
# `confirmed`: the customer agreed, and it is being done. `refused`: it could not be done after all. `replaced`: they
# put something right, and another proposal says it the new way.
STATES: dict[str, tuple[str, ...]] = {
    "open": ("confirmed", "declined", "replaced", "lapsed"),
    "confirmed": ("done", "refused"),
    "done": (),
    "refused": (),
    "declined": (),
    "replaced": (),
    "lapsed": (),
}
# So long an answer may be waited for; a "yes" to a mail of last week is not one to what holds today.
WAITS_FOR = {
    "chat": timedelta(hours=2),
    "terminal": timedelta(hours=2),
    "sms": timedelta(hours=24),
    "whatsapp": timedelta(hours=24),
    "email": timedelta(days=5),
}
# So long a change that was agreed to waits for the code that was sent for it: longer than any code is good for.
WAITS_FOR_CODE = timedelta(minutes=30)
# What somebody told us and never confirmed is not lost: a person looks at it.
TOLD = ("complaint", "dispute")


class Proposal(Keyed, Row):
    """What was offered in one answer. `arguments` are exactly what will be done, `says` what the customer read of it.

    `message_id` is the customer's message that led to it, `settled_by_id` the one that settled it. `outcome` says what
    was recorded, for instance {"number": "C-12"}; with `refused`, the kind of refusal.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", "kind"),
        CheckConstraint(f"state IN {tuple(STATES)}", "state"),
        Index("ix_proposal_open", "conversation_id", postgresql_where=sql("state IN ('open', 'confirmed')")),
        Index("ix_proposal_lapsing", "lapses_at", postgresql_where=sql("state = 'open'")),
        Index(None, "customer_id"),
        Index(None, "conversation_id"),
    )

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"))
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"))
    kind: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    says: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    offered_at: Mapped[datetime]
    lapses_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    outcome: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=sql("'{}'"))


def may_move(now: str, to: str) -> bool:
    """Whether a proposal may go from one state to the other."""
    return to in STATES[now]
