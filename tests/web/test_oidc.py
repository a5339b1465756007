"""The organisation's own sign-in: who comes in by it, as what, and which answers are not believed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.add_user import NewUser, add_user
from o2c_core.actions.disable_user import disable_user
from o2c_core.actions.use_sign_in import use_sign_in
from o2c_core.clock import MovableClock
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.staff.identity import RolesUnclear, role_for, roles_of
from o2c_core.staff.signed import Signed
from o2c_core.staff.user import SignIn, User
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.web.oidc_provider import CLIENT, SECRET, Provider, provider
from tests.web.opened import words
from web.desk.door import SECURE_COOKIE
from web.desk.oidc import Oidc, OidcTerms
from web.desk.signing_in import sign_in_pages
from web.static_files import static_files

ROLES = {"Desk": "agent", "Money": "finance", "Systems": "admin"}
NOT_TRUSTED = "Your organisation did not sign you in, or its answer could not be trusted"


@pytest.fixture
def there(clock: MovableClock) -> Iterator[Provider]:
    with provider(clock.now()) as one:
        yield one


def a_browser(store: Store, there: Provider, **terms: Any) -> TestClient:
    oidc = Oidc(OidcTerms(there.issuer, CLIENT, SECRET, **terms), Doorplate("key", "https://parley.example"))
    app = FastAPI()
    app.state.is_https = True
    app.include_router(sign_in_pages(store, oidc, refused_after=0))
    app.mount("/static", static_files())
    return TestClient(app, base_url="https://parley.example", follow_redirects=False)


def go(client: TestClient, there: Provider, next_path: str = "/ledger") -> Any:
    """Leaves for the provider, signs in there, and comes back."""
    left = client.get("/sign-in/oidc", params={"next": next_path})
    assert left.status_code == 303, left.text
    return client.get(f"/sign-in/oidc/back?{there.sign_in(left.headers['location'])}")


def came_in(client: TestClient, store: Store) -> Signed | None:
    key = client.cookies.get(SECURE_COOKIE)
    return use_sign_in(key, store=store) if key else None


def eva(store: Store, **more: Any) -> User:
    return add_user(NewUser("eva@vandijk.example", "Eva", "agent", **more), by="test", store=store)


def test_a_user_comes_in_and_goes_on_where_they_were_going(store: Store, session: Session, there: Provider) -> None:
    user, client = eva(store), a_browser(store, there)
    assert 'href="/sign-in/oidc?next=%2Fledger"' in client.get("/sign-in?next=/ledger").text
    left = client.get("/sign-in/oidc?next=/ledger")
    asked = {name: said[0] for name, said in parse_qs(urlsplit(left.headers["location"]).query).items()}
    assert asked["redirect_uri"] == "https://parley.example/sign-in/oidc/back"
    assert (asked["response_type"], asked["code_challenge_method"], asked["client_id"]) == ("code", "S256", CLIENT)
    assert set(asked["scope"].split()) == {"openid", "email", "profile"}
    kept = left.headers["set-cookie"]
    assert kept.startswith("__Host-parley_oidc=")
    assert all(part in kept for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=600"))
    answer = client.get(f"/sign-in/oidc/back?{there.sign_in(left.headers['location'])}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/ledger")
    who = came_in(client, store)
    assert who is not None
    assert (who.user_id, who.role) == (user.id, "agent")
    assert session.scalars(select(SignIn.by)).all() == ["oidc"]
    # From now on they are known by what does not change, whatever their address becomes.
    there.claims = {"email": "eva.jansen@vandijk.example", "email_verified": False}
    again = a_browser(store, there)
    go(again, there)
    assert came_in(again, store) is not None


@pytest.mark.parametrize(
    ("wrong", "claims"),
    [
        ("alg none", {}),
        ("unsigned", {}),
        ("changed", {}),
        ("other key", {}),
        ("signed with the public key", {}),
        ("signed with the secret", {}),
        ("not a token", {}),
        ("no token", {}),
        ("", {"iss": "https://elsewhere.example"}),
        ("", {"iss": None}),
        ("", {"aud": "another client"}),
        ("", {"aud": None}),
        ("", {"aud": [CLIENT, "another client"]}),
        ("", {"azp": "another client"}),
        ("", {"nonce": "of another sign-in"}),
        ("", {"nonce": None}),
        ("", {"exp": 1_600_000_000}),
        ("", {"exp": None}),
        ("", {"exp": "soon"}),
        ("", {"iat": 4_000_000_000}),
        ("", {"nbf": 4_000_000_000}),
        ("", {"sub": None}),
        ("", {"sub": ""}),
    ],
)
def test_a_token_that_is_not_wholly_right_is_not_believed(
    store: Store, there: Provider, wrong: str, claims: dict[str, Any]
) -> None:
    eva(store)
    there.wrong, there.claims = wrong, claims
    client = a_browser(store, there)
    answer = go(client, there)
    assert (answer.status_code, came_in(client, store)) == (403, None)
    assert NOT_TRUSTED in words(answer.text)
    assert there.redeemed == 1


@pytest.mark.parametrize(
    "what", ["other state", "no state", "other browser", "too late", "twice", "other issuer", "said no", "no code"]
)
def test_an_answer_to_another_question_is_not_believed(
    store: Store, clock: MovableClock, there: Provider, what: str
) -> None:
    eva(store)
    client = a_browser(store, there)
    back = there.sign_in(client.get("/sign-in/oidc?next=/ledger").headers["location"])
    if what == "other browser":
        client = a_browser(store, there)
    if what == "too late":
        clock.move(timedelta(minutes=10, seconds=1))
    if what == "twice":
        client.get(f"/sign-in/oidc/back?{back}")
        client.cookies.delete(SECURE_COOKIE)
    said = dict(pair.split("=", 1) for pair in back.split("&"))
    said |= {
        "other state": {"state": "another"}, "other issuer": {"iss": "https%3A%2F%2Felsewhere.example"},
        "said no": {"error": "access_denied"}, "no code": {"code": ""}, "no state": {"state": ""},
    }.get(what, {})  # fmt: skip
    answer = client.get("/sign-in/oidc/back?" + "&".join(f"{name}={value}" for name, value in said.items()))
    assert (answer.status_code, came_in(client, store)) == (403, None)


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"email_verified": True}, None),
        ({"email_verified": "true"}, None),
        ({"email_verified": False}, "does not say that your email address is really yours"),
        ({"email_verified": None}, "does not say that your email address is really yours"),
        ({"email": None}, "does not say that your email address is really yours"),
        ({"email": "nobody@vandijk.example"}, "known to your organisation but not to Parley"),
    ],
)
def test_without_roles_only_who_was_added_comes_in_by_a_verified_address(
    store: Store, there: Provider, said: dict[str, Any], refused: str | None
) -> None:
    eva(store)
    there.claims = said
    client = a_browser(store, there)
    answer = go(client, there)
    assert (came_in(client, store) is None) is (refused is not None)
    assert (refused or "") in words(answer.text)


def test_where_the_provider_does_not_say_it_the_setting_does(store: Store, there: Provider) -> None:
    eva(store)
    client = a_browser(store, there, trusts_email=True)
    there.claims = {"email_verified": False}
    go(client, there)
    assert came_in(client, store) is None  # it does say, and says no
    there.claims = {"email_verified": None}
    go(client, there)
    assert came_in(client, store) is not None


@pytest.mark.parametrize(("sub", "is_in"), [("eva-at-work", True), ("somebody-else", False)])
def test_an_address_is_asked_for_where_the_token_does_not_tell_it(
    store: Store, there: Provider, sub: str, is_in: bool
) -> None:
    eva(store)
    there.claims = {"email": None, "email_verified": None}
    there.userinfo = {"sub": sub, "email": "eva@vandijk.example", "email_verified": True}
    client = a_browser(store, there)
    go(client, there)
    assert (came_in(client, store) is not None) is is_in


def test_somebody_who_has_anothers_address_now_is_not_them(store: Store, there: Provider) -> None:
    eva(store)
    go(a_browser(store, there), there)
    there.claims = {"sub": "eva-the-second"}
    client = a_browser(store, there)
    assert "not to Parley" in go(client, there).text
    assert came_in(client, store) is None


def test_who_is_disabled_does_not_come_in_by_this_way_either(store: Store, there: Provider) -> None:
    user = eva(store)
    disable_user(user.id, by="test", store=store)
    client = a_browser(store, there, roles=ROLES)
    there.claims = {"groups": ["Desk"]}
    go(client, there)
    assert came_in(client, store) is None


def test_with_roles_the_groups_decide_who_comes_in_and_as_what(store: Store, session: Session, there: Provider) -> None:
    add_user(NewUser("dirk@vandijk.example", "Dirk", "admin"), by="test", store=store)
    found = []
    for groups in (["Desk"], ["Staff", "Desk", "Money"], "Systems", ["Money"], ["Staff"], None):
        there.claims = {"groups": groups}
        client = a_browser(store, there, roles=ROLES)
        go(client, there)
        who = came_in(client, store)
        found.append(who.role if who else None)
    assert found == ["agent", "finance", "admin", "finance", None, None]
    trail = session.scalars(select(TrailLine).where(TrailLine.subject == "staff_user").order_by(TrailLine.id)).all()
    assert [(line.what, line.who) for line in trail[1:]] == [
        ("user added", "organisation's sign-in"), *[("user changed", "organisation's sign-in")] * 3,
    ]  # fmt: skip
    assert (trail[-1].details["was"], trail[-1].details["now"]) == ({"role": "admin"}, {"role": "finance"})


def test_the_last_admin_stays_one_whatever_the_groups_say(store: Store, there: Provider) -> None:
    add_user(NewUser("eva@vandijk.example", "Eva", "admin"), by="test", store=store)
    there.claims = {"groups": ["Desk"]}
    client = a_browser(store, there, roles=ROLES)
    go(client, there)
    who = came_in(client, store)
    assert who is not None
    assert who.role == "admin"


def test_a_namesake_is_added_under_a_name_of_their_own(store: Store, session: Session, there: Provider) -> None:
    add_user(NewUser("other@vandijk.example", "Eva", "agent"), by="test", store=store)
    there.claims = {"groups": ["Desk"]}
    go(a_browser(store, there, roles=ROLES), there)
    assert set(session.scalars(select(User.name))) == {"Eva", "Eva (eva@vandijk.example)"}


@pytest.mark.parametrize(
    ("odd", "status"),
    [
        ({"issuer": "https://elsewhere.example"}, 403),
        ({"authorization_endpoint": "http://elsewhere.example/authorize"}, 403),
        ({"authorization_endpoint": None}, 403),
    ],
)
def test_a_provider_that_is_not_what_was_set_is_not_gone_to(
    store: Store, there: Provider, odd: dict[str, Any], status: int
) -> None:
    there.discovery = odd
    assert a_browser(store, there).get("/sign-in/oidc").status_code == status


def test_a_provider_that_does_not_answer_is_said_to_be_away_and_passwords_still_work(
    store: Store, clock: MovableClock
) -> None:
    away = Provider(clock.now(), issuer="http://127.0.0.1:9")
    answer = a_browser(store, away).get("/sign-in/oidc")
    assert answer.status_code == 503
    assert "does not answer right now" in words(answer.text)
    assert 'name="password"' in answer.text


@pytest.mark.parametrize(
    ("written", "roles"),
    [
        ("", {}), ("Desk=agent", {"Desk": "agent"}), (" a = b =admin , c=agent,", {"a = b": "admin", "c": "agent"}),
        ("Desk", None), ("Desk=boss", None), ("=agent", None),
    ],
)  # fmt: skip
def test_roles_are_written_as_groups_and_roles(written: str, roles: dict[str, str] | None) -> None:
    if roles is None:
        with pytest.raises(RolesUnclear):
            roles_of(written)
    else:
        assert roles_of(written) == roles


@pytest.mark.parametrize(
    ("groups", "role"), [([], None), (["Desk"], "agent"), (["Desk", "Systems", "Money"], "admin"), (["x"], None)]
)
def test_of_several_groups_the_one_with_most_rights_counts(groups: list[str], role: str | None) -> None:
    assert role_for(groups, ROLES) == role
