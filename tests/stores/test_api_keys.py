"""Keys: shown once, kept as a digest, good for what they say until they expire or are revoked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.make_api_key import AlreadyOver, KeyNeedsName, make_api_key
from o2c_core.actions.revoke_api_key import KeyUnclear, KeyUnknown, revoke_api_key
from o2c_core.actions.use_api_key import NotLetIn, use_api_key
from o2c_core.clock import MovableClock
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.integrations.api_key import SCOPES, ApiKey, NoScopes, UnknownScope
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import a_seller


@pytest.fixture
def seller(session: Session) -> Seller:
    seller = a_seller(session)
    session.commit()
    return seller


def test_a_key_is_shown_once_and_only_its_digest_is_kept(store: Store, session: Session, seller: Seller) -> None:
    made = make_api_key("vandijk", " the ERP ", ["orders:write", "orders:read", "orders:read"], store=store)
    row = session.scalars(select(ApiKey)).one()
    assert made.key.startswith("parley_")
    assert len(made.key) > 45
    assert (row.name, row.scopes) == ("the ERP", ["orders:read", "orders:write"])
    assert made.key.startswith(row.start)
    kept = [
        str(value)
        for noun in (ApiKey, TrailLine)
        for one in session.scalars(select(noun))
        for value in vars(one).values()
    ]
    assert not any(made.key in value for value in kept)
    assert made.key not in repr(made)


def test_a_key_lets_in_for_its_seller_and_scopes(store: Store, seller: Seller) -> None:
    key = make_api_key("vandijk", "the ERP", ["orders:read"], store=store).key
    caller = use_api_key(key, store=store)
    assert (caller.seller_id, caller.name, caller.scopes) == (seller.id, "the ERP", {"orders:read"})


@pytest.mark.parametrize("key", ["", "parley_", "parley_unknown", "x" * 10_000, "parley_é", "{good} ", "{good}x"])
def test_anything_else_does_not(store: Store, seller: Seller, key: str) -> None:
    good = make_api_key("vandijk", "the ERP", SCOPES, store=store).key
    with pytest.raises(NotLetIn):
        use_api_key(key.replace("{good}", good), store=store)


def test_a_key_is_good_until_it_expires(store: Store, seller: Seller, clock: MovableClock) -> None:
    made = make_api_key("vandijk", "the ERP", SCOPES, clock.now() + timedelta(days=1), store=store)
    clock.move(timedelta(days=1) - timedelta(seconds=1))
    use_api_key(made.key, store=store)
    clock.move(timedelta(seconds=1))
    with pytest.raises(NotLetIn):
        use_api_key(made.key, store=store)


def test_a_revoked_key_opens_nothing_and_revoking_twice_changes_nothing(
    store: Store, seller: Seller, clock: MovableClock
) -> None:
    made = make_api_key("vandijk", "the ERP", SCOPES, store=store)
    at = clock.now()
    revoke_api_key("vandijk", made.row.start, store=store)
    clock.move(timedelta(hours=1))
    assert revoke_api_key("vandijk", made.row.start, store=store).revoked_at == at
    with pytest.raises(NotLetIn):
        use_api_key(made.key, store=store)


def test_only_one_key_of_ones_own_is_revoked(store: Store, session: Session, seller: Seller) -> None:
    a_seller(session, "other")
    session.commit()
    for _ in range(2):
        made = make_api_key("vandijk", "the ERP", SCOPES, store=store)
    for ref, start, failure in [
        ("other", made.row.start, KeyUnknown), ("vandijk", "", KeyUnknown), ("vandijk", "parley_", KeyUnclear),
        ("vandijk", "%", KeyUnknown),
    ]:  # fmt: skip
        with pytest.raises(failure):
            revoke_api_key(ref, start, store=store)
    use_api_key(made.key, store=store)


@pytest.mark.parametrize(("ref", "name", "scopes", "days", "failure"), [
    ("nobody", "the ERP", ["orders:read"], None, NotFound),
    ("vandijk", " ", ["orders:read"], None, KeyNeedsName),
    ("vandijk", "the ERP", [], None, NoScopes),
    ("vandijk", "the ERP", ["orders:read", "everything"], None, UnknownScope),
    ("vandijk", "the ERP", ["orders:read"], 0, AlreadyOver),
])  # fmt: skip
def test_a_key_that_makes_no_sense_is_not_made(
    store: Store, session: Session, seller: Seller, ref: str, name: str, scopes: list[str], days: int | None,
    failure: type[Exception],
) -> None:  # fmt: skip
    until = None if days is None else store.clock.now() + timedelta(days=days)
    with pytest.raises(failure):
        make_api_key(ref, name, scopes, until, store=store)
    assert session.scalars(select(ApiKey)).all() == []


def test_the_last_use_is_noted_now_and_then(
    store: Store, session: Session, seller: Seller, clock: MovableClock
) -> None:
    made = make_api_key("vandijk", "the ERP", SCOPES, store=store)
    first = clock.now()
    noted = []
    for minutes in (0, 3, 3):
        clock.move(timedelta(minutes=minutes))
        use_api_key(made.key, store=store)
        session.expire_all()
        noted.append(session.scalars(select(ApiKey.last_used_at)).one())
    assert noted == [first, first, first + timedelta(minutes=6)]
