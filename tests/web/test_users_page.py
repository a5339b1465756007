"""The page of users: what an admin does with colleagues, and what nobody can do with the last admin."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.sign_in import SignInRefused, sign_in
from o2c_core.actions.use_sign_in import use_sign_in
from o2c_core.staff.signed import NotSignedIn
from o2c_core.staff.user import User
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.web.opened import open_pages, words

NEW = {"name": "Bram  Visser", "email": " Bram@VanDijk.example", "role": "finance", "teams": "Finance, Night ,Finance"}


def shown(page: str) -> str:
    """The password that is shown this once."""
    return re.search(r"<code>([\w-]{19})</code>", page)[1]  # type: ignore[index]


def test_somebody_is_added_and_signs_in_with_what_is_shown_once(store: Store, session: Session) -> None:
    client = open_pages(store)
    page = client.post("/users", data=NEW).text
    bram = session.scalars(select(User).where(User.email == "bram@vandijk.example")).one()
    assert (bram.name, bram.role, bram.teams) == ("Bram Visser", "finance", ["Finance", "Night"])
    who = use_sign_in(sign_in(bram.email, shown(page), browser="", store=store), store=store)
    assert who.name == "Bram Visser"
    assert "<code>" not in client.get(f"/users/{bram.id}").text
    assert "Bram Visser" in words(client.get("/users").text)
    line = session.scalars(select(TrailLine).where(TrailLine.subject_id == bram.id)).first()
    assert line is not None
    assert (line.what, line.who) == ("user added", "Eva")
    assert shown(page) not in str(line.details)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"email": "no address"}, "A user needs a name"),
        ({"name": "  "}, "A user needs a name"),
        ({"role": "boss"}, "A user needs a name"),
        ({"name": "Eva"}, "There is a user with that email address or that name already"),
        ({"name": "eVa"}, "There is a user with that email address or that name already"),
        ({"name": "Assistant"}, "The trail calls somebody else by that name"),
        ({"name": "system"}, "The trail calls somebody else by that name"),
    ],
)
def test_who_cannot_be_added_is_told_why_and_typed_once(
    store: Store, session: Session, change: dict[str, str], says: str
) -> None:
    answer = open_pages(store).post("/users", data=NEW | change)
    assert (answer.status_code, says in words(answer.text)) == (400, True)
    assert 'value="Night' not in answer.text
    assert "Finance, Night" in answer.text
    assert session.scalars(select(User.name)).all() == ["Eva"]


def test_a_colleague_is_changed_signed_out_disabled_and_let_in_again(store: Store, session: Session) -> None:
    client = open_pages(store)
    password = shown(client.post("/users", data=NEW).text)
    bram = session.scalars(select(User).where(User.email == "bram@vandijk.example")).one()
    key = sign_in(bram.email, password, browser="", store=store)

    def deed(verb: str, **form: str) -> str:
        answer = client.post(f"/users/{bram.id}{verb}", data=form)
        assert answer.status_code == 200, answer.text  # sent on to the page that says so
        session.expire_all()
        return words(answer.text)

    assert "holds from their next click on" in deed("", role="manager", teams="")
    assert use_sign_in(key, store=store).role == "manager"
    assert "signed in with one browser" in words(client.get(f"/users/{bram.id}").text)
    assert "signed out everywhere" in deed("/sign-ins/end")
    with pytest.raises(NotSignedIn):
        use_sign_in(key, store=store)
    fresh = shown(client.post(f"/users/{bram.id}/password").text)
    with pytest.raises(SignInRefused):
        sign_in(bram.email, password, browser="", store=store)
    sign_in(bram.email, fresh, browser="", store=store)
    assert "cannot sign in any more" in deed("/disable")
    with pytest.raises(SignInRefused):
        sign_in(bram.email, fresh, browser="", store=store)
    assert "may sign in again" in deed("/enable")
    sign_in(bram.email, fresh, browser="", store=store)
    told = session.scalars(select(TrailLine.what).where(TrailLine.subject_id == bram.id).order_by(TrailLine.id)).all()
    assert told == [
        "user added",
        "user changed",
        "sign-ins ended",
        "password set",
        "wrong password",
        "user disabled",
        "user let in again",
    ]


@pytest.mark.parametrize(("verb", "form"), [("/disable", {}), ("", {"role": "agent", "teams": ""})])
def test_the_last_admin_stays_and_is_one(store: Store, session: Session, verb: str, form: dict[str, str]) -> None:
    client = open_pages(store)
    eva = session.scalars(select(User)).one()
    refused = client.post(f"/users/{eva.id}{verb}", data=form)
    assert refused.status_code == 400
    assert "Nobody else here is an admin" in words(refused.text)
    page = client.post("/users", data=NEW | {"role": "admin"})
    assert page.status_code == 200
    # With another one there, who gives it up is out from that moment on.
    client.post(f"/users/{eva.id}{verb}", data=form)
    assert client.get("/users", follow_redirects=False).status_code in (303, 403)


@pytest.mark.parametrize("name", ["nothing", "019a0000-0000-7000-8000-000000000000"])
def test_who_is_not_there_is_not_found(store: Store, name: str) -> None:
    client = open_pages(store)
    assert client.get(f"/users/{name}").status_code == 404
    for verb in ("", "/disable", "/enable", "/password", "/sign-ins/end"):
        assert client.post(f"/users/{name}{verb}", data={"role": "agent"}).status_code == 404
