"""Signing in by password: who comes in, what those who do not come in learn, and when it is over."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.add_user import NewUser, add_user
from o2c_core.actions.change_password import OldPasswordWrong, change_password
from o2c_core.actions.change_user import change_user
from o2c_core.actions.disable_user import disable_user
from o2c_core.actions.enable_user import enable_user
from o2c_core.actions.sign_in import SignInRefused, sign_in
from o2c_core.actions.use_sign_in import use_sign_in
from o2c_core.clock import MovableClock
from o2c_core.integrations.rate import Rate
from o2c_core.staff import passwords
from o2c_core.staff.passwords import hash_of
from o2c_core.staff.signed import IDLE, WHOLE, NotSignedIn, digest_of
from o2c_core.staff.user import SignIn, User
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.web.opened import words
from web.desk.account import account_pages
from web.desk.door import COOKIE, SECURE_COOKIE
from web.desk.signing_in import sign_in_pages
from web.static_files import static_files

PASSWORD = "gele fiets op dak"
EMAIL = "eva@vandijk.example"
FROM_HERE = {"sec-fetch-site": "same-origin", "user-agent": "Firefox on Linux"}


@cache
def kept() -> str:
    return hash_of(PASSWORD)


@pytest.fixture
def eva(store: Store) -> User:
    return add_user(NewUser(EMAIL, "Eva", "agent", (), kept()), by="test", store=store)


def a_browser(store: Store, *, https: bool = False, rate: Rate | None = None, slow: float = 0) -> TestClient:
    app = FastAPI()
    app.state.is_https = https
    app.include_router(sign_in_pages(store, refused_after=slow, rate=rate))
    app.include_router(account_pages(store))
    app.mount("/static", static_files())
    base = "https://parley.example" if https else "http://testserver"
    return TestClient(app, base_url=base, headers=FROM_HERE, follow_redirects=False)


def typed(password: str = PASSWORD, email: str = EMAIL, **more: str) -> dict[str, str]:
    return {"email": email, "password": password, **more}


def test_who_is_not_signed_in_is_led_to_it_and_back(store: Store, eva: User) -> None:
    client = a_browser(store)
    asked = client.get("/account?done=others")
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=/account%3Fdone%3Dothers")
    form = client.get(asked.headers["location"])
    assert 'name="next" value="/account?done=others"' in form.text
    came_in = client.post("/sign-in", data=typed(next="/account?done=others", email=" Eva@VanDijk.example "))
    assert (came_in.status_code, came_in.headers["location"]) == (303, "/account?done=others")
    page = client.get("/account")
    assert page.status_code == 200
    assert "Firefox on Linux" in page.text
    # Who is signed in already is not asked again.
    assert client.get("/sign-in?next=/account").headers["location"] == "/account"


@pytest.mark.parametrize("next_path", ["https://evil.example", "//evil.example", "/\\evil.example", ""])
def test_the_way_back_never_leads_out(store: Store, eva: User, next_path: str) -> None:
    assert a_browser(store).post("/sign-in", data=typed(next=next_path)).headers["location"] == "/inbox"


@pytest.mark.parametrize(("https", "name"), [(False, COOKIE), (True, SECURE_COOKIE)])
def test_the_key_is_the_browsers_alone(store: Store, session: Session, eva: User, https: bool, name: str) -> None:
    client = a_browser(store, https=https)
    given = client.post("/sign-in", data=typed()).headers["set-cookie"]
    found = re.fullmatch(rf"{name}=([\w-]{{43}}); HttpOnly; Max-Age=43200; Path=/; SameSite=lax(; Secure)?", given)
    assert found
    assert (found[2] is not None) is https
    # What is kept would sign nobody in.
    assert session.scalars(select(SignIn.digest)).all() == [digest_of(found[1])]
    for said in (found[1], digest_of(found[1])):
        other = a_browser(store, https=https)
        other.cookies.set(name, said)
        assert (other.get("/account").status_code == 200) is (said == found[1])


def test_on_https_a_key_under_the_plain_name_is_not_believed(store: Store, eva: User) -> None:
    client = a_browser(store, https=True)
    client.cookies.set(COOKIE, sign_in(EMAIL, PASSWORD, browser="", store=store))
    assert client.get("/account").status_code == 303


def test_a_key_that_was_there_before_is_not_the_one_after(store: Store, eva: User) -> None:
    planted = {"cookie": f"{COOKIE}=a-key-that-somebody-else-put-there"}
    keys = [a_browser(store).post("/sign-in", data=typed(), headers=planted).cookies[COOKIE] for _ in range(2)]
    assert len({*keys, "a-key-that-somebody-else-put-there"}) == 3


WRONG = [
    "unknown",
    "wrong password",
    "no password",
    "locked",
    "locked and right",
    "disabled",
    "only by the organisation",
]


@pytest.mark.parametrize("what", WRONG)
def test_whatever_is_wrong_is_told_in_the_same_words_after_the_same_work(
    store: Store, session: Session, eva: User, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if what.startswith("locked"):
        for _ in range(5):
            with pytest.raises(SignInRefused):
                sign_in(EMAIL, "wrong", browser="", store=store)
    if what == "disabled":
        add_user(NewUser("dirk@vandijk.example", "Dirk", "admin"), by="test", store=store)
        disable_user(eva.id, by="test", store=store)
    if what == "only by the organisation":
        session.get_one(User, eva.id).password = None
        session.commit()
    worked: list[str] = []
    hasher = passwords._HASHER

    class Counted:
        hash, check_needs_rehash = hasher.hash, hasher.check_needs_rehash

        def verify(self, kept: str, password: str) -> bool:
            worked.append(kept)
            return hasher.verify(kept, password)

    monkeypatch.setattr(passwords, "_HASHER", Counted())
    is_right = what in ("locked and right", "disabled", "only by the organisation")
    email = "nobody@vandijk.example" if what == "unknown" else EMAIL
    password = "" if what == "no password" else PASSWORD if is_right else "wrong"
    answer = a_browser(store).post("/sign-in", data=typed(password, email))
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert SignInRefused().sentence in words(answer.text)
    # One hash is worked out, always with the parameters of today.
    assert [re.match(r"\$argon2id\$v=19\$m=65536,t=3,p=4\$", one) is not None for one in worked] == [True]
    session.expire_all()
    assert not session.scalars(select(SignIn)).all()


def test_a_refusal_does_not_come_sooner_than_it_may(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("web.desk.signing_in.asyncio.sleep", wait)
    a_browser(store, slow=30).post("/sign-in", data=typed())
    assert len(waited) == 1
    assert 20 < waited[0] <= 30


def tries(store: Store, *passwords: str) -> list[bool]:
    came_in = []
    for password in passwords:
        try:
            sign_in(EMAIL, password, browser="", store=store)
            came_in.append(True)
        except SignInRefused:
            came_in.append(False)
    return came_in


def test_five_wrong_ones_lock_the_account_for_a_minute_then_two(
    store: Store, session: Session, clock: MovableClock, eva: User
) -> None:
    assert tries(store, *["wrong"] * 4, PASSWORD) == [False] * 4 + [True]  # the right one begins the count anew
    assert tries(store, *["wrong"] * 5, PASSWORD) == [False] * 6  # the right one, too, while it is locked
    clock.move(timedelta(seconds=59))
    assert tries(store, PASSWORD, "wrong") == [False, False]  # what is tried meanwhile does not count
    clock.move(timedelta(seconds=1))
    assert tries(store, "wrong") == [False]
    clock.move(timedelta(seconds=119))
    assert tries(store, PASSWORD) == [False]
    clock.move(timedelta(seconds=1))
    assert tries(store, PASSWORD) == [True]
    what = session.scalars(select(TrailLine.what).where(TrailLine.subject == "staff_user").order_by(TrailLine.id)).all()
    assert what == ["user added", *["wrong password"] * 8, "account locked", "account locked"]


def test_an_admin_unlocks(store: Store, eva: User) -> None:
    tries(store, *["wrong"] * 5)
    enable_user(eva.id, by="Dirk", store=store)
    assert tries(store, PASSWORD) == [True]


def test_from_one_address_only_so_many_are_tried(store: Store, eva: User) -> None:
    client = a_browser(store, rate=Rate(per_second=0.1, at_once=2, tick=lambda: 7.0))
    answers = [client.post("/sign-in", data=typed(email=f"{one}@vandijk.example")) for one in "abc"]
    assert [answer.status_code for answer in answers] == [403, 403, 429]
    assert answers[2].headers["retry-after"] == "10"
    assert "try again in 10 seconds" in answers[2].text
    assert client.post("/sign-in", data=typed()).status_code == 429


@pytest.mark.parametrize(
    ("after", "is_in"),
    [(IDLE - timedelta(seconds=1), True), (IDLE, False), (WHOLE, False)],
)
def test_who_does_nothing_for_two_hours_signs_in_again(
    store: Store, clock: MovableClock, eva: User, after: timedelta, is_in: bool
) -> None:
    client = a_browser(store)
    client.post("/sign-in", data=typed())
    clock.move(after)
    assert (client.get("/account").status_code == 200) is is_in


def test_after_twelve_hours_everybody_signs_in_again_however_busy(store: Store, clock: MovableClock, eva: User) -> None:
    client = a_browser(store)
    client.post("/sign-in", data=typed())
    seen = []
    for _ in range(12):
        clock.move(timedelta(hours=1))
        seen.append(client.get("/account").status_code)
    assert seen == [200] * 11 + [303]


def test_signing_out_ends_the_key_and_not_only_the_cookie(store: Store, eva: User) -> None:
    client, other = a_browser(store), a_browser(store)
    client.post("/sign-in", data=typed())
    other.cookies.set(COOKIE, client.cookies[COOKIE])
    assert other.get("/account").status_code == 200
    left = client.post("/sign-out")
    assert (left.status_code, left.headers["location"]) == (303, "/sign-in?out=1")
    assert COOKIE not in client.cookies
    assert other.get("/account").status_code == 303
    assert "You are signed out" in client.get("/sign-in?out=1").text
    assert client.post("/sign-out").status_code == 303  # once more does no harm


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
@pytest.mark.parametrize(
    "said", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}, {}]
)
def test_forms_of_other_sites_sign_nobody_in_or_out(store: Store, eva: User, path: str, said: dict[str, str]) -> None:
    client = a_browser(store)
    client.post("/sign-in", data=typed())
    del client.headers["sec-fetch-site"]
    answer = client.post(path, data=typed(), headers=said)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert client.get("/account").status_code == 200


def test_a_role_taken_away_and_a_user_disabled_hold_from_the_next_click_on(store: Store, eva: User) -> None:
    key = sign_in(EMAIL, PASSWORD, browser="", store=store)
    change_user(eva.id, by="test", store=store, role="manager")
    assert use_sign_in(key, store=store).may("see_audit")
    change_user(eva.id, by="test", store=store, role="agent")
    assert not use_sign_in(key, store=store).may("see_audit")
    disable_user(eva.id, by="test", store=store)
    with pytest.raises(NotSignedIn):
        use_sign_in(key, store=store)
    enable_user(eva.id, by="test", store=store)
    with pytest.raises(NotSignedIn):  # who is let in again signs in again
        use_sign_in(key, store=store)


def test_a_password_kept_with_old_parameters_is_kept_anew_when_it_is_heard(
    store: Store, session: Session, eva: User
) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    session.get_one(User, eva.id).password = old
    session.commit()
    assert tries(store, "wrong", PASSWORD, PASSWORD) == [False, True, True]
    session.expire_all()
    assert "m=65536,t=3,p=4" in str(session.get_one(User, eva.id).password)


def test_changing_the_password_ends_every_other_sign_in(store: Store, eva: User) -> None:
    client, elsewhere = a_browser(store), a_browser(store)
    for one in (client, elsewhere):
        one.post("/sign-in", data=typed())
    new = {"new": "blauwe stoel in zee", "again": "blauwe stoel in zee"}
    for wrong, says in (
        ({"old": "wrong", **new}, "That is not your password now"),
        ({"old": PASSWORD, **new, "again": "other"}, "The two new passwords are not the same"),
        ({"old": PASSWORD, "new": "kort", "again": "kort"}, "at least 12 characters"),
        ({"old": PASSWORD, "new": "welkom123456", "again": "welkom123456"}, "everybody tries first"),
    ):
        answer = client.post("/account/password", data=wrong)
        assert (answer.status_code, says in words(answer.text)) == (400, True)
    assert elsewhere.get("/account").status_code == 200
    assert (
        client.post("/account/password", data={"old": PASSWORD, **new}).headers["location"] == "/account?done=password"
    )
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    assert tries(store, PASSWORD, "blauwe stoel in zee") == [False, True]


def test_a_stolen_browser_does_not_get_to_try_old_passwords_for_long(store: Store, eva: User) -> None:
    who = use_sign_in(sign_in(EMAIL, PASSWORD, browser="", store=store), store=store)
    for _ in range(5):
        with pytest.raises(OldPasswordWrong):
            change_password(who, "wrong", "blauwe stoel in zee", store=store)
    with pytest.raises(OldPasswordWrong):
        change_password(who, PASSWORD, "blauwe stoel in zee", store=store)


def test_the_other_sign_ins_are_ended_and_this_one_stays(store: Store, eva: User) -> None:
    client, elsewhere = a_browser(store), a_browser(store)
    for one in (client, elsewhere):
        one.post("/sign-in", data=typed())
    assert client.post("/account/other-sign-ins/end").status_code == 303
    assert (client.get("/account").status_code, elsewhere.get("/account").status_code) == (200, 303)


@pytest.mark.parametrize("odd", ["\x00", "a" * 999, "\ud7ff", "' OR 1=1 --", "%00", "\n"])
def test_odd_words_are_refused_and_nothing_breaks(store: Store, eva: User, odd: str) -> None:
    client = a_browser(store)
    for form in (typed(odd), typed(email=odd[:300])):
        assert client.post("/sign-in", data=form).status_code in (403, 422)
    with pytest.raises(SignInRefused):
        sign_in(odd, odd, browser=odd, store=store)
