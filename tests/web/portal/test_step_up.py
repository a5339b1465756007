"""The code that opens the rest of an account: sent to an address of record, good once and not for long."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from channels.web_chat import ChatDoor, ChatTokens
from channels.web_chat import Session as ChatSession
from o2c_core.clock import MovableClock
from o2c_core.conversations.access_link import Visit
from o2c_core.conversations.access_links import PROVEN_FOR
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.browser.site import stand_in
from tests.web.portal.visits import Stage, a_stage, codes, prove, said, visit


@pytest.fixture
def stage(session: Session) -> Stage:
    return a_stage(session)


def test_the_code_goes_to_the_contact_of_the_link_and_opens_the_account_for_half_an_hour(
    store: Store, session: Session, clock: MovableClock, stage: Stage
) -> None:
    client = visit(store, stage, invoice=stage.invoice)
    page = client.get("/my/prove?next=/my/invoices")
    assert "a•••@a.example" in said(page.text)
    assert "accounts_payable@" not in page.text
    answer = client.post("/my/prove", data={"do": "send", "next": "/my/invoices"})
    assert answer.headers["location"] == "/my/prove?next=/my/invoices&sent=1"
    sent = session.scalars(select(Message).where(Message.purpose == "code")).one()
    assert (sent.address, sent.channel, sent.language) == ("accounts_payable@a.example", "email", "nl")
    answer = client.post("/my/prove", data={"do": "check", "code": codes(session)[0], "next": "/my/invoices"})
    assert answer.headers["location"] == "/my/invoices"
    assert client.get("/my/invoices").status_code == 200
    clock.move(PROVEN_FOR - timedelta(seconds=1))
    assert client.get("/my/invoices").status_code == 200
    clock.move(timedelta(seconds=1))
    assert client.get("/my/invoices").status_code == 303
    whats = {one.what for one in session.scalars(select(TrailLine))}
    assert {"link made", "visit begun", "code sent", "writer proven by code", "visit proven"} <= whats


@pytest.mark.parametrize("written", ["", "abc", "12345", "000000", "000001 000002"])
def test_a_wrong_code_opens_nothing(store: Store, session: Session, stage: Stage, written: str) -> None:
    client = visit(store, stage, invoice=stage.invoice)
    client.post("/my/prove", data={"do": "send"})
    wrong = written if codes(session)[0] not in written else "999999"
    answer = client.post("/my/prove", data={"do": "check", "code": wrong})
    assert answer.status_code == 422
    assert "Dat is niet de code." in said(answer.text)
    assert client.get("/my/invoices").status_code == 303


def test_five_wrong_codes_end_the_right_one_too(store: Store, session: Session, stage: Stage) -> None:
    client = visit(store, stage, invoice=stage.invoice)
    client.post("/my/prove", data={"do": "send"})
    right = codes(session)[0]
    wrong = "111111" if right != "111111" else "222222"
    told = [said(client.post("/my/prove", data={"do": "check", "code": wrong}).text) for _ in range(5)]
    assert all("Dat is niet de code." in one for one in told[:4])
    assert "Die code is verlopen." in told[4]
    assert client.post("/my/prove", data={"do": "check", "code": right}).status_code == 422
    assert client.get("/my/invoices").status_code == 303


def test_a_code_is_good_for_ten_minutes(store: Store, session: Session, clock: MovableClock, stage: Stage) -> None:
    client = visit(store, stage, invoice=stage.invoice)
    client.post("/my/prove", data={"do": "send"})
    clock.move(timedelta(minutes=10))
    answer = client.post("/my/prove", data={"do": "check", "code": codes(session)[0]})
    assert answer.status_code == 422
    assert "Die code is verlopen." in said(answer.text)


def test_a_code_of_one_visit_opens_no_other(store: Store, session: Session, stage: Stage) -> None:
    mine, other = visit(store, stage, invoice=stage.invoice), visit(store, stage, invoice=stage.invoice)
    mine.post("/my/prove", data={"do": "send"})
    other.post("/my/prove", data={"do": "send"})
    first, second = codes(session)
    if first != second:
        assert other.post("/my/prove", data={"do": "check", "code": first}).status_code == 422
    assert mine.post("/my/prove", data={"do": "check", "code": first}).status_code == 303
    assert other.get("/my/invoices").status_code == 303


def test_few_codes_are_sent(store: Store, session: Session, stage: Stage) -> None:
    client = visit(store, stage, invoice=stage.invoice)
    statuses = [client.post("/my/prove", data={"do": "send"}).status_code for _ in range(4)]
    assert statuses == [303, 303, 303, 429]
    assert len(codes(session)) == 3


def test_nobody_without_an_address_can_be_sent_a_code(store: Store, session: Session, stage: Stage) -> None:
    person = stage.people["accounts_payable"]
    session.delete(person.addresses[0])
    session.commit()
    client = visit(store, stage, invoice=stage.invoice)
    answer = client.post("/my/prove", data={"do": "send"})
    assert answer.status_code == 422
    # A colleague's address would tell the colleague, and not whoever the link was made for.
    assert codes(session) == []


@pytest.mark.parametrize(
    ("next_", "where"),
    [
        ("/my/invoices/INV-A1", "/my/invoices/INV-A1"),
        ("https://evil.example/my/", "/my"),
        ("//evil.example", "/my"),
        ("/my//evil.example", "/my"),
        ("/my/\\evil.example", "/my"),
        ("/my/a\r\nSet-Cookie: x=1", "/my"),
        ("/inbox", "/my"),
    ],
)
def test_it_leads_back_to_these_pages_and_nowhere_else(
    store: Store, session: Session, stage: Stage, next_: str, where: str
) -> None:
    client = visit(store, stage)
    client.post("/my/prove", data={"do": "send"})
    answer = client.post("/my/prove", data={"do": "check", "code": codes(session)[0], "next": next_})
    assert answer.headers["location"] == where


@pytest.mark.parametrize("delivery", ["queued", "sending", "sent", "delivered"])
def test_the_chat_on_the_page_never_tells_the_code(store: Store, session: Session, stage: Stage, delivery: str) -> None:
    client = visit(store, stage, invoice=stage.invoice)
    client.post("/my/prove", data={"do": "send"})
    session.execute(update(Message).where(Message.purpose == "code").values(delivery=delivery))
    session.commit()
    chat_id = session.scalars(select(Visit.conversation_id)).one()
    tokens = ChatTokens("key of the tests")
    door = ChatDoor(stand_in(store), tokens, store)
    shown = str(door.so_far(ChatSession(stage.seller.id, stage.customer.id, chat_id)))
    assert codes(session)[0] not in shown


def test_in_the_chat_who_has_only_the_link_is_known_and_who_wrote_the_code_is_proven(
    store: Store, session: Session, stage: Stage
) -> None:
    client = visit(store, stage, invoice=stage.invoice)
    assert "parley-chat" not in client.get("/my/invoices/INV-A1").text
    assert client.post("/my/chat", data={"about": "invoice INV-A1"}).headers["location"] == "/my/invoices/INV-A1#talk"
    chat = session.scalars(select(Conversation)).one()
    assert (chat.identity, chat.customer_id, chat.about) == ("known", stage.customer.id, "invoice INV-A1")
    assert chat.contact_id == stage.people["accounts_payable"].id
    page = client.get("/my/invoices/INV-A1").text
    assert f'data-token="token of {chat.id}" data-about="invoice INV-A1"' in page
    prove(client, session)
    session.expire_all()
    chat = session.scalars(select(Conversation)).one()
    assert chat.identity == "proven"
