"""A company's own site says who is signed in there; what it did not sign, or said too long ago, says nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import select

from channels.web_chat import ChatTokens
from o2c_core.actions.make_host_key import make_host_key
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.host_token import HostTokenUse, host_key
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller
from tests.channels.widget_app import SECRET, SITE, allow, widget_app

PAGE, OTHER_PAGE = str(uuid4()), str(uuid4())
NOT_VALID = "That token of the site does not say who is signed in there; go on without it, or with a fresh one."


class Shop:
    """Van Dijk's own site: it has the key, and a customer who signed in there."""

    def __init__(self, store: Store, clock: MovableClock) -> None:
        self.store, self.clock = store, clock
        with store.session() as session:
            self.seller, self.other = a_seller(session), a_seller(session, "other")
            allow(self.seller, SITE)
            self.jansen = a_customer(session, self.seller, "C1001")
            gone = a_customer(session, self.seller, "C1002")
            gone.erased_at = clock.now()
            a_customer(session, self.seller, "C0000").is_walk_in = True
            a_customer(session, self.other, "C7")
            session.commit()
        self.seller_id, self.number = make_host_key("vandijk", store=store)
        make_host_key("other", store=store)
        self.client = TestClient(widget_app(store))

    def key(self, number: int = 1, seller: Seller | None = None, secret: str = SECRET) -> str:
        return host_key(secret, (seller or self.seller).id, number)

    def token(self, key: str | None = None, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A good token, except for what is said."""
        said = {"aud": "parley:vandijk", "sub": "C1001", "jti": "t1", "exp": self.at(minutes=5)} | claims
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(
            header or {"alg": "HS256"}, said, OctKey.import_key(key or self.key()), algorithms=["HS256", "HS512"]
        )

    def at(self, **since: float) -> int:
        return int((self.clock.now() + timedelta(**since)).timestamp())

    def begin(self, token: str, page: str = PAGE, **more: Any) -> Any:
        body = {"page": page, "identity": token, **more}
        return self.client.post(
            "/api/chat/session?seller=vandijk", json={"seller": "vandijk", **body}, headers={"Origin": SITE}
        )


@pytest.fixture
def shop(own_store: Store, clock: MovableClock) -> Iterator[Shop]:
    shop = Shop(own_store, clock)
    with shop.client:
        yield shop


def without_signature(shop: Shop) -> str:
    def part(said: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")

    claims = {"aud": "parley:vandijk", "sub": "C1001", "jti": "t1", "exp": shop.at(minutes=5)}
    return f"{part({'alg': 'none'})}.{part(claims)}."


TOKENS = {
    "good": lambda shop: shop.token(),
    "good, for a list of one audience": lambda shop: shop.token(aud=["parley:vandijk"]),
    "good, ten minutes long": lambda shop: shop.token(exp=shop.at(minutes=10)),
    "good, over half a minute ago by our clock": lambda shop: shop.token(exp=shop.at(seconds=-30)),
    "good, not before half a minute from now by our clock": lambda shop: shop.token(nbf=shop.at(seconds=30)),
    "good, of a person nobody knows": lambda shop: shop.token(email="nobody@jansen.example"),
    "expired": lambda shop: shop.token(exp=shop.at(seconds=-61)),
    "lives too long": lambda shop: shop.token(exp=shop.at(hours=1)),
    "never ends": lambda shop: shop.token(exp=None),
    "ends at no time": lambda shop: shop.token(exp="tomorrow"),
    "ends beyond all time": lambda shop: shop.token(exp=1e30),
    "not yet": lambda shop: shop.token(nbf=shop.at(minutes=2)),
    "for another audience": lambda shop: shop.token(aud="parley:other"),
    "for two audiences": lambda shop: shop.token(aud=["parley:vandijk", "shop"]),
    "for nobody": lambda shop: shop.token(aud=None),
    "of another seller's key": lambda shop: shop.token(shop.key(seller=shop.other)),
    "of another seller, whole": lambda shop: shop.token(shop.key(seller=shop.other), aud="parley:other", sub="C7"),
    "of a wrong key": lambda shop: shop.token("x" * 43),
    "of another installation's key": lambda shop: shop.token(shop.key(secret="another")),
    "of the key that comes next": lambda shop: shop.token(shop.key(2)),
    "of key 0": lambda shop: shop.token(shop.key(0)),
    "with no signature": without_signature,
    "of another algorithm": lambda shop: shop.token(header={"alg": "HS512"}),
    "of a customer who is not there": lambda shop: shop.token(sub="C9999"),
    "of another seller's customer": lambda shop: shop.token(sub="C7"),
    "of a customer who was erased": lambda shop: shop.token(sub="C1002"),
    "of the counter's customer": lambda shop: shop.token(sub="C0000"),
    "of no customer": lambda shop: shop.token(sub=None),
    "of no text": lambda shop: shop.token(sub=1001),
    "of signs no name has": lambda shop: shop.token(sub="C1001\x00"),
    "without an id of its own": lambda shop: shop.token(jti=None),
    "with an empty id": lambda shop: shop.token(jti=""),
    "empty": lambda _: "",
    "nonsense": lambda _: "a.b.c",
    "not even letters": lambda _: "é.ü.ñ",
    "endless": lambda _: "a" * 5_000,
    "changed": lambda shop: shop.token()[:-4] + "AAAA",
}


@pytest.mark.parametrize("kind", TOKENS)
def test_only_a_good_token_says_who_it_is(shop: Shop, kind: str) -> None:
    answer = shop.begin(TOKENS[kind](shop))
    if kind.startswith("good"):
        assert answer.json()["identity"] == "proven"
        assert ChatTokens(SECRET).read(answer.json()["session"]).customer_id == shop.jansen.id
    else:
        assert answer.status_code == 401
        assert answer.json() == {"title": NOT_VALID}, "whoever guesses is not told what was wrong"
        with shop.store.session() as session:
            assert session.scalars(select(HostTokenUse)).all() == []


def test_a_token_is_used_by_one_page_and_is_worth_nothing_to_another(shop: Shop) -> None:
    token = shop.token()
    assert shop.begin(token).status_code == 200
    assert shop.begin(token).status_code == 200, "the same page, whose answer was lost"
    assert shop.begin(token, OTHER_PAGE).status_code == 401
    assert shop.begin(shop.token(jti="t2"), OTHER_PAGE).status_code == 200


def test_uses_are_forgotten_when_their_token_is_over(shop: Shop) -> None:
    token = shop.token()
    shop.begin(token)
    shop.clock.move(timedelta(minutes=7))
    assert shop.begin(token, OTHER_PAGE).status_code == 401, "it has expired by now"
    shop.begin(shop.token(jti="t2"), OTHER_PAGE)
    with shop.store.session() as session:
        assert len(session.scalars(select(HostTokenUse)).all()) == 1


def test_a_seller_without_a_key_hears_no_token(shop: Shop) -> None:
    with shop.store.session() as session:
        bare = a_seller(session, "bare")
        a_customer(session, bare, "C1001")
        allow(bare, SITE)
        session.commit()
    token = shop.token(shop.key(1, bare), aud="parley:bare")
    body = {"seller": "bare", "page": PAGE, "identity": token}
    assert shop.client.post("/api/chat/session", json=body).status_code == 401


def test_a_new_key_ends_the_old_one_a_day_later(shop: Shop) -> None:
    make_host_key("vandijk", store=shop.store)
    assert shop.begin(shop.token(shop.key(2), jti="a")).status_code == 200
    assert shop.begin(shop.token(shop.key(1), jti="b")).status_code == 200
    shop.clock.move(timedelta(hours=25))
    assert shop.begin(shop.token(shop.key(1), jti="c")).status_code == 401
    assert shop.begin(shop.token(shop.key(2), jti="d")).status_code == 200
    make_host_key("vandijk", store=shop.store, old_holds=timedelta())
    assert shop.begin(shop.token(shop.key(2), jti="e")).status_code == 401


def test_who_of_the_customer_it_is_stands_with_the_conversation(shop: Shop) -> None:
    with shop.store.session() as session:
        contact = Contact(customer_id=shop.jansen.id, name="Ada", role="operations")
        contact.addresses = [Address(channel="email", value="ada@jansen.example")]
        session.add(contact)
        session.commit()
    begun = shop.begin(shop.token(email="Ada@Jansen.example")).json()["session"]
    shop.client.post("/api/chat", json={"text": "hi"}, headers={"Authorization": f"Bearer {begun}"})
    with shop.store.session() as session:
        conversation = session.scalars(select(Conversation)).one()
        assert (conversation.customer_id, conversation.contact_id) == (shop.jansen.id, contact.id)
        assert conversation.identity == "proven"


def asked(shop: Shop, session: str, text: str = "hi") -> str:
    return str(
        shop.client.post("/api/chat", json={"text": text}, headers={"Authorization": f"Bearer {session}"}).json()[
            "session"
        ]
    )


def conversation_of(session: str) -> UUID | None:
    return ChatTokens(SECRET).read(session).conversation_id


def test_a_page_that_is_loaded_again_goes_on_where_it_was(shop: Shop) -> None:
    kept = asked(shop, shop.begin(shop.token()).json()["session"])
    again = shop.begin(shop.token(), resume=kept).json()
    assert again["has_begun"] is True
    assert conversation_of(again["session"]) == conversation_of(kept) is not None


@pytest.mark.parametrize("kept", ["of a stranger", "of another customer", "of another page", "forged"])
def test_what_somebody_else_said_is_never_taken_up(shop: Shop, kept: str) -> None:
    with shop.store.session() as session:
        a_customer(session, shop.seller, "C1003")
        session.commit()
    before = {
        "of a stranger": lambda: asked(shop, shop.client.post("/api/chat/session", json={"seller": "vandijk", "page": PAGE}).json()["session"]),
        "of another customer": lambda: asked(shop, shop.begin(shop.token(sub="C1003", jti="x")).json()["session"]),
        "of another page": lambda: asked(shop, shop.begin(shop.token(jti="y"), about="invoice INV-1").json()["session"]),
        "forged": lambda: "forged",
    }[kept]()  # fmt: skip
    begun = shop.begin(shop.token(), resume=before).json()
    assert begun["has_begun"] is False
    assert conversation_of(begun["session"]) is None
    assert ChatTokens(SECRET).read(begun["session"]).customer_id == shop.jansen.id


def test_a_stranger_goes_on_as_a_stranger(shop: Shop, own_store: Store) -> None:
    def begin(**more: str) -> Any:
        body = {"seller": "vandijk", "page": PAGE, **more}
        return shop.client.post("/api/chat/session", json=body).json()

    kept = asked(shop, begin()["session"])
    again = begin(resume=kept)
    assert (again["identity"], again["has_begun"]) == ("stranger", True)
    of_customer = asked(shop, shop.begin(shop.token()).json()["session"])
    assert begin(resume=of_customer)["has_begun"] is False, "they have signed out since"


def test_what_the_page_is_about_is_kept_with_the_conversation(shop: Shop) -> None:
    asked(shop, shop.begin(shop.token(), about=" invoice  INV-2026-0042 ").json()["session"])
    with shop.store.session() as session:
        assert session.scalars(select(Conversation.about)).all() == ["invoice INV-2026-0042"]


def test_the_key_is_the_same_for_this_house_and_seller_and_for_no_other(shop: Shop) -> None:
    keys = {shop.key(1), shop.key(2), shop.key(1, shop.other), shop.key(1, secret="another")}
    assert len(keys) == 4
    assert all(len(base64.urlsafe_b64decode(key + "=")) == 32 for key in keys)
