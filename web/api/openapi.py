"""The API's own description: OpenAPI 3.1, with the key it needs and every problem it may answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from o2c_core.integrations.api_key import SCOPES
from web.api.door import scope_of
from web.api.problems import MEDIA_TYPE

PREFIX = "/api/v1"
_SUMMARY = """
A REST API over one seller's ledger. Amounts are whole minor units with their currency, days are ISO dates where the
seller is, moments are UTC. Lists come in pages with a cursor. Every write needs an `Idempotency-Key`. Whatever goes
wrong is answered as `application/problem+json` (RFC 9457).
"""


def describe(app: FastAPI, routes: Iterable[APIRoute]) -> dict[str, Any]:
    """The description of those routes."""
    said = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=_SUMMARY.strip(),
        routes=app.routes,
        servers=[{"url": PREFIX}],
    )
    said["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": _scopes()}}
    for route in routes:
        for method in route.methods or ():
            operation = said["paths"][route.path_format][method.lower()]
            operation["security"] = [{"key": []}]
            scope = scope_of(route.endpoint)
            operation["description"] = "\n\n".join(
                part
                for part in (operation.get("description", ""), f"Scope: `{scope}`." if scope else "Any key.")
                if part
            )
            for status, response in operation["responses"].items():
                _settle(status, response)
    return said


def _scopes() -> str:
    listed = "\n".join(f"- `{name}`: {what}" for name, what in SCOPES.items())
    return f"A key of the seller, made with `parley key make`. It may do what its scopes say:\n{listed}"


def _settle(status: str, response: dict[str, Any]) -> None:
    """FastAPI describes every model as JSON; a problem is problem+json, and a page has its Link header."""
    if status >= "400":
        found = response.get("content", {})
        schema = found.get("application/json", {}).get("schema") or found.get(MEDIA_TYPE, {}).get("schema")
        response["content"] = {MEDIA_TYPE: {"schema": schema or {"$ref": "#/components/schemas/Problem"}}}
    if status == "401":
        response["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}, "required": True}}
    if status == "429":
        response["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "required": True}}
