"""Files in a chat: taken in as those of a mail are, and given out to the session they belong to and to nobody else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, File, Form, Header, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from sqlalchemy import select

from channels.chat_shown import NOT_SHOWN
from channels.email_files import ALL_BYTES_MAX, FILE_BYTES_MAX, harm_in, real_type, tidy_name
from channels.web_chat import ChatDoor, Limits, address_of
from o2c_core.conversations.heard import HeardFile
from o2c_core.conversations.message import Message
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.errors import NotFound, Refused
from o2c_core.store.store import Store

FILES_MAX = 5
# What a form with as much in it as may come takes, with what stands around the files.
FORM_BYTES_MAX = ALL_BYTES_MAX + 256 * 1024


class FileRefused(Refused):
    """That file cannot be sent here."""


_SENTENCES = {
    "empty": "There is nothing in that file.",
    "too_large": "That file is larger than 10 MB.",
    "too_much": "Together the files are larger than 25 MB.",
    "too_many": f"More than {FILES_MAX} files at once cannot be sent.",
    "kind": "A file of that kind cannot be sent here; a photo, a PDF or an Office file can.",
}


def taken(pieces: Iterable[tuple[str, str, bytes]]) -> tuple[HeardFile, ...]:
    """The files as they are kept, from name, claimed type and bytes. All of them or none: who sends sees it at once.

    Raises: FileRefused, with a word for why and the file's name.
    """
    found: list[HeardFile] = []
    total = 0
    for place, (name, claimed, content) in enumerate(pieces):
        real = real_type(content, name)
        total += len(content)
        why = _why_not(place, name, content, total)
        if why is not None:
            raise FileRefused(_SENTENCES[why], why=why, name=tidy_name(name, place, real))
        mark = hashlib.sha256(content).hexdigest()
        found.append(HeardFile(tidy_name(name, place, real), real, claimed[:100], len(content), mark, content))
    return tuple(found)


def _why_not(place: int, name: str, content: bytes, total: int) -> str | None:
    if place >= FILES_MAX:
        return "too_many"
    if not content:
        return "empty"
    if len(content) > FILE_BYTES_MAX:
        return "too_large"
    if total > ALL_BYTES_MAX:
        return "too_much"
    return "kind" if harm_in(content, name) else None


def file_router(door: ChatDoor, store: Store) -> APIRouter:
    """`POST /api/chat/files` is `POST /api/chat` with files; `GET /api/chat/files/{id}` gives one of the conversation."""
    router = APIRouter(prefix="/api", tags=["chat"])

    @router.post("/chat/files")
    def send(
        request: Request,
        files: Annotated[list[UploadFile], File()],
        authorization: Annotated[str, Header()],
        text: Annotated[str, Form()] = "",
        message_id: Annotated[str | None, Form(max_length=100)] = None,
    ) -> Any:
        session = door.session(authorization)
        Limits.check(door.limits.files, address_of(request))
        try:
            came = taken((one.filename or "", one.content_type or "", _bytes_of(one)) for one in files)
        except FileRefused as refused:
            problem = {"status": 400, "title": refused.sentence, **refused.fields}
            return JSONResponse(problem, 400, media_type="application/problem+json")
        return door.answer(session, address_of(request), text, message_id, came)

    @router.get("/chat/files/{file_id}")
    def give(file_id: UUID, authorization: Annotated[str, Header()]) -> Response:
        session = door.session(authorization)
        query = (
            select(ReceivedFile.name, ReceivedFile.content)
            .join(Message, Message.id == ReceivedFile.message_id)
            .where(ReceivedFile.id == file_id, ReceivedFile.content.is_not(None))
            .where(Message.conversation_id == session.conversation_id, Message.delivery.not_in(NOT_SHOWN))
        )
        with store.session() as opened:
            found = opened.execute(query).one_or_none()
        if found is None:
            raise NotFound
        # Whatever it is, a browser keeps it and does not open it: what people send us runs nowhere.
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(found.content, media_type="application/octet-stream", headers=headers)

    return router


def _bytes_of(file: UploadFile) -> bytes:
    """As much as says that it is too large, and no more."""
    return file.file.read(FILE_BYTES_MAX + 1)
