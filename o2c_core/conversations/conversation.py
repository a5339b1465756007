"""The conversation: one thread with one writer, and who speaks for the seller in it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row

IDENTITIES = ("stranger", "known", "proven")


class Conversation(Keyed, Row):
    """A thread on one channel. `version` rises with every message, so that a reply to an older state is noticed.

    `address` is the writer's, and `contact_id` who that is as far as we know. Who proved it with a code is `proven` until
    `proven_until`; without such a moment, for as long as the conversation lasts.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        CheckConstraint("speaker IN ('assistant', 'agent')", "speaker"),
        CheckConstraint("state IN ('open', 'waiting', 'closed')", "state"),
        CheckConstraint("identity IN ('stranger', 'known', 'proven')", "identity"),
        Index(None, "customer_id"),
        Index(None, "seller_id", "state", "updated_at"),
        Index(None, "channel", "address"),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    channel: Mapped[str]
    address: Mapped[str | None]
    subject: Mapped[str | None]
    identity: Mapped[str] = mapped_column(default="stranger")
    speaker: Mapped[str] = mapped_column(default="assistant")
    state: Mapped[str] = mapped_column(default="open")
    language: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=0)
    introduced: Mapped[bool] = mapped_column(default=False)
    handoff_reason: Mapped[str | None]
    handoff_at: Mapped[datetime | None]
    proven_until: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
