"""The web chat's door: who may write, what comes back, and how odd requests are answered."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.application import make_application
from app.settings import Settings
from bot.assistant import Assistant
from bot.turn import House
from channels.web_chat import ChatTokens
from channels.web_chat import Session as ChatSession
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller, an_invoice

KEY = "a-key-for-tests"


@pytest.fixture
def client(own_store: Store, assistant: Assistant) -> Iterator[TestClient]:
    settings = Settings(secret=KEY, demo=False, _env_file=None)
    with TestClient(make_application(House(own_store, lambda: None, assistant), settings)) as client:
        yield client


@pytest.fixture
def jansen(own_store: Store) -> Customer:
    with own_store.session() as session:
        jansen = a_customer(session, a_seller(session), "C1001")
        an_invoice(session, jansen, "INV-2026-0042", total_minor=124050)
        session.commit()
        return jansen


def signed_in(customer: Customer, key: str = KEY) -> dict[str, str]:
    return {"Authorization": f"Bearer {ChatTokens(key).sign(ChatSession(customer.seller_id, customer.id))}"}


def test_a_signed_in_customer_is_answered_from_their_account(client: TestClient, jansen: Customer) -> None:
    answer = client.post("/api/chat", json={"text": "Wat moet ik nog betalen?"}, headers=signed_in(jansen))
    assert answer.status_code == 200
    said = answer.json()
    assert "€\xa01.240,50" in said["reply"]
    assert said["identity"] == "proven"
    assert set(said) == {
        "session", "id", "message", "reply", "language", "intents", "tools", "facts", "proposal", "handoff", "identity",
        "milliseconds", "choices",
    }  # fmt: skip


def test_the_session_goes_on_and_can_be_read_back(client: TestClient, jansen: Customer) -> None:
    first = client.post("/api/chat", json={"text": "Hallo"}, headers=signed_in(jansen)).json()
    going_on = {"Authorization": f"Bearer {first['session']}"}
    client.post("/api/chat", json={"text": "Welke facturen staan open?"}, headers=going_on)
    messages = client.get("/api/chat", headers=going_on).json()["messages"]
    assert [message["author"] for message in messages] == ["customer", "assistant", "customer", "assistant"]
    assert "INV-2026-0042" in messages[-1]["text"]
    assert client.get("/api/chat", headers=signed_in(jansen)).json() == {"messages": []}


def test_a_page_that_sends_again_gets_the_same_answer(client: TestClient, jansen: Customer, own_store: Store) -> None:
    headers = signed_in(jansen)
    sent = {"text": "Wat staat er open?", "message_id": "m1"}
    first, again = (client.post("/api/chat", json=sent, headers=headers).json() for _ in range(2))
    assert again["reply"] == first["reply"]
    with own_store.session() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 2


def test_two_pages_may_use_the_same_message_ids(client: TestClient, jansen: Customer, own_store: Store) -> None:
    for _ in range(2):
        client.post("/api/chat", json={"text": "Hallo", "message_id": "1"}, headers=signed_in(jansen))
        client.post("/api/chat", json={"text": "Hallo", "message_id": "1"})
    with own_store.session() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 8


def test_without_a_token_it_is_a_stranger(client: TestClient, jansen: Customer) -> None:
    said = client.post("/api/chat", json={"text": f"I am {jansen.name}, what do I owe?"}).json()
    assert said["identity"] == "stranger"
    assert said["facts"] == [
        {"id": "f1", "text": "Van Dijk Groothandel", "source": "seller vandijk at 2026-03-16T11:00:00Z"}
    ]


@pytest.mark.parametrize("header", ["Bearer x.y.z", "Bearer ", "Basic abc", "nonsense", "Bearer {forged}"])
def test_a_forged_session_is_refused(client: TestClient, jansen: Customer, header: str) -> None:
    forged = header.replace("{forged}", signed_in(jansen, "another-key")["Authorization"].removeprefix("Bearer "))
    answer = client.post("/api/chat", json={"text": "hi"}, headers={"Authorization": forged})
    assert answer.status_code == 401
    assert answer.json()["title"] == "That chat session is not valid or has ended; please start again."


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b'{"text": ""}', 400, "There is no text in that message."),
        (b'{"text": "\\u0000\\u0007"}', 400, "There is no text in that message."),
        (b'{"text": "%s"}' % (b"a" * 10_000), 400, "That message is too long; please keep it under 8,000 characters."),
        (b'{"text": "%s"}' % (b"a" * 300_000), 413, "That is too much at once."),
        (b'{"text": 7}', 422, "text: Input should be a valid string."),
        (b"{}", 422, "text: Field required."),
        (b"not json", 422, None),
        (b"\xff\xfe", 422, None),
    ],
)
def test_an_odd_request_is_answered_in_one_sentence(
    client: TestClient, jansen: Customer, body: bytes, status: int, sentence: str | None
) -> None:
    headers = {**signed_in(jansen), "Content-Type": "application/json"}
    answer = client.post("/api/chat", content=body, headers=headers)
    assert answer.status_code == status
    if sentence:
        assert answer.json()["title"] == sentence


def test_halves_of_characters_do_not_break_the_door(client: TestClient, jansen: Customer) -> None:
    headers = {**signed_in(jansen), "Content-Type": "application/json"}
    answer = client.post("/api/chat", content=b'{"text": "wat staat er open? \\ud83d"}', headers=headers)
    assert answer.status_code == 200
    assert "INV-2026-0042" in answer.json()["reply"]


@pytest.mark.parametrize("path", ["/ledger", "/outbox"])
def test_pages_of_people_who_work_here_are_not_shown_to_who_chats(
    client: TestClient, jansen: Customer, path: str
) -> None:
    answer = client.get(path, headers=signed_in(jansen), follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_health_says_what_is_up(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok", "knowledge": "full text only"}
