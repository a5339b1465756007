"""One message as pages show it: who says it, its words, where its figures come from, and its files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.message import Message
from o2c_core.conversations.received_file import ReceivedFile

# What is not on its way to the customer, or was taken back, is not for their eyes.
NOT_SHOWN = ("draft", "queued", "withdrawn", "failed")
# A code proves that somebody reads another place than this one, so it is never told here.
ELSEWHERE = "code"

Files = Mapping[UUID, Sequence[dict[str, Any]]]


def files_with(session: Session, messages: Sequence[Message]) -> Files:
    """By message, the files that can be fetched again, whoever sent them."""
    found: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    if not messages:
        return found
    columns = (ReceivedFile.message_id, ReceivedFile.id, ReceivedFile.name, ReceivedFile.size)
    rows = (
        select(*columns)
        .where(ReceivedFile.message_id.in_([one.id for one in messages]), ReceivedFile.content.is_not(None))
        .order_by(ReceivedFile.id)
    )
    for message_id, file_id, name, size in session.execute(rows):
        found[message_id].append({"id": str(file_id), "name": name, "size": size})
    return found


def shown(message: Message, files: Files) -> dict[str, Any]:
    return {
        "id": str(message.id),
        "author": message.author,
        "text": message.text,
        "language": message.language,
        "facts": message.receipts,
        "at": message.created_at.isoformat(),
        "files": list(files.get(message.id, ())),
        "key": _own_key(message),
    }


def _own_key(message: Message) -> str | None:
    """The page's own id of what was written there, by which it knows its own message again."""
    return message.sender_key.partition(":")[2] if message.direction == "in" and message.sender_key else None
