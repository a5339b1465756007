"""The rating: what a customer thought of how a person helped them, asked once when that was over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row

SCORE_MAX = 5


class Rating(Keyed, Row):
    """Asked at the end of a person's part of a conversation; `score` runs from 1 to 5 and is empty until it is given.

    `agent_id` is the user whose part it was.
    """

    __tablename__ = "rating"
    __table_args__ = (
        CheckConstraint(f"score BETWEEN 1 AND {SCORE_MAX}", "score"),
        Index(None, "conversation_id"),
        Index(None, "agent_id"),
    )

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_user.id"))
    asked_at: Mapped[datetime]
    score: Mapped[int | None]
    words: Mapped[str | None]
    given_at: Mapped[datetime | None]
