"""The users: who may sign in, as what, and where they are signed in. For admins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.add_user import NewUser, add_user
from o2c_core.actions.change_user import change_user
from o2c_core.actions.disable_user import disable_user
from o2c_core.actions.enable_user import enable_user
from o2c_core.actions.end_sign_ins import end_sign_ins
from o2c_core.actions.set_password import set_password
from o2c_core.errors import NotFound, Refused
from o2c_core.staff.passwords import first_password, hash_of
from o2c_core.staff.rights import RIGHTS, tidy_teams
from o2c_core.staff.signed import IDLE
from o2c_core.staff.user import ROLES, SignIn, User
from o2c_core.store.store import Store
from web.customer_pages import not_found
from web.desk.door import SignedHere, desk_router, needs
from web.reader import desk_reader
from web.rendering import page

TOLD = {
    "changed": "Changed. It holds from their next click on.",
    "disabled": "They are signed out everywhere and cannot sign in any more.",
    "enabled": "They may sign in again.",
    "ended": "They are signed out everywhere; they may sign in again.",
}
ROLE_SAYS = {
    "agent": "answers customers",
    "finance": "reminders, money and figures as well",
    "manager": "all of that, canned replies and the audit",
    "admin": "all of that, and the users",
}
Short = Annotated[str, Form(max_length=200)]


def user_pages(store: Store, *, has_oidc: bool) -> APIRouter:
    """`has_oidc`: whether somebody without a password could come in."""
    router = desk_router(store)

    @router.get("/users")
    @needs("manage_users")
    def the_users() -> Response:
        return _list(store, has_oidc=has_oidc)

    @router.post("/users")
    @needs("manage_users")
    def another_user(
        who: SignedHere, email: Short = "", name: Short = "", role: Short = "", teams: Short = "", without: Short = ""
    ) -> Response:
        password = None if without and has_oidc else first_password()
        new = NewUser(email, name, role, tuple(tidy_teams(teams.split(","))), hash_of(password) if password else None)
        try:
            added = add_user(new, by=who.name, store=store)
        except Refused as no:
            return _list(store, has_oidc=has_oidc, wrong=no.sentence, typed=new, status=400)
        return _one(store, added.id, has_oidc=has_oidc, password=password, told=f"{added.name} is added.")

    @router.get("/users/{user_id}")
    @needs("manage_users")
    def one_user(user_id: str, done: str = "") -> Response:
        return _one(store, _key(user_id), has_oidc=has_oidc, told=TOLD.get(done, ""))

    @router.post("/users/{user_id}")
    @needs("manage_users")
    def change(who: SignedHere, user_id: str, role: Short = "", teams: Short = "") -> Response:
        return _done(
            store,
            user_id,
            "changed",
            lambda key: change_user(key, by=who.name, store=store, role=role, teams=teams.split(",")),
        )

    @router.post("/users/{user_id}/disable")
    @needs("manage_users")
    def disable(who: SignedHere, user_id: str) -> Response:
        return _done(store, user_id, "disabled", lambda key: disable_user(key, by=who.name, store=store))

    @router.post("/users/{user_id}/enable")
    @needs("manage_users")
    def enable(who: SignedHere, user_id: str) -> Response:
        return _done(store, user_id, "enabled", lambda key: enable_user(key, by=who.name, store=store))

    @router.post("/users/{user_id}/sign-ins/end")
    @needs("manage_users")
    def end_all(who: SignedHere, user_id: str) -> Response:
        return _done(store, user_id, "ended", lambda key: end_sign_ins(key, by=who.name, store=store))

    @router.post("/users/{user_id}/password")
    @needs("manage_users")
    def new_password(who: SignedHere, user_id: str) -> Response:
        key, password = _key(user_id), first_password()
        if key is None:
            return not_found("user")
        try:
            set_password(key, password, by=who.name, store=store)
        except NotFound:
            return not_found("user")
        told = "They have a new password, and are signed out everywhere."
        return _one(store, key, has_oidc=has_oidc, password=password, told=told)

    return router


def _done(store: Store, user_id: str, what: str, do: Callable[[UUID], object]) -> Response:
    key = _key(user_id)
    if key is None:
        return not_found("user")
    try:
        do(key)
    except NotFound:
        return not_found("user")
    except Refused as no:
        return _one(store, key, has_oidc=False, wrong=no.sentence, status=400)
    return RedirectResponse(f"/users/{key}?done={what}", 303)


def _list(
    store: Store, *, has_oidc: bool, wrong: str = "", typed: NewUser | None = None, status: int = 200
) -> Response:
    now = store.clock.now()
    with store.session() as session:
        users = list(session.scalars(select(User).order_by(User.disabled_at.is_not(None), func.lower(User.name))))
        return page(
            "users.html",
            status,
            here="users",
            seller=None,
            reader=desk_reader(session, now),
            users=users,
            open=_open_sign_ins(session, store),
            roles=[(role, ROLE_SAYS[role]) for role in ROLES],
            rights=list(RIGHTS.values()),
            typed=typed or NewUser("", "", "agent"),
            has_oidc=has_oidc,
            wrong=wrong,
        )


def _one(
    store: Store, user_id: UUID | None, *, has_oidc: bool, told: str = "", wrong: str = "",
    password: str | None = None, status: int = 200,
) -> Response:  # fmt: skip
    now = store.clock.now()
    with store.session() as session:
        user = session.get(User, user_id) if user_id else None
        if user is None:
            return not_found("user")
        return page(
            "user.html",
            status,
            here="users",
            seller=None,
            reader=desk_reader(session, now),
            user=user,
            open=_open_sign_ins(session, store).get(user.id, 0),
            is_locked=user.locked_until is not None and now < user.locked_until,
            roles=[(role, ROLE_SAYS[role]) for role in ROLES],
            has_oidc=has_oidc,
            told=told,
            wrong=wrong,
            password=password,
        )


def _open_sign_ins(session: Session, store: Store) -> dict[UUID, int]:
    """How many browsers each user is signed in with now."""
    now = store.clock.now()
    good = (SignIn.ended_at.is_(None), SignIn.ends_at > now, SignIn.used_at > now - IDLE)
    rows = session.execute(select(SignIn.user_id, func.count()).where(*good).group_by(SignIn.user_id))
    return dict(rows.all())


def _key(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
