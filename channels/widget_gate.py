"""On whose pages the chat may be spoken with: the sites a company has named and our own, and no others."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from fastapi.responses import JSONResponse
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from channels.chat_session import ChatTokens, SessionNotValid
from o2c_core.customers.chat_setting import chat_of
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store

PATH = "/api/chat"
METHODS = "GET, POST"
HEADERS = "Authorization, Content-Type, Last-Event-ID"
PREFLIGHT_SECONDS = 600
NOT_HERE = "The chat may not be used on this site. Whoever runs it can add the site to the seller's chat origins."


class WidgetGate:
    """Answers CORS for the chat's API: exactly for the sites that the seller of the request has named.

    A request names its seller in the address (`?seller=`), which a browser's question in advance (the preflight) carries
    too. What a site that is not named asks is not carried out; that does not hang on what its browser makes of our answer.
    Source: fetch.spec.whatwg.org, "CORS protocol".
    """

    def __init__(self, app: ASGIApp, *, store: Store, tokens: ChatTokens, base_url: str | None = None) -> None:
        self._app = app
        self._store = store
        self._tokens = tokens
        self._own = urlsplit(base_url).netloc if base_url else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not (scope["path"] == PATH or scope["path"].startswith(f"{PATH}/")):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        framed = _Framed(send)
        if origin is None or self._is_own(origin, headers.get("host", "")):
            await self._app(scope, receive, framed)
            return
        refs = parse_qs(scope["query_string"].decode("latin-1")).get("seller", [])
        seller_id = await run_in_threadpool(self._may_stand, refs[-1] if refs else "", origin)
        if seller_id is None or not self._fits(headers.get("authorization"), seller_id):
            problem = {"status": 403, "title": NOT_HERE}
            await JSONResponse(problem, 403, media_type="application/problem+json")(scope, receive, framed)
            return
        framed.allowed = origin
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            asked = {
                "Access-Control-Allow-Methods": METHODS,
                "Access-Control-Allow-Headers": HEADERS,
                "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
            }
            await Response(status_code=204, headers=asked)(scope, receive, framed)
            return
        await self._app(scope, receive, framed)

    def _is_own(self, origin: str, host: str) -> bool:
        """A page of ours asks. Before us stands perhaps a proxy that speaks https, so the scheme says nothing here."""
        place = urlsplit(origin).netloc
        return place != "" and place in (host, self._own)

    def _may_stand(self, seller_ref: str, origin: str) -> UUID | None:
        with self._store.session() as session:
            found = session.execute(select(Seller.id, Seller.settings).where(Seller.ref == seller_ref)).one_or_none()
        return found.id if found is not None and chat_of(found.settings).may_stand_on(origin) else None

    def _fits(self, authorization: str | None, seller_id: UUID) -> bool:
        """Whether the session is one with that seller; one that is not valid is the next door's to refuse."""
        if authorization is None:
            return True
        try:
            return self._tokens.bearer(authorization).seller_id == seller_id
        except SessionNotValid:
            return True


class _Framed:
    """Sends the answer with what a browser has to know of who may read it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.allowed: str | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.add_vary_header("Origin")
            headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
            headers.setdefault("Cache-Control", "no-store")
            if self.allowed is not None:
                headers["Access-Control-Allow-Origin"] = self.allowed
                headers["Access-Control-Expose-Headers"] = "Retry-After"
        await self._send(message)
