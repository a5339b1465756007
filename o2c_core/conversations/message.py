"""The message: words in or out, and where they are on their way."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row

CHANNELS = ("chat", "sms", "whatsapp", "email", "terminal")

# Where a message may go from where it is. Nothing ever runs backwards; a claim that turns out not to have left the
# house at all may be queued again, and so may what a person decided to send anew after nobody could tell. Mail can come
# back after it was delivered. `sent` means that the provider has it, and no more than that. A provider's word may be
# quicker than our own record of its answer, and it may even be about something that waits to be tried again. A draft waits
# for a person's approval.
DELIVERY: dict[str, tuple[str, ...]] = {
    "received": (),
    "draft": ("queued", "withdrawn"),
    "queued": ("sending", "withdrawn", "sent", "delivered"),
    "sending": ("sent", "delivered", "failed", "uncertain", "queued", "withdrawn"),
    "uncertain": ("sent", "delivered", "failed", "queued", "withdrawn"),
    "sent": ("delivered", "failed"),
    "delivered": ("failed",),
    "failed": (),
    "withdrawn": (),
}

# Names, numbers and words in four languages are found as they were written. What runs write by the thousand is not
# searched: reminders and news are found by their customer.
_WORDS = (
    "CASE WHEN purpose IN ('question', 'answer') THEN to_tsvector('simple', coalesce(subject, '') || ' ' || text) END"
)


class Message(Keyed, Row):
    """Words that came in or go out. `sender_key` is the id under which the sending side knows it, so that a repeat is found.

    `attachments` say which documents go along, as {"document": "invoice", "id": …}; they are rendered when it is sent.
    `not_before` is the earliest moment to try it, with `waits_why` for people. `instead_of_id` is the message that did
    not arrive and that this one replaces. `mail` is what a mail says of itself: subject, ids it answers, whether DKIM or
    SPF vouched for its sender, what kind of automatic mail it is. An incoming message is `answered_at` the moment an
    answer covered it, or it was decided that it needs none. `words` is what full text finds it by; only queries use it.
    """

    __tablename__ = "message"
    # What the database works out is not read back with every message that is written.
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012 (SQLAlchemy's own contract)
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
        UniqueConstraint("instead_of_id"),
        Index(None, "conversation_id", "id"),
        Index("ix_message_queued", "id", postgresql_where=sql("delivery IN ('queued', 'sending', 'uncertain')")),
        Index("ix_message_draft", "id", postgresql_where=sql("delivery = 'draft'")),
        Index("ix_message_carrier_key", "carrier", "carrier_key", postgresql_where=sql("carrier_key IS NOT NULL")),
        Index(None, "words", postgresql_using="gin"),
        # What the log narrows by and what there is little of; all else is read off the keys, and what runs write by the
        # thousand pays for no more indexes than it has to.
        Index(
            "ix_message_purpose",
            "purpose",
            "id",
            postgresql_where=sql("direction = 'out' AND purpose NOT IN ('answer', 'reminder', 'notice')"),
        ),
        Index("ix_message_rare", "delivery", "id", postgresql_where=sql("delivery IN ('failed', 'withdrawn')")),
        Index(
            "ix_message_text",
            "channel",
            "id",
            postgresql_where=sql("direction = 'out' AND channel IN ('sms', 'whatsapp')"),
        ),
        Index("ix_message_mail_id", "mail_id", postgresql_where=sql("mail_id IS NOT NULL")),
        Index(
            "ix_message_unanswered",
            "id",
            postgresql_where=sql("direction = 'in' AND purpose = 'question' AND answered_at IS NULL"),
        ),
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
    words: Mapped[str] = mapped_column(
        TSVECTOR, Computed(_WORDS, persisted=True), deferred=True, deferred_raiseload=True
    )
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default=sql("'[]'"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    arrival_id: Mapped[UUID | None]
    answered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    instead_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    sender: Mapped[str | None]
    mail_id: Mapped[str | None]
    mail: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=sql("'{}'"))
    failed_code: Mapped[str | None]
    failed_why: Mapped[str | None]
    waits_why: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    look_ups: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    created_at: Mapped[datetime]
    not_before: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]


def may_move(now: str, to: str) -> bool:
    """Whether a message may go from one delivery state to the other."""
    return to in DELIVERY[now]


def states_before(to: str) -> tuple[str, ...]:
    """The delivery states from which a message may go to that one."""
    return tuple(state for state, following in DELIVERY.items() if to in following)
