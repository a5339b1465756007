"""What came along with a message somebody sent: its files, and how sure we are of who wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.received_file import ReceivedFile

_UNITS = ((1_000_000, "MB"), (1_000, "kB"))


@dataclass(frozen=True)
class FileShown:
    """A file as the page lists it; one that was refused has no bytes to give."""

    id: UUID
    name: str
    kind: str
    size: str
    refused_why: str | None


def files_of(session: Session, message_id: UUID) -> Sequence[FileShown]:
    query = select(ReceivedFile).where(ReceivedFile.message_id == message_id).order_by(ReceivedFile.id)
    return [
        FileShown(one.id, one.name, one.media_type, _size(one.size), one.refused_why if one.content is None else None)
        for one in session.scalars(query)
    ]


def file_bytes(session: Session, file_id: UUID) -> tuple[str, bytes] | None:
    """The name and the bytes as they came; None when there is no such file or it was not kept."""
    one = session.get(ReceivedFile, file_id)
    return (one.name, one.content) if one is not None and one.content is not None else None


def whose_file(session: Session, file_id: UUID) -> tuple[UUID, UUID | None] | None:
    """The conversation it came in with, and the customer whose it is as far as we know."""
    query = select(Conversation.id, Conversation.customer_id).join(Message, Message.conversation_id == Conversation.id)
    found = session.execute(
        query.join(ReceivedFile, ReceivedFile.message_id == Message.id).where(ReceivedFile.id == file_id)
    )
    row = found.one_or_none()
    return (row[0], row[1]) if row else None


def about_writer(message: Message) -> str | None:
    """How sure we are that the mail is from who it says; None where that is no question."""
    if message.channel != "email" or message.direction != "in":
        return None
    if message.mail.get("is_aligned"):
        return "The sender's own mail server vouches for this address."
    return "Nobody vouches for this address: anybody could have written it."


def _size(size: int) -> str:
    for unit, name in _UNITS:
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"
