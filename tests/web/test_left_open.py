"""A page that is left open keeps nobody signed in, and asks cheaply whether anything is new."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from o2c_core.actions.note_presence import note_presence
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.desk import PrivateNote
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.staff.signed import IDLE
from o2c_core.staff.user import Look, SignIn, User
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller
from tests.web.opened import key_of_somebody, open_pages
from tests.web.talks import a_talk, answered, called, offered, said

NEARLY = IDLE - timedelta(minutes=1)


@pytest.fixture
def talk(session: Session) -> Conversation:
    talk = a_talk(session, a_customer(session, a_seller(session), "C1"))
    answered(session, said(session, talk, "Hallo"), "Goedemorgen")
    session.commit()
    return talk


def mark_on(client: TestClient, talk: Conversation) -> str:
    page = client.get(f"/conversations/{talk.id}").text
    return page.partition('data-mark="')[2].partition('"')[0]


BY_ITSELF = ["GET /inbox/rows", "GET /conversations/{}/rows", "POST /conversations/{}/presence"]


@pytest.mark.parametrize("asked", BY_ITSELF)
def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(
    store: Store, talk: Conversation, clock: MovableClock, asked: str
) -> None:
    client = open_pages(store)
    client.headers["sec-fetch-mode"] = "cors"
    method, path = asked.format(talk.id).split()
    clock.move(NEARLY)
    assert client.request(method, path).status_code in (200, 204)
    clock.move(timedelta(minutes=1))
    assert client.request(method, path).status_code == 401


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/inbox", None),
        ("/conversations/{}", None),
        ("/conversations/{}/presence", {"typing": "true"}),
        ("/conversations/{}/keep", {"text": "Beste", "quietly": "true"}),
    ],
)
def test_whoever_looks_or_types_stays_signed_in(
    store: Store, talk: Conversation, clock: MovableClock, path: str, form: dict[str, str] | None
) -> None:
    client = open_pages(store)
    clock.move(NEARLY)
    there = path.format(talk.id)
    done = client.get(there) if form is None else client.post(there, data=form)
    assert done.status_code in (200, 204)
    clock.move(NEARLY)
    assert client.get("/inbox", follow_redirects=False).status_code == 200


def test_a_stream_is_no_use_of_the_sign_in_and_no_look(
    store: Store, session: Session, talk: Conversation, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.desk.live.STREAM_SECONDS_MAX", 0.05)
    client = open_pages(store)
    before = session.scalars(select(SignIn.used_at)).one()
    clock.move(NEARLY)
    assert client.get("/inbox/live").status_code == 200
    session.expire_all()
    assert session.scalars(select(SignIn.used_at)).one() == before
    assert session.scalars(select(Look)).all() == []


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    heard: list[str] = []

    def hear(*about: object) -> None:
        heard.append(str(about[2]))

    event.listen(store.engine, "before_cursor_execute", hear)
    yield heard
    event.remove(store.engine, "before_cursor_execute", hear)


def test_an_open_page_asks_whether_anything_is_new_without_reading_what_was_said(
    store: Store, talk: Conversation
) -> None:
    client = open_pages(store)
    mark = mark_on(client, talk)
    path = f"/conversations/{talk.id}/rows"
    with statements(store) as cheap:
        assert client.get(path, params={"mark": mark}).status_code == 204
    with statements(store) as whole:
        assert client.get(path, params={"mark": "old"}).status_code == 200
    assert not [one for one in cheap if "message.text" in one]
    assert [one for one in whole if "message.text" in one]
    assert len(cheap) < len(whole) / 2


def note(session: Session, talk: Conversation) -> None:
    author = session.scalars(select(User.id)).first()
    session.add(PrivateNote(conversation_id=talk.id, author_id=author, text="Let op", created_at=talk.updated_at))


def deliver(session: Session, talk: Conversation) -> None:
    session.scalars(select(Message).where(Message.direction == "out")).one().delivery = "failed"


def propose(session: Session, talk: Conversation) -> None:
    offered(session, session.scalars(select(Message).where(Message.direction == "out")).one())


def take(session: Session, talk: Conversation) -> None:
    talk.speaker, talk.owner_id = "agent", session.scalars(select(User.id)).first()


CHANGES: dict[str, Callable[[Session, Conversation], object]] = {
    "said": lambda session, talk: said(session, talk, "Nog iets"),
    "called": lambda session, talk: called(session, talk, "angry"),
    "noted": note,
    "delivered": deliver,
    "proposed": propose,
    "taken": take,
    "said on another channel": lambda session, talk: said(
        session, a_talk(session, talk_customer(session, talk), channel="sms"), "Per sms"
    ),
}


def talk_customer(session: Session, talk: Conversation) -> Customer:
    return session.get_one(Customer, talk.customer_id)


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_the_page_shows_is_told_when_it_changes(
    store: Store, session: Session, talk: Conversation, what: str
) -> None:
    client = open_pages(store)
    mark = mark_on(client, talk)
    CHANGES[what](session, talk)
    session.commit()
    answer = client.get(f"/conversations/{talk.id}/rows", params={"mark": mark})
    assert answer.status_code == 200
    again = client.get(f"/conversations/{talk.id}/rows", params={"mark": answer.headers["X-Mark"]})
    assert again.status_code == 204


def test_a_colleague_who_comes_to_look_is_told_and_is_no_look_of_ours(
    store: Store, session: Session, talk: Conversation
) -> None:
    client = open_pages(store)
    mark = mark_on(client, talk)
    # A name no header could carry.
    key_of_somebody(store, "agent", "Łucja")
    other = session.scalars(select(User.id).where(User.name == "Łucja")).one()
    note_presence(talk.id, user_id=other, store=store, is_typing=True)
    answer = client.get(f"/conversations/{talk.id}/rows", params={"mark": mark})
    assert (answer.status_code, "Łucja" in answer.text) == (200, True)
    said(session, talk, "Nog iets")
    session.commit()
    client.get(f"/conversations/{talk.id}/rows", params={"mark": answer.headers["X-Mark"]})
    # Once for the page, once for what came while it was open.
    looks = session.scalars(select(Look.page).order_by(Look.id)).all()
    assert looks == ["/conversations/{conversation_id}", "/conversations/{conversation_id}/rows"]
