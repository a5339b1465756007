"""The arrival: what came in at a door, kept as it came until a job makes sense of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row

PROVIDERS = ("twilio", "sendgrid")
# A message is what a customer wrote; a word is what the provider has to say about one of ours.
KINDS = ("message", "word")


class Arrival(Keyed, Row):
    """What a provider delivered at a door, under the provider's own id, so that a repeat is found.

    `payload` holds the fields or the event as they came; `raw` is a mail, byte for byte. What could not be made sense of
    is set aside with the reason, never thrown away. `message_id` is the message it became or is about.
    """

    __tablename__ = "arrival"
    __table_args__ = (
        UniqueConstraint("provider", "kind", "sender_key"),
        CheckConstraint(f"provider IN {PROVIDERS}", "provider"),
        CheckConstraint(f"kind IN {KINDS}", "kind"),
        CheckConstraint("state IN ('waiting', 'done', 'set_aside')", "state"),
        Index("ix_arrival_waiting", "id", postgresql_where=sql("state = 'waiting'")),
        Index(None, "message_id"),
    )

    provider: Mapped[str]
    kind: Mapped[str]
    channel: Mapped[str]
    sender_key: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    raw: Mapped[bytes | None]
    state: Mapped[str] = mapped_column(default="waiting")
    why: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    received_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
