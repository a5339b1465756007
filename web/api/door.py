"""Who may come in to the API: looked at before anything else of a request is."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from o2c_core.actions.use_api_key import Caller, NotLetIn, use_api_key
from o2c_core.integrations.rate import Rate
from o2c_core.store.store import Store
from web.api.problems import NotAllowed, TooManyCalls, TooMuch

Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True)
class Doorkeeper:
    """Lets a request in by its key, at its rate, for what the address needs."""

    store: Store
    rate: Rate

    def admit(self, authorization: str, scope: str | None) -> Caller:
        """Raises: NotLetIn; TooManyCalls; NotAllowed. Nothing of the ledger but the key is read."""
        kind, _, key = authorization.partition(" ")
        if kind.lower() != "bearer":
            raise NotLetIn
        caller = use_api_key(key.strip(), store=self.store)
        wait = self.rate.take(caller.key_id)
        if wait:
            raise TooManyCalls(wait_seconds=max(1, round(wait + 0.5)))
        if scope is not None and scope not in caller.scopes:
            raise NotAllowed
        return caller


def needs(scope: str) -> Callable[[Handler], Handler]:
    """The scope without which a key may not do this."""

    def marked(handler: Handler) -> Handler:
        handler.__dict__["scope"] = scope
        return handler

    return marked


def scope_of(handler: object) -> str | None:
    """The scope a handler needs; None when any key will do."""
    return getattr(handler, "scope", None)


class KeyedRoute(APIRoute):
    """A route whose caller is let in before the body is read or an argument looked at."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()
        scope = scope_of(self.endpoint)

        async def let_in(request: Request) -> Response:
            keeper: Doorkeeper = request.app.state.doorkeeper
            authorization = request.headers.get("authorization", "")
            request.state.caller = await run_in_threadpool(keeper.admit, authorization, scope)
            try:
                await request.body()
            except ClientDisconnect as cut_off:  # by the house's door, when it got too long
                raise TooMuch from cut_off
            answer = await inner(request)
            # What a ledger says is for who asked, and for now: no proxy or browser keeps it.
            answer.headers.setdefault("Cache-Control", "no-store")
            return answer

        return let_in


def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


def _store(request: Request) -> Store:
    keeper: Doorkeeper = request.app.state.doorkeeper
    return keeper.store


CallerHere = Annotated[Caller, Depends(_caller)]
StoreHere = Annotated[Store, Depends(_store)]
