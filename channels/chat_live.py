"""What is new in a chat, told to its page as it happens: server-sent events that can be taken up again.

Source: html.spec.whatwg.org/multipage/server-sent-events.html. The session token comes in the Authorization header and
never in the address, where logs and histories would keep it; pages read the stream with fetch, which can send headers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session as DatabaseSession
from starlette.concurrency import run_in_threadpool

from channels.chat_shown import ELSEWHERE, NOT_SHOWN, files_with, shown
from channels.web_chat import ChatDoor, Session, SessionNotValid
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.desk import Presence
from o2c_core.conversations.message import Message
from o2c_core.conversations.rating import Rating
from o2c_core.staff.user import User
from o2c_core.store.listening import Listening
from o2c_core.store.store import Store

# How long it may take to see what no notice came for: the listener was away, or the notice was.
POLL_SECONDS = 10.0
# A stream ends by itself and is taken up again, so that a token that ran out is noticed and a server can be stopped.
STREAM_SECONDS_MAX = 300.0
# A message whose transaction took long is committed after younger ones; so far back it is still looked for.
LATE_SECONDS_MAX = 30
# So long after their last key somebody still counts as writing.
TYPING_SECONDS = 5.0
# Of the newest question whether a customer was content: whether it still waits for an answer.
_LAST_RATING = (
    select(Rating.given_at.is_(None))
    .where(Rating.conversation_id == bindparam("conversation"))
    .order_by(Rating.id.desc())
    .limit(1)
)


def live_router(door: ChatDoor, store: Store) -> APIRouter:
    """`GET /api/chat/live`: what happens in the conversation, as it happens.

    Events: "message" (id: the message's, data: as in `GET /api/chat`), "speaker" ({"speaker", "name"}: who answers now),
    "typing" ({"who"}: a person who is writing; null when nobody is) and "rating" ({"asked"}: whether the customer is
    asked what they thought of a person's help).
    """
    router = APIRouter(prefix="/api", tags=["chat"])
    live = Listening(store.engine, "live_chat")

    def who(authorization: Annotated[str | None, Header()] = None) -> Session:
        if authorization is None:
            raise SessionNotValid
        return door.session(authorization)

    @router.get("/chat/live", response_class=EventSourceResponse)
    async def follow(
        session: Session = Depends(who),  # noqa: B008 (FastAPI's contract)
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> AsyncIterator[ServerSentEvent]:
        if session.conversation_id is None:
            return
        stream = _Stream(store, session.conversation_id, _uuid(last_event_id))
        until = asyncio.get_running_loop().time() + STREAM_SECONDS_MAX
        with live.follow(str(session.conversation_id)) as heard:
            while asyncio.get_running_loop().time() < until:
                for event in await run_in_threadpool(stream.new):
                    yield event
                # Nobody says that they stopped typing.
                seconds = min(POLL_SECONDS, TYPING_SECONDS) if stream.is_typed_in else POLL_SECONDS
                await heard.wait(seconds)

    return router


@dataclass(frozen=True)
class _Speaker:
    speaker: str
    name: str | None

    def as_json(self) -> dict[str, Any]:
        return {"speaker": self.speaker} | ({"name": self.name} if self.name else {})


class _Stream:
    """What one page has been told of a conversation."""

    def __init__(self, store: Store, conversation_id: UUID, after: UUID | None) -> None:
        self._store = store
        self._conversation_id = conversation_id
        self._after = after
        self._told: dict[UUID, datetime] = {}
        self._speaker: _Speaker | None = None
        self._typing: str | None = None
        self._is_asked = False

    @property
    def is_typed_in(self) -> bool:
        return self._typing is not None

    def new(self) -> list[ServerSentEvent]:
        with self._store.session() as session:
            return [*self._messages(session), *self._around(session)]

    def _messages(self, session: DatabaseSession) -> list[ServerSentEvent]:
        query = select(Message).where(Message.conversation_id == self._conversation_id).order_by(Message.id)
        if self._after is not None:
            query = query.where(Message.id > self._after)
        if self._told:
            youngest = max(self._told.values())
            query = query.where(Message.created_at > youngest - timedelta(seconds=LATE_SECONDS_MAX))
        messages = [message for message in session.scalars(query) if message.id not in self._told]
        self._told |= {message.id: message.created_at for message in messages}
        seen = [one for one in messages if one.delivery not in NOT_SHOWN and one.purpose != ELSEWHERE]
        files = files_with(session, seen)
        return [ServerSentEvent(event="message", id=str(one.id), data=shown(one, files)) for one in seen]

    def _around(self, session: DatabaseSession) -> list[ServerSentEvent]:
        """Who speaks, who types, and whether a word on a person's help is asked for: what is new of it."""
        found = session.execute(
            select(Conversation.speaker, User.name)
            .outerjoin(User, User.id == Conversation.owner_id)
            .where(Conversation.id == self._conversation_id)
        ).one_or_none()
        if found is None:
            return []
        is_person = found.speaker == "agent"
        speaker = _Speaker(found.speaker, found.name if is_person else None)
        typing = self._who_types(session) if is_person else None
        is_asked = session.scalar(_LAST_RATING, {"conversation": self._conversation_id}) or False
        events = []
        if speaker != self._speaker:
            events.append(ServerSentEvent(event="speaker", data=speaker.as_json()))
        if typing != self._typing:
            events.append(ServerSentEvent(event="typing", data={"who": typing}))
        if is_asked != self._is_asked:
            events.append(ServerSentEvent(event="rating", data={"asked": is_asked}))
        self._speaker, self._typing, self._is_asked = speaker, typing, is_asked
        return events

    def _who_types(self, session: DatabaseSession) -> str | None:
        since = self._store.clock.now() - timedelta(seconds=TYPING_SECONDS)
        return session.scalar(
            select(User.name)
            .join(Presence, Presence.user_id == User.id)
            .where(Presence.conversation_id == self._conversation_id, Presence.typed_at > since)
            .order_by(Presence.typed_at.desc())
            .limit(1)
        )


def _uuid(said: str | None) -> UUID | None:
    try:
        return UUID(said) if said else None
    except ValueError:
        return None
