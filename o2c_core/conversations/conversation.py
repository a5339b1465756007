"""The conversation: one thread with one writer, and who speaks for the seller in it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row

IDENTITIES = ("stranger", "known", "proven")


class Conversation(Keyed, Row):
    """A thread on one channel. `version` rises with every message, so that a reply to an older state is noticed.

    `owner_id` is the user who answers for it at the desk, `team` the name of the team it lies with. Who waits for a
    person is to be answered by `due_at`, and the more is at `stake` (see handoff.stake_of) the higher they may be put; a
    conversation that is put off until `snoozed_until` comes back then, or as soon as the customer writes. `about` names
    what a customer was looking at when they began, as "invoice INV-2026-0042".

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
        Index("ix_conversation_owner_id", "owner_id", postgresql_where=sql("owner_id IS NOT NULL")),
        # The views of the inbox: each is read in order, so far as a page goes, without looking at the others.
        Index(None, "seller_id", "updated_at", "id"),
        Index("ix_conversation_due", "seller_id", "due_at", "id", postgresql_where=sql("due_at IS NOT NULL")),
        Index("ix_conversation_team", "seller_id", "team", postgresql_where=sql("team IS NOT NULL")),
        Index("ix_conversation_agent", "seller_id", "id", postgresql_where=sql("speaker = 'agent'")),
        Index("ix_conversation_snoozed", "snoozed_until", postgresql_where=sql("snoozed_until IS NOT NULL")),
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
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_user.id"))
    team: Mapped[str | None]
    due_at: Mapped[datetime | None]
    stake: Mapped[int | None]
    snoozed_until: Mapped[datetime | None]
    about: Mapped[str | None]
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
