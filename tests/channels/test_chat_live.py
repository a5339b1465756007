"""A chat's page is told at once what is new, and after a break exactly what it missed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from httpx_sse import connect_sse
from sqlalchemy import Engine, select, update

import channels.chat_live
from channels.chat_live import live_router
from channels.web_chat import ChatDoor, ChatTokens, Session, SessionNotValid
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.desk import Presence
from o2c_core.conversations.message import Message
from o2c_core.conversations.rating import Rating
from o2c_core.staff.user import User
from o2c_core.store.store import Store, open_engine, open_store
from tests.build import a_seller


class Chat:
    """A served chat with one conversation in it."""

    def __init__(self, url: str, engine: Engine, store: Store, tokens: ChatTokens) -> None:
        self.url, self.engine, self.store = url, engine, store
        with store.session() as session:
            seller = a_seller(session)
            self.conversation_id, self.seller_id = self._conversation(session, seller.id), seller.id
            session.commit()
        self.token = tokens.sign(Session(self.seller_id, conversation_id=self.conversation_id))

    def _conversation(self, session: Any, seller_id: UUID) -> UUID:
        now = self.store.clock.now()
        made = Conversation(seller_id=seller_id, channel="chat", opened_at=now, updated_at=now)
        session.add(made)
        session.flush()
        return made.id

    def says(self, text: str, author: str = "assistant", conversation_id: UUID | None = None) -> str:
        with self.store.session() as session:
            made = Message(
                conversation_id=conversation_id or self.conversation_id,
                direction="in" if author == "customer" else "out",
                author=author,
                channel="chat",
                text=text,
                delivery="received" if author == "customer" else "sent",
                created_at=self.store.clock.now(),
            )
            session.add(made)
            session.commit()
            return str(made.id)

    def speaks(self, speaker: str) -> None:
        with self.store.session() as session:
            conversation = session.get(Conversation, self.conversation_id)
            assert conversation is not None
            conversation.speaker = speaker
            session.commit()

    def eva(self) -> UUID:
        """A user who may take over."""
        with self.store.session() as session:
            user = User(
                email="eva@vandijk.example", name="Eva Smit", role="agent", teams=[], created_at=self.store.clock.now()
            )
            session.add(user)
            session.commit()
            return user.id

    def types(self, user_id: UUID) -> None:
        """She pressed a key in that conversation a moment ago."""
        now = self.store.clock.now()
        with self.store.session() as session:
            here = session.scalars(select(Presence).where(Presence.user_id == user_id)).one_or_none()
            here = here or Presence(conversation_id=self.conversation_id, user_id=user_id)
            here.seen_at = here.typed_at = now
            session.add(here)
            session.commit()

    def takes_over(self, user_id: UUID) -> None:
        with self.store.session() as session:
            conversation = session.get_one(Conversation, self.conversation_id)
            conversation.speaker, conversation.owner_id = "agent", user_id
            session.commit()

    def asks_for_rating(self) -> UUID:
        with self.store.session() as session:
            asked = Rating(conversation_id=self.conversation_id, asked_at=self.store.clock.now())
            session.add(asked)
            session.commit()
            return asked.id

    def told(self, number: int, after: str | None = None, then: Any = None) -> list[tuple[str, str, Any]]:
        """The first so many events; `then` happens once the stream is open and has told who speaks."""
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Last-Event-ID": after} if after else {})
        events: list[tuple[str, str, Any]] = []
        with (
            httpx.Client(timeout=20) as client,
            connect_sse(client, "GET", self.url + "/api/chat/live", headers=headers) as stream,
        ):
            assert stream.response.headers["content-type"].startswith("text/event-stream")
            for event in stream.iter_sse():
                events.append((event.event, event.id, event.json()))
                if len(events) == number:
                    break
                if event.event == "speaker" and then is not None:
                    then()
                    then = None
        return events


@pytest.fixture
def chat(own_database: str, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chat]:
    monkeypatch.setattr(channels.chat_live, "POLL_SECONDS", 30.0)
    engine = open_engine(own_database)
    store, tokens = open_store(engine, clock), ChatTokens("key")

    def nobody_answers(_: Any) -> Any:
        raise AssertionError("nobody asks here")

    app = FastAPI()
    app.include_router(live_router(ChatDoor(nobody_answers, tokens, store), store))

    @app.exception_handler(SessionNotValid)
    def no(request: Request, failure: SessionNotValid) -> JSONResponse:
        return JSONResponse({}, 401)

    config = uvicorn.Config(app, port=0, log_level="warning", log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    running = threading.Thread(target=server.run)
    running.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Chat(f"http://127.0.0.1:{port}", engine, store, tokens)
    server.should_exit = True
    running.join(10)
    engine.dispose()


def test_what_was_said_comes_first_and_what_is_said_comes_at_once(chat: Chat) -> None:
    first = chat.says("Hello", "customer")
    began = time.monotonic()
    events = chat.told(3, then=lambda: chat.says("Good morning", "agent"))
    assert time.monotonic() - began < 10  # long before anybody looks by themselves
    assert [(kind, data.get("text") or data["speaker"]) for kind, _, data in events] == [
        ("message", "Hello"),
        ("speaker", "assistant"),
        ("message", "Good morning"),
    ]
    assert (events[0][1], events[2][2]["author"]) == (first, "agent")
    assert datetime.fromisoformat(events[0][2]["at"]) == chat.store.clock.now()


def test_that_a_person_took_over_is_told(chat: Chat) -> None:
    events = chat.told(2, then=lambda: chat.speaks("agent"))
    assert [data for _, _, data in events] == [{"speaker": "assistant"}, {"speaker": "agent"}]


def test_who_took_over_and_that_they_are_writing_is_told_at_once_and_that_they_stopped(
    chat: Chat, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels.chat_live, "TYPING_SECONDS", 0.5)
    eva = chat.eva()
    chat.takes_over(eva)

    def type_and_stop() -> None:
        chat.types(eva)
        threading.Timer(0.3, lambda: clock.move(timedelta(seconds=1))).start()

    events = chat.told(3, then=type_and_stop)
    assert [(kind, data) for kind, _, data in events] == [
        ("speaker", {"speaker": "agent", "name": "Eva Smit"}),
        ("typing", {"who": "Eva Smit"}),
        ("typing", {"who": None}),
    ]


def test_whoever_types_before_they_took_over_is_not_told(chat: Chat) -> None:
    eva = chat.eva()

    def type_and_take_over() -> None:
        chat.types(eva)
        chat.says("Not yet", "assistant")
        chat.takes_over(eva)

    events = chat.told(4, then=type_and_take_over)
    assert [kind for kind, _, _ in events][:2] == ["speaker", "message"]
    assert [kind for kind, _, _ in events][2:] == ["speaker", "typing"]


def test_a_rating_is_asked_for_until_it_is_given(chat: Chat) -> None:
    events = chat.told(2, then=chat.asks_for_rating)
    assert events[1] == ("rating", "", {"asked": True})

    def give() -> None:
        with chat.store.session() as session:
            session.execute(update(Rating).values(score=5, given_at=chat.store.clock.now()))
            session.commit()

    assert [data for kind, _, data in chat.told(3, then=give) if kind == "rating"] == [
        {"asked": True},
        {"asked": False},
    ]


@pytest.mark.parametrize("delivery", ["draft", "queued", "withdrawn", "failed"])
def test_what_is_not_for_the_customer_is_not_told(chat: Chat, delivery: str) -> None:
    hidden = chat.says("not yet")
    with chat.store.session() as session:
        session.execute(update(Message).values(delivery=delivery))
        session.commit()
    seen = chat.says("this")
    assert hidden not in [name for _, name, _ in chat.told(2)]
    assert chat.told(1)[0][1] == seen


def test_a_stream_taken_up_again_tells_what_was_missed_and_nothing_twice(chat: Chat) -> None:
    ids = [chat.says(f"number {number}") for number in range(6)]
    heard = [name for kind, name, _ in chat.told(3) if kind == "message"]
    while len(heard) < 6:
        ids_now = [name for kind, name, _ in chat.told(2, after=heard[-1]) if kind == "message"]
        assert ids_now[0] not in heard
        heard += ids_now
    assert heard == ids


def test_what_is_said_while_the_page_is_away_is_there_when_it_comes_back(chat: Chat) -> None:
    last = chat.says("one")
    assert chat.told(1)[0][1] == last
    missed = [chat.says("two"), chat.says("three")]
    assert [name for kind, name, _ in chat.told(3, after=last) if kind == "message"] == missed


def test_another_conversation_is_never_heard(chat: Chat) -> None:
    with chat.store.session() as session:
        other = chat._conversation(session, chat.seller_id)
        session.commit()

    def speak() -> None:
        chat.says("not for you", conversation_id=other)
        chat.says("for you")

    assert [data.get("text") for _, _, data in chat.told(2, then=speak)] == [None, "for you"]


def test_a_notice_that_was_lost_is_made_up_for_by_looking(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels.chat_live, "POLL_SECONDS", 0.2)

    def speak_unheard() -> None:
        with chat.store.session() as session:
            session.connection().exec_driver_sql("ALTER TABLE message DISABLE TRIGGER message_live")
            session.commit()
        chat.says("found")

    assert chat.told(2, then=speak_unheard)[1][2]["text"] == "found"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer forged"}, {"Authorization": "Basic x"}])
def test_without_a_session_nothing_is_told(chat: Chat, headers: dict[str, str]) -> None:
    assert httpx.get(chat.url + "/api/chat/live", headers=headers).status_code == 401
    assert httpx.get(chat.url + f"/api/chat/live?session={chat.token}").status_code == 401
