"""The files an agent sends along with a message: kept beside it, and handed to the carrier as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.carrier import OutgoingFile
from o2c_core.conversations.message import Message
from o2c_core.conversations.page_files import PageFile
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.keys import new_key

DOCUMENT = "file"


def keep_sent_files(
    session: Session, message_id: UUID, files: Sequence[PageFile], now: datetime
) -> list[dict[str, Any]]:
    """Keeps them with the message, in the session's transaction; what the message notes among its attachments."""
    kept = [
        ReceivedFile(
            id=new_key(), message_id=message_id, name=one.name, media_type=one.media_type,
            claimed_type=one.claimed_type, size=len(one.content), checksum=hashlib.sha256(one.content).hexdigest(),
            content=one.content, created_at=now,
        )
        for one in files
    ]  # fmt: skip
    session.add_all(kept)
    return [{"document": DOCUMENT, "id": str(one.id), "name": one.name} for one in kept]


def files_along(session: Session, message: Message) -> list[OutgoingFile]:
    """The message's own files, in the order they were chosen."""
    ids = [UUID(one["id"]) for one in message.attachments if one.get("document") == DOCUMENT]
    if not ids:
        return []
    query = select(ReceivedFile).where(ReceivedFile.id.in_(ids), ReceivedFile.message_id == message.id)
    found = {one.id: one for one in session.scalars(query)}
    return [
        OutgoingFile(found[id_].name, found[id_].media_type, content)
        for id_ in ids
        if id_ in found and (content := found[id_].content) is not None
    ]
