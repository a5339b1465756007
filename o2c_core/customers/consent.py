"""Consent: what a person agreed to or refused, per channel and purpose, with the proof."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.errors import Refused
from o2c_core.store.rows import Keyed, Row

CHANNELS = ("email", "sms", "whatsapp", "chat")
PURPOSES = ("service", "reminders", "marketing")
# What silence means: the contract itself is the reason to write about service and payment, never about offers.
# Source: Regulation (EU) 2016/679 art. 6(1)(b) and Directive 2002/58/EC art. 13.
UNLESS_REFUSED = ("service", "reminders")


class ConsentNeedsProof(Refused):
    """Consent is noted per channel and purpose, with how it was said and the words."""


class Consent(Keyed, Row):
    """One thing a person said about being written to. Notes are added and never changed: the latest one holds.

    `how` says where it was said (a form, an email, the telephone), `words` what was said, word for word. It is about a
    contact, an address, or both: whoever writes "stop" from a number nobody knows is heard too.
    """

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint(f"channel IN {CHANNELS}", "channel"),
        CheckConstraint(f"purpose IN {PURPOSES}", "purpose"),
        CheckConstraint("contact_id IS NOT NULL OR address IS NOT NULL", "about"),
        Index(None, "contact_id", "channel", "purpose", "at"),
        Index(None, "channel", "address"),
    )

    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    address: Mapped[str | None]
    channel: Mapped[str]
    purpose: Mapped[str]
    is_given: Mapped[bool]
    at: Mapped[datetime]
    how: Mapped[str]
    words: Mapped[str]
    message_id: Mapped[UUID | None]


def has_consent(notes: Iterable[Consent], channel: str, purpose: str) -> bool:
    """Whether the person those notes are of may be written to; the latest note about that channel and purpose holds."""
    about = [note for note in notes if (note.channel, note.purpose) == (channel, purpose)]
    if not about:
        return purpose in UNLESS_REFUSED
    return max(about, key=lambda note: (note.at, note.id)).is_given


def check_note(channel: str, purpose: str, how: str, words: str) -> None:
    """Raises: ConsentNeedsProof."""
    if channel not in CHANNELS or purpose not in PURPOSES or not how.strip() or not words.strip():
        raise ConsentNeedsProof(channel=channel, purpose=purpose)
