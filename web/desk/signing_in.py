"""Signing in and out: by password, or by the organisation's own sign-in."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from o2c_core.actions.end_sign_in import end_sign_in
from o2c_core.actions.sign_in import sign_in
from o2c_core.actions.sign_in_by_identity import sign_in_by_identity
from o2c_core.actions.use_sign_in import use_sign_in
from o2c_core.errors import Failure, Outage
from o2c_core.integrations.rate import Rate
from o2c_core.staff.signed import WHOLE, NotSignedIn
from o2c_core.store.store import Store
from web.desk.door import cookie_name, key_of
from web.desk.oidc import BACK, GOOD_FOR, Oidc
from web.desk.way_back import way_back
from web.rendering import page
from web.same_site import is_from_here

# From one address: a whole office in the morning, and then as many as people mistype.
TRIES_AT_ONCE, TRIES_PER_SECOND = 20, 1 / 6
# A refusal takes that long whatever the reason, so that its time says nothing about who is known here.
REFUSED_AFTER_SECONDS = 0.6
SIGNED_OUT = "You are signed out."
_OIDC_COOKIE = "parley_oidc"


def sign_in_pages(
    store: Store, oidc: Oidc | None = None, *, refused_after: float = REFUSED_AFTER_SECONDS, rate: Rate | None = None
) -> APIRouter:
    """The pages everybody may see, as nobody is signed in yet who needs them."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    rate = rate or Rate(TRIES_PER_SECOND, TRIES_AT_ONCE)

    @router.get("/sign-in")
    def the_door(
        request: Request, next_: Annotated[str, Query(alias="next", max_length=4_000)] = "", out: str = ""
    ) -> Response:
        try:
            use_sign_in(key_of(request), store=store)
        except NotSignedIn:
            return _form(next_, note=SIGNED_OUT if out else "", has_oidc=oidc is not None)
        return RedirectResponse(way_back(next_), 303)

    @router.post("/sign-in")
    async def by_password(
        request: Request,
        email: Annotated[str, Form(max_length=320)] = "",
        password: Annotated[str, Form(max_length=1_000)] = "",
        next_: Annotated[str, Form(alias="next", max_length=4_000)] = "",
    ) -> Response:
        if not is_from_here(request):
            return _not_from_here()
        wait = rate.take(_address(request))
        if wait:
            return _too_often(wait, next_, email, has_oidc=oidc is not None)
        began = time.monotonic()
        browser = request.headers.get("user-agent", "")
        try:
            key = await run_in_threadpool(sign_in, email, password, browser=browser, store=store)
        except Failure as no:
            await asyncio.sleep(max(0.0, refused_after - (time.monotonic() - began)))
            return _form(next_, status=403, wrong=no.sentence, email=email, has_oidc=oidc is not None)
        return _signed_in(request, key, next_)

    @router.post("/sign-out")
    def leave(request: Request) -> Response:
        if not is_from_here(request):
            return _not_from_here()
        end_sign_in(key_of(request), store=store)
        answer = RedirectResponse("/sign-in?out=1", 303)
        _keep(answer, request, cookie_name(request), "", 0)
        return answer

    if oidc is not None:
        router.include_router(_by_organisation(store, oidc, rate))
    return router


def _by_organisation(store: Store, oidc: Oidc, rate: Rate) -> APIRouter:
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

    @router.get("/sign-in/oidc")
    def to_the_organisation(
        request: Request, next_: Annotated[str, Query(alias="next", max_length=4_000)] = ""
    ) -> Response:
        wait = rate.take(_address(request))
        if wait:
            return _too_often(wait, next_, "", has_oidc=True)
        try:
            leaving = oidc.leave(way_back(next_), store.clock.now())
        except Failure as no:
            return _form(next_, status=503 if isinstance(no, Outage) else 403, wrong=no.sentence, has_oidc=True)
        answer = RedirectResponse(leaving.url, 303, headers={"Cache-Control": "no-store"})
        _keep(answer, request, _oidc_cookie(request), leaving.kept, int(GOOD_FOR.total_seconds()))
        return answer

    @router.get(BACK)
    def from_the_organisation(request: Request) -> Response:
        wait = rate.take(_address(request))
        if wait:
            return _too_often(wait, "", "", has_oidc=True)
        kept = request.cookies.get(_oidc_cookie(request), "")
        try:
            identity, next_path = oidc.come_back(dict(request.query_params), kept, store.clock.now())
            browser = request.headers.get("user-agent", "")
            key = sign_in_by_identity(identity, oidc.terms.roles, browser=browser, store=store)
        except Failure as no:
            status = 503 if isinstance(no, Outage) else 403
            answer: Response = _form("", status=status, wrong=no.sentence, has_oidc=True)
        else:
            answer = _signed_in(request, key, next_path)
        _keep(answer, request, _oidc_cookie(request), "", 0)
        return answer

    return router


def _signed_in(request: Request, key: str, next_path: str) -> Response:
    answer = RedirectResponse(way_back(next_path), 303, headers={"Cache-Control": "no-store"})
    _keep(answer, request, cookie_name(request), key, int(WHOLE.total_seconds()))
    return answer


def _keep(answer: Response, request: Request, name: str, value: str, seconds: int) -> None:
    """The browser keeps it for this host, tells no script, and sends it along only from our own pages and links."""
    answer.set_cookie(
        name, value, max_age=seconds, path="/", httponly=True, samesite="lax",
        secure=getattr(request.app.state, "is_https", False),
    )  # fmt: skip


def _form(
    next_path: str, *, has_oidc: bool, status: int = 200, wrong: str = "", note: str = "", email: str = ""
) -> HTMLResponse:
    about = {"wrong": wrong, "note": note, "email": email, "next": way_back(next_path), "has_oidc": has_oidc}
    return page("sign_in.html", status, seller=None, here="", **about)


def _too_often(wait: float, next_path: str, email: str, *, has_oidc: bool) -> Response:
    seconds = max(1, round(wait + 0.5))
    wrong = f"That was tried too often from your address; try again in {seconds} seconds."
    answer = _form(next_path, status=429, wrong=wrong, email=email, has_oidc=has_oidc)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _not_from_here() -> Response:
    return page("desk_refused.html", 403, seller=None, here="", why="not_from_here", right="")


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _oidc_cookie(request: Request) -> str:
    return f"__Host-{_OIDC_COOKIE}" if getattr(request.app.state, "is_https", False) else _OIDC_COOKIE
