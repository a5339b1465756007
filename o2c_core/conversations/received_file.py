"""A file somebody sent us with a message: kept, shown to agents, never opened by us."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row


class ReceivedFile(Keyed, Row):
    """A file as it came. `content` is empty where it was refused (too large, a kind that could do harm), with the reason.

    `media_type` is what the bytes are, `claimed_type` what the sender said.
    """

    __tablename__ = "received_file"
    __table_args__ = (Index(None, "message_id"),)

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"))
    name: Mapped[str]
    media_type: Mapped[str]
    claimed_type: Mapped[str]
    size: Mapped[int]
    checksum: Mapped[str]
    content: Mapped[bytes | None]
    refused_why: Mapped[str | None]
    created_at: Mapped[datetime]
