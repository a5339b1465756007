"""The message: words in or out, and where they are on their way."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row

CHANNELS = ("chat", "sms", "email", "terminal")

# Where a message may go from where it is. Nothing ever runs backwards; a claim that turns out not to have left the
# house at all may be queued again.
DELIVERY: dict[str, tuple[str, ...]] = {
    "received": (),
    "queued": ("sending", "withdrawn"),
    "sending": ("sent", "failed", "uncertain", "queued", "withdrawn"),
    "uncertain": ("sent", "failed", "delivered"),
    "sent": ("delivered", "failed"),
    "delivered": (),
    "failed": (),
    "withdrawn": (),
}


class Message(Keyed, Row):
    """Words that came in or go out. `sender_key` is the id under which the sending side knows it, so that a repeat is found.

    `attachments` say which documents go along, as {"document": "invoice", "id": …}; they are rendered when it is sent.
    """

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint(f"delivery IN {tuple(DELIVERY)}", "delivery"),
        CheckConstraint("direction IN ('in', 'out')", "direction"),
        Index(
            "uq_message_sender_key",
            "channel",
            "sender_key",
            unique=True,
            postgresql_where=sql("sender_key IS NOT NULL"),
        ),
        Index("uq_message_answer", "answers_id", unique=True, postgresql_where=sql("answers_id IS NOT NULL")),
        Index(None, "conversation_id", "id"),
        Index("ix_message_queued", "id", postgresql_where=sql("delivery IN ('queued', 'sending')")),
    )

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    direction: Mapped[str]
    author: Mapped[str]
    purpose: Mapped[str] = mapped_column(default="answer")
    channel: Mapped[str]
    address: Mapped[str | None]
    subject: Mapped[str | None]
    text: Mapped[str]
    html: Mapped[str | None]
    language: Mapped[str | None]
    delivery: Mapped[str]
    carrier: Mapped[str | None]
    carrier_key: Mapped[str | None]
    sender_key: Mapped[str | None]
    answers_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    receipts: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    understanding: Mapped[dict[str, Any]] = mapped_column(default=dict)
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default=sql("'[]'"))
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]


def may_move(now: str, to: str) -> bool:
    """Whether a message may go from one delivery state to the other."""
    return to in DELIVERY[now]
