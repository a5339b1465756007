"""The API over a test's ledger, called with a key of its own."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from o2c_core.actions.make_api_key import make_api_key
from o2c_core.integrations.api_key import SCOPES
from o2c_core.integrations.rate import Rate
from o2c_core.store.store import Store
from web.api.api import make_api
from web.api.openapi import PREFIX

_number = count(1)


def application(store: Store, **settings: Any) -> FastAPI:
    """The API where it stands in the house."""
    house = FastAPI()
    house.mount(PREFIX, make_api(store, **{"rate": Rate(per_second=10_000, at_once=100_000)} | settings))
    return house


def a_key(store: Store, seller: str = "vandijk", scopes: Iterable[str] = SCOPES) -> str:
    return make_api_key(seller, "the ERP", scopes, store=store).key


class Caller:
    """Another system with a key."""

    def __init__(self, store: Store, seller: str = "vandijk", scopes: Iterable[str] = SCOPES, **settings: Any) -> None:
        self.key = a_key(store, seller, scopes)
        self.client = TestClient(application(store, **settings), raise_server_exceptions=False)

    def get(self, path: str, **query: Any) -> Response:
        return self.client.get(PREFIX + path, params=query or None, headers=self.headers())

    def write(self, method: str, path: str, body: object = None, *, once: str | None = None, **query: Any) -> Response:
        """A write, under a fresh idempotency key unless one is named."""
        headers = self.headers() | {"Idempotency-Key": once or f"test-{next(_number)}"}
        return self.client.request(method, PREFIX + path, json=body, params=query or None, headers=headers)

    def post(self, path: str, body: object = None, **more: Any) -> Response:
        return self.write("POST", path, {} if body is None else body, **more)

    def put(self, path: str, body: object, **more: Any) -> Response:
        return self.write("PUT", path, body, **more)

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}
