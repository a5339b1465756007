"""One's own account: the password, where one is signed in, and what one's role may do."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from o2c_core.actions.change_password import change_password
from o2c_core.actions.end_sign_ins import end_sign_ins
from o2c_core.errors import Refused
from o2c_core.staff.passwords import CHARACTERS_MIN
from o2c_core.staff.rights import RIGHTS
from o2c_core.staff.signed import Signed, still_open
from o2c_core.staff.user import SignIn, User
from o2c_core.store.store import Store
from web.desk.browser_names import browser_name
from web.desk.door import SignedHere, desk_router, needs
from web.reader import desk_reader
from web.rendering import page

SIGN_INS_SHOWN = 20
TOLD = {"password": "Your password is changed. Wherever else you were signed in, you are signed out now.",
        "others": "Wherever else you were signed in, you are signed out now."}  # fmt: skip


class NotTheSame(Refused):
    """The two new passwords are not the same; nothing was changed."""


def account_pages(store: Store) -> APIRouter:
    router = desk_router(store)

    @router.get("/account")
    @needs("own_account")
    def my_account(who: SignedHere, done: str = "") -> Response:
        return _account(store, who, told=TOLD.get(done, ""))

    @router.post("/account/password")
    @needs("own_account")
    def another_password(
        who: SignedHere,
        old: Annotated[str, Form(max_length=1_000)] = "",
        new: Annotated[str, Form(max_length=1_000)] = "",
        again: Annotated[str, Form(max_length=1_000)] = "",
    ) -> Response:
        try:
            if new != again:
                raise NotTheSame
            change_password(who, old, new, store=store)
        except Refused as no:
            return _account(store, who, wrong=no.sentence, status=400)
        return RedirectResponse("/account?done=password", 303)

    @router.post("/account/other-sign-ins/end")
    @needs("own_account")
    def end_the_others(who: SignedHere) -> Response:
        end_sign_ins(who.user_id, by=who.name, store=store, but=who.sign_in_id)
        return RedirectResponse("/account?done=others", 303)

    return router


def _account(store: Store, who: Signed, *, told: str = "", wrong: str = "", status: int = 200) -> Response:
    now = store.clock.now()
    with store.session() as session:
        user = session.get_one(User, who.user_id)
        query = select(SignIn).where(SignIn.user_id == who.user_id).order_by(SignIn.used_at.desc(), SignIn.id.desc())
        rows = list(session.scalars(query.limit(SIGN_INS_SHOWN)))
        return page(
            "account.html",
            status,
            here="account",
            seller=None,
            reader=desk_reader(session, now),
            user=user,
            mine=who.sign_in_id,
            sign_ins=[(row, browser_name(row.browser), still_open(row, now)) for row in rows],
            rights=[(right.says, who.role in right.roles) for right in RIGHTS.values()],
            characters_min=CHARACTERS_MIN,
            told=told,
            wrong=wrong,
        )
