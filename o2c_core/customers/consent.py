"""Consent: what a person agreed to or refused, per channel and purpose, with the proof."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row

CHANNELS = ("email", "sms", "whatsapp", "chat")
PURPOSES = ("service", "reminders", "marketing")


class Consent(Keyed, Row):
    """One thing a person said about being written to. Notes are added and never changed: the latest one holds.

    `how` says where it was said (a form, an email, the telephone), `words` what was said, word for word.
    """

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint(f"channel IN {CHANNELS}", "channel"),
        CheckConstraint(f"purpose IN {PURPOSES}", "purpose"),
        Index(None, "contact_id", "channel", "purpose", "at"),
    )

    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    channel: Mapped[str]
    purpose: Mapped[str]
    is_given: Mapped[bool]
    at: Mapped[datetime]
    how: Mapped[str]
    words: Mapped[str]
    message_id: Mapped[UUID | None]
