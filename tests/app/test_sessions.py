"""Whom a visitor of the demo is, and whose customer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from app.application import _sessions
from channels.web_chat import ChatTokens
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller


def test_a_customer_is_greeted_by_their_own_seller_also_where_another_comes_first(store: Store) -> None:
    with store.session() as session:
        first = a_seller(session, "aardvark")
        customer = a_customer(session, a_seller(session, "zebra"), "C1001")
        session.commit()
    tokens = ChatTokens("a key of sixteen or more")
    session_for = _sessions(cast(Any, SimpleNamespace(store=store)), tokens)
    mine, strangers = tokens.read(session_for(customer.id)), tokens.read(session_for(None))
    assert (mine.seller_id, mine.customer_id) == (customer.seller_id, customer.id)
    assert (strangers.seller_id, strangers.customer_id) == (first.id, None)
