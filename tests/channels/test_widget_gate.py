"""The chat answers the sites a company has named, our own pages, and no other site in the world."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from channels.web_chat import ChatTokens, Limits
from channels.web_chat import Session as ChatSession
from o2c_core.conversations.message import Message
from o2c_core.customers.seller import Seller
from o2c_core.integrations.rate import Rate
from o2c_core.store.store import Store
from tests.build import a_seller
from tests.channels.widget_app import SECRET, SITE, allow, widget_app

OWN = "http://testserver"
# Who asks, and whether a company that named https://www.vandijk.example and http://shop.internal:8080 answers.
ORIGINS = [
    (SITE, True),
    ("http://shop.internal:8080", True),
    (OWN, True),
    ("https://testserver", True),  # a proxy before us speaks https
    ("https://chat.parley.example", True),  # our own public address
    ("https://vandijk.example", False),
    ("https://evil.www.vandijk.example", False),
    ("https://www.vandijk.example.evil.example", False),
    ("https://www.vandijk.exampleevil", False),
    ("http://www.vandijk.example", False),
    ("https://www.vandijk.example:8443", False),
    ("https://www.vandijk.example:443", False),  # no browser writes it so
    ("https://www.vandijk.example/", False),
    ("https://WWW.vandijk.example", False),
    ("http://shop.internal", False),
    ("http://shop.internal:80801", False),
    ("https://other-company.example", False),  # another seller's
    ("https://evil.example", False),
    ("http://testserver.evil.example", False),
    ("null", False),
    ("", False),
    ("*", False),
    ("file://", False),
    ("https://user@www.vandijk.example", False),
]


@pytest.fixture
def sellers(own_store: Store) -> dict[str, Seller]:
    with own_store.session() as session:
        vandijk, other = a_seller(session), a_seller(session, "other")
        allow(vandijk, SITE, "http://shop.internal:8080")
        allow(other, "https://other-company.example")
        a_seller(session, "shut")
        session.commit()
        return {"vandijk": vandijk, "other": other}


@pytest.fixture
def client(own_store: Store, sellers: dict[str, Seller]) -> Iterator[TestClient]:
    with TestClient(widget_app(own_store, base_url="https://chat.parley.example")) as client:
        yield client


def stored(store: Store) -> int:
    with store.session() as session:
        return int(session.scalar(select(func.count()).select_from(Message)) or 0)


@pytest.mark.parametrize(("origin", "is_let_in"), ORIGINS)
def test_a_question_is_answered_on_the_sites_that_are_named_and_not_even_kept_on_others(
    client: TestClient, own_store: Store, origin: str, is_let_in: bool
) -> None:
    answer = client.post(
        "/api/chat?seller=vandijk", json={"text": "hi", "seller": "vandijk"}, headers={"Origin": origin}
    )
    assert answer.status_code == (200 if is_let_in else 403)
    is_ours = origin.endswith(("testserver", "chat.parley.example"))
    assert answer.headers.get("access-control-allow-origin") == (origin if is_let_in and not is_ours else None)
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["vary"] == "Origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert stored(own_store) == (2 if is_let_in else 0)


@pytest.mark.parametrize(("origin", "is_let_in"), ORIGINS)
@pytest.mark.parametrize("path", ["", "/live", "/files", "/rating", "/session", "/widget"])
def test_a_browser_that_asks_in_advance_hears_the_same(
    client: TestClient, origin: str, is_let_in: bool, path: str
) -> None:
    asks = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    answer = client.options(f"/api/chat{path}?seller=vandijk", headers=asks)
    if origin.endswith(("testserver", "chat.parley.example")):
        assert "access-control-allow-origin" not in answer.headers  # our own pages need not ask
        return
    assert answer.status_code == (204 if is_let_in else 403)
    allowed = answer.headers.get("access-control-allow-headers", "").lower()
    assert ("authorization" in allowed and "last-event-id" in allowed) == is_let_in
    assert answer.headers.get("access-control-allow-origin") == (origin if is_let_in else None)


@pytest.mark.parametrize(
    ("asked", "status"), [("?seller=vandijk", 200), ("?seller=other", 403), ("?seller=shut", 403), ("?seller=no", 403), ("", 403)]
)  # fmt: skip
def test_a_site_is_named_for_one_seller_and_not_for_the_house(client: TestClient, asked: str, status: int) -> None:
    assert client.get(f"/api/chat/widget{asked}", headers={"Origin": SITE}).status_code == status


def test_a_session_with_one_seller_is_no_use_on_the_site_of_another(
    client: TestClient, sellers: dict[str, Seller]
) -> None:
    of_other = ChatTokens(SECRET).sign(ChatSession(sellers["other"].id))
    headers = {"Origin": SITE, "Authorization": f"Bearer {of_other}"}
    assert client.get("/api/chat?seller=vandijk", headers=headers).status_code == 403
    assert client.get("/api/chat?seller=other", headers=headers).status_code == 403


def test_a_session_that_is_over_is_told_so_where_the_site_may_read_it(client: TestClient) -> None:
    answer = client.get("/api/chat?seller=vandijk", headers={"Origin": SITE, "Authorization": "Bearer over"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, SITE)


def test_other_doors_of_the_house_answer_no_other_site(client: TestClient) -> None:
    answer = client.get("/openapi.json?seller=vandijk", headers={"Origin": SITE})
    assert "access-control-allow-origin" not in answer.headers


def test_the_script_may_be_loaded_anywhere_and_asked_for_again_cheaply(client: TestClient) -> None:
    answer = client.get("/widget/parley-chat.js", headers={"Origin": "https://anywhere.example"})
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    again = client.get("/widget/parley-chat.js", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_strangers_begin_so_many_conversations_from_one_address_and_then_have_to_wait(
    own_store: Store, sellers: dict[str, Seller]
) -> None:
    seconds = [0.0]

    def slow() -> Rate:
        return Rate(per_second=1, at_once=2, tick=lambda: seconds[0])

    with TestClient(widget_app(own_store, Limits(sessions=slow(), conversations=slow()))) as client:

        def ask() -> int:
            return client.post("/api/chat", json={"text": "hi", "seller": "vandijk"}).status_code

        first = client.post("/api/chat", json={"text": "hi", "seller": "vandijk"}).json()["session"]
        assert [ask(), ask()] == [200, 429]
        going_on = {"Authorization": f"Bearer {first}"}
        assert client.post("/api/chat", json={"text": "and"}, headers=going_on).status_code == 200
        page = {"page": "0199a000-0000-4000-8000-000000000000", "seller": "vandijk"}
        assert [client.post("/api/chat/session", json=page).status_code for _ in range(3)] == [200, 200, 429]
        seconds[0] += 1
        assert ask() == 200
