"""The real application with nothing behind its doors, and every route it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute

from app.application import make_application
from app.settings import Settings
from bot.assistant import Assistant
from bot.turn import House
from o2c_core.store.store import Store

LET_IN = "let in"
# Everything that adds a route is set, so that none is missed.
EVERYTHING: dict[str, Any] = {
    "secret": "a key of the tests, long enough", "demo": True, "base_url": "https://parley.example",
    "oidc_issuer": "https://id.example", "oidc_client_id": "parley", "reply_domain": "replies.example",
    "twilio_account_sid": "AC0", "twilio_auth_token": "token", "inbound_token": "token", "stripe_key": "sk_test_0",
    "stripe_webhook_key": "whsec_0", "mollie_key": "test_0", "mollie_webhook_key": "key",
}  # fmt: skip


@dataclass(frozen=True)
class Walked:
    """A route: its method and path, and what serves it."""

    method: str
    path: str
    route: Any

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


def the_application(store: Store) -> FastAPI:
    settings = Settings(_env_file=None, **EVERYTHING)
    return make_application(House(store, lambda: None, Assistant()), settings)


def empty_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every handler answers "let in": what is looked at are the doors before them, and nothing has to be there."""

    def handler(route: APIRoute) -> Any:
        async def answer(request: Request) -> Response:
            return Response(LET_IN)

        return answer

    monkeypatch.setattr(APIRoute, "get_route_handler", handler)


def walk(routes: Iterable[Any], before: str = "") -> Iterator[Walked]:
    """Every route, also those of routers in routers and of applications in applications."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from walk(inner.routes, before + route.include_context.prefix)
        elif getattr(route, "routes", None):
            yield from walk(route.routes, before + route.path)
        else:
            methods = sorted((route.methods or {"GET"}) - {"HEAD"}) if hasattr(route, "methods") else ["ANY"]
            yield from (Walked(method, before + route.path, route) for method in methods)
