"""Files in a chat: what may come in, what is given back, and to whom."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from channels import chat_files
from channels.web_chat import ChatTokens, Limits
from channels.web_chat import Session as ChatSession
from o2c_core.conversations.message import Message
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.customers.seller import Seller
from o2c_core.integrations.rate import Rate
from o2c_core.store.store import Store
from tests.build import a_seller
from tests.channels.widget_app import SECRET, widget_app

PDF = b"%PDF-1.7\n" + b"0" * 200
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 200
MEGABYTE = 1024 * 1024


def zipped(*names: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return kept.getvalue()


@pytest.fixture
def seller(own_store: Store) -> Seller:
    with own_store.session() as session:
        seller = a_seller(session)
        session.commit()
        return seller


@pytest.fixture
def client(own_store: Store, seller: Seller) -> Iterator[TestClient]:
    with TestClient(widget_app(own_store, Limits(files=Rate(per_second=100, at_once=1000)))) as client:
        yield client


def bearer(session: ChatSession | str) -> dict[str, str]:
    token = session if isinstance(session, str) else ChatTokens(SECRET).sign(session)
    return {"Authorization": f"Bearer {token}"}


def send(
    client: TestClient, session: ChatSession | str, *files: tuple[str, bytes, str], text: str = "", key: str = "m1"
) -> Any:
    parts = [("files", (name, content, kind)) for name, content, kind in files]
    return client.post("/api/chat/files", data={"text": text, "message_id": key}, files=parts, headers=bearer(session))


# What is sent, and why it is not taken; nothing where it is.
UPLOADS = [
    ("photo.png", PNG, "image/png", None),
    ("invoice.pdf", PDF, "application/pdf", None),
    ("list.csv", b"a;b\n1;2\n", "text/csv", None),
    ("sheet.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml"), "application/octet-stream", None),
    ("says it is a page.txt", b"just words", "text/html", None),
    ("nothing.pdf", b"", "application/pdf", "empty"),
    ("ten megabytes.pdf", PDF + b"0" * (10 * MEGABYTE - len(PDF)), "application/pdf", None),
    ("too large.pdf", PDF + b"0" * (10 * MEGABYTE - len(PDF) + 1), "application/pdf", "too_large"),
    ("setup.exe", b"MZ" + b"0" * 100, "application/pdf", "kind"),
    ("photo.png", b"MZ" + b"0" * 100, "image/png", "kind"),
    ("photo.png.exe", PNG, "image/png", "kind"),
    ("invoice.exe.pdf", PDF, "application/pdf", "kind"),
    ("run.sh", b"#!/bin/sh\nrm -rf /\n", "text/plain", "kind"),
    ("page.html", b"<html><script>1</script>", "text/html", "kind"),
    ("photo.jpg", b"<html><script>1</script>", "image/jpeg", "kind"),
    ("drawing.svg", b"<svg onload='1'/>", "image/svg+xml", "kind"),
    ("macros.xlsm", zipped("[Content_Types].xml", "xl/vbaProject.bin"), "application/octet-stream", "kind"),
    ("sheet.xlsx", zipped("[Content_Types].xml", "xl/vbaProject.bin"), "application/octet-stream", "kind"),
    ("archive.zip", zipped("inside.exe"), "application/zip", "kind"),
    ("archive.7z", b"7z\xbc\xaf\x27\x1c" + b"0" * 50, "application/octet-stream", "kind"),
]


@pytest.mark.parametrize(("name", "content", "claimed", "why"), UPLOADS, ids=lambda one: str(one)[:24])
def test_what_could_do_harm_is_not_taken_and_why_is_said(
    client: TestClient, own_store: Store, seller: Seller, name: str, content: bytes, claimed: str, why: str | None
) -> None:
    answer = send(client, ChatSession(seller.id), (name, content, claimed), text="Here it is")
    with own_store.session() as session:
        kept = session.scalars(select(ReceivedFile)).all()
        said = session.scalars(select(Message).where(Message.direction == "in")).all()
    if why is None:
        assert answer.json()["reply"] == "Noted."
        assert [(one.name, one.content) for one in kept] == [(name, content)]
        assert [one.text for one in said] == ["Here it is"]
    else:
        assert (answer.status_code, answer.json()["why"], answer.json()["name"]) == (400, why, name)
        assert answer.json()["title"].endswith(".")
        assert (kept, said) == ([], []), (
            "of what is refused nothing is kept, the words neither: they are still in the box"
        )


@pytest.mark.parametrize(("count", "each", "why"), [(5, 10, None), (6, 10, "too_many"), (3, 9 * MEGABYTE, "too_much")])
def test_there_is_an_end_to_how_much_comes_at_once(
    client: TestClient, seller: Seller, count: int, each: int, why: str | None
) -> None:
    files = [(f"{number}.txt", b"a" * each, "text/plain") for number in range(count)]
    assert send(client, ChatSession(seller.id), *files).json().get("why") == why


def test_a_form_sent_again_is_heard_once(client: TestClient, own_store: Store, seller: Seller) -> None:
    session = ChatSession(seller.id)
    first, again = (send(client, session, ("a.pdf", PDF, "application/pdf")).json() for _ in range(2))
    assert first["id"] == again["id"]
    with own_store.session() as opened:
        assert len(opened.scalars(select(ReceivedFile)).all()) == 1


def test_a_file_without_words_is_a_message_too(client: TestClient, seller: Seller) -> None:
    going_on = send(client, ChatSession(seller.id), ("a.pdf", PDF, "application/pdf")).json()["session"]
    first = client.get("/api/chat", headers=bearer(going_on)).json()["messages"][0]
    assert (first["text"], first["key"]) == ("", "m1")
    assert [(one["name"], one["size"]) for one in first["files"]] == [("a.pdf", len(PDF))]


def fetched(client: TestClient, session: ChatSession | str, file_id: object) -> Any:
    return client.get(f"/api/chat/files/{file_id}", headers=bearer(session))


def test_a_file_is_given_back_to_be_kept_and_never_to_be_shown(client: TestClient, seller: Seller) -> None:
    name = 'brief über 50 €; "alles".pdf'
    going_on = send(client, ChatSession(seller.id), (name, PDF, "text/html")).json()["session"]
    (file,) = client.get("/api/chat", headers=bearer(going_on)).json()["messages"][0]["files"]
    answer = fetched(client, going_on, file["id"])
    assert answer.content == PDF
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''brief%20%C3%BCber")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


def a_file(store: Store, conversation_id: UUID, *, delivery: str = "sent", content: bytes | None = PDF) -> UUID:
    """One that a person at the desk sent, or did not."""
    with store.session() as session:
        now = store.clock.now()
        message = Message(
            conversation_id=conversation_id, direction="out", author="Eva", channel="chat", text="Look", delivery=delivery,
            created_at=now,
        )  # fmt: skip
        session.add(message)
        session.flush()
        file = ReceivedFile(
            message_id=message.id, name="terms.pdf", media_type="application/pdf", claimed_type="application/pdf",
            size=len(PDF), checksum="x", content=content, created_at=now,
        )  # fmt: skip
        session.add(file)
        session.commit()
        return file.id


def test_what_a_person_sends_is_there_for_this_conversation_and_for_no_other(
    client: TestClient, own_store: Store, seller: Seller
) -> None:
    mine, others = (
        client.post("/api/chat", json={"text": "hi"}, headers=bearer(ChatSession(seller.id))).json()["session"]
        for _ in range(2)
    )
    conversation_id = ChatTokens(SECRET).read(mine).conversation_id
    assert conversation_id is not None
    sent = a_file(own_store, conversation_id)
    hidden = a_file(own_store, conversation_id, delivery="draft")
    refused = a_file(own_store, conversation_id, content=None)
    assert fetched(client, mine, sent).content == PDF
    for session, file_id in [
        (others, sent), (ChatSession(seller.id), sent), (mine, hidden), (mine, refused), (mine, conversation_id),
    ]:  # fmt: skip
        assert fetched(client, session, file_id).status_code == 404
    assert client.get(f"/api/chat/files/{sent}").status_code == 422  # no session at all
    assert fetched(client, "forged", sent).status_code == 401
    with own_store.session() as session:
        session.execute(update(Message).where(Message.text == "Look").values(delivery="withdrawn"))
        session.commit()
    assert fetched(client, mine, sent).status_code == 404


def test_files_come_from_one_address_only_so_fast(own_store: Store, seller: Seller) -> None:
    with TestClient(widget_app(own_store, Limits(files=Rate(per_second=0.001, at_once=2)))) as client:
        session = ChatSession(seller.id)
        answers = [send(client, session, ("a.pdf", PDF, "application/pdf"), key=str(key)) for key in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]


def test_the_sentences_say_the_limits_as_they_are() -> None:
    assert "10 MB" in chat_files._SENTENCES["too_large"]
    assert chat_files.FILE_BYTES_MAX == 10 * MEGABYTE
    assert "25 MB" in chat_files._SENTENCES["too_much"]
    assert chat_files.ALL_BYTES_MAX == 25 * MEGABYTE
