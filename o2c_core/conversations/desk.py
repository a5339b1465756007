"""What people keep beside a conversation at the desk: notes, what they were typing, who is there, canned replies."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row


class PrivateNote(Keyed, Row):
    """A word between colleagues: no customer ever reads it. `mentions` are the keys of the users it calls."""

    __tablename__ = "private_note"
    __table_args__ = (Index(None, "conversation_id"),)

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("staff_user.id"))
    text: Mapped[str]
    mentions: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime]


class Mention(Keyed, Row):
    """That a note calls a user; open until they have seen it."""

    __tablename__ = "mention"
    __table_args__ = (Index(None, "user_id", "seen_at"), Index(None, "note_id"))

    note_id: Mapped[UUID] = mapped_column(ForeignKey("private_note.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff_user.id"))
    seen_at: Mapped[datetime | None]


class UnsentReply(Keyed, Row):
    """What a user was typing in a conversation; kept until it is sent or thrown away, whoever speaks meanwhile."""

    __tablename__ = "unsent_reply"
    __table_args__ = (UniqueConstraint("conversation_id", "user_id"),)

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff_user.id"))
    text: Mapped[str]
    updated_at: Mapped[datetime]


class Presence(Keyed, Row):
    """That a user has a conversation open right now, and when they last typed in it."""

    __tablename__ = "presence"
    __table_args__ = (UniqueConstraint("conversation_id", "user_id"),)

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff_user.id"))
    seen_at: Mapped[datetime]
    typed_at: Mapped[datetime | None]


class CannedReply(Keyed, Row):
    """A reply everybody at the desk may use, in one language. `text` may have places in braces, as {customer}."""

    __tablename__ = "canned_reply"
    __table_args__ = (UniqueConstraint("seller_id", "name", "language"),)

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    name: Mapped[str]
    language: Mapped[str]
    text: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
