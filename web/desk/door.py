"""The door of the desk: who is signed in, whether they may, and that what they saw is written down."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from o2c_core.actions.note_look import Seen, note_look
from o2c_core.actions.use_sign_in import use_sign_in
from o2c_core.staff.rights import RIGHTS
from o2c_core.staff.signed import NotSignedIn, Signed
from o2c_core.store.store import Store
from web.rendering import page, viewed_by
from web.same_site import is_from_here

COOKIE = "parley_desk"
# On https the key is sent over https only, and no neighbouring host can put another in its place.
# Source: RFC 6265bis section 4.1.3.2 (the prefix __Host-).
SECURE_COOKIE = "__Host-parley_desk"
_READS = ("GET", "HEAD")

Handler = TypeVar("Handler", bound=Callable[..., Any])


class RightMissing(TypeError):
    """A route of the desk says which right it needs, or the application does not start."""


def needs(right: str, *, is_part: bool = False, by_itself: bool = False) -> Callable[[Handler], Handler]:
    """The right without which nobody sees or does this.

    What is part of a page that is open leaves no line of its own, unless its handler says what was seen. What a page
    asks `by_itself` keeps nobody signed in: who leaves it open and goes away is signed out in time.

    Raises: KeyError for a right that is not in the table.
    """
    RIGHTS[right]

    def marked(handler: Handler) -> Handler:
        handler.__dict__.update(right=right, is_part=is_part, by_itself=by_itself)
        return handler

    return marked


def right_of(route: object) -> str | None:
    """The right a route needs; None where it is not one of the desk's."""
    return getattr(getattr(route, "endpoint", None), "right", None)


class DeskRoute(APIRoute):
    """A route that is looked at by who may before its handler runs; a page that was shown leaves a line."""

    store: Store

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if getattr(endpoint, "right", None) is None:
            raise RightMissing(f"{path} does not say which right it needs")
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()
        right, path, store = str(right_of(self)), self.path, self.store
        is_page, touches = not getattr(self.endpoint, "is_part", False), not getattr(self.endpoint, "by_itself", False)

        async def guarded(request: Request) -> Response:
            try:
                who = await run_in_threadpool(use_sign_in, key_of(request), store=store, touches=touches)
            except NotSignedIn:
                return _sign_in_first(request)
            with viewed_by(who):
                if request.method not in _READS and not is_from_here(request):
                    return page("desk_refused.html", 403, here="", seller=None, why="not_from_here", right="")
                if not who.may(right):
                    return page(
                        "desk_refused.html", 403, here="", seller=None, why="no_right", right=RIGHTS[right].says
                    )
                request.state.signed, request.state.seen = who, None
                answer = await inner(request)
                seen = request.state.seen or (Seen(path) if is_page else None)
                if seen is not None and request.method in _READS and answer.status_code == 200:
                    await run_in_threadpool(note_look, who, seen, store=store)
            answer.headers.setdefault("Cache-Control", "no-store")
            return answer

        return guarded


def desk_router(store: Store) -> APIRouter:
    """A router whose routes are guarded by the users and sign-ins of that ledger."""
    bound = type("DeskRouteHere", (DeskRoute,), {"store": store})
    return APIRouter(route_class=bound, default_response_class=HTMLResponse, include_in_schema=False)


def saw(request: Request, **whose: Any) -> None:
    """Says whose data the page shows that is about to be answered: customer_id, conversation_id, seller_id, about."""
    request.state.seen = Seen(request.scope["route"].path, **whose)


def used(request: Request, store: Store) -> None:
    """Says that what a page asked by itself was a person's doing after all, as when they type."""
    with suppress(NotSignedIn):
        use_sign_in(key_of(request), store=store)


def key_of(request: Request) -> str:
    """The key of the sign-in the browser says it has; empty when it has none."""
    return request.cookies.get(cookie_name(request), "")


def cookie_name(request: Request) -> str:
    """What the key's cookie is called here: where the installation's address is https, only that one is believed."""
    return SECURE_COOKIE if getattr(request.app.state, "is_https", False) else COOKIE


def _signed(request: Request) -> Signed:
    signed: Signed = request.state.signed
    return signed


SignedHere = Annotated[Signed, Depends(_signed)]


def _sign_in_first(request: Request) -> Response:
    """Pages lead to the sign-in and back; what is no page is told in a status."""
    wants_page = request.method in _READS and _is_navigating(request)
    if not wants_page:
        return Response("Please sign in.", 401, media_type="text/plain", headers={"Cache-Control": "no-store"})
    there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?next={quote(there, safe='/')}", 303, headers={"Cache-Control": "no-store"})


def _is_navigating(request: Request) -> bool:
    """Whether a person goes to the address, and not a script on a page, a picture or a stream.

    Source: W3C Fetch Metadata Request Headers (Sec-Fetch-Mode); what does not send it says what it takes.
    """
    mode = request.headers.get("sec-fetch-mode")
    if mode is not None:
        return mode == "navigate"
    takes = request.headers.get("accept", "*/*")
    return "text/html" in takes or takes == "*/*"
