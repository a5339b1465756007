"""Every way in which the API says no, in the one shape of RFC 9457."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from o2c_core.actions.carry_out_once import KeyUsedBefore
from o2c_core.actions.use_api_key import NotLetIn
from o2c_core.errors import Failure, NotFound, Outage, Refused

MEDIA_TYPE = "application/problem+json"
IDEMPOTENCY_HEADER = "idempotency-key"

# Kind of problem, by status: the name its type ends in, and what it is called.
KINDS = {
    400: ("refused", "That cannot be done"),
    401: ("not-let-in", "A valid key is needed"),
    403: ("not-allowed", "The key may not do this"),
    404: ("not-found", "There is nothing by that name here"),
    405: ("method-not-allowed", "That cannot be done with this address"),
    409: ("overtaken", "Something moved in the meantime"),
    413: ("too-large", "That is too much at once"),
    415: ("unsupported", "That kind of content is not read here"),
    422: ("misshapen", "The request is not as described"),
    429: ("too-many", "Too many requests"),
    500: ("mistake", "A mistake of ours"),
    503: ("outage", "A service that is needed does not answer"),
}


class Flaw(BaseModel):
    """One thing that is wrong with a request."""

    where: str = Field(description="The part of the request: body.amount.minor, query.limit …")
    why: str


class Problem(BaseModel):
    """What went wrong, for people and for programs. Source: RFC 9457."""

    type: str = Field(description="The kind of problem, as a URI.")
    title: str = Field(description="What that kind is called.")
    status: int = Field(description="The HTTP status.", ge=400, le=599)
    detail: str = Field(description="What went wrong this time, in a sentence.")
    flaws: list[Flaw] | None = Field(None, description="With status 422: what is wrong with the request, part by part.")


class NotAllowed(Refused):
    """The key has no scope for this."""


class TooManyCalls(Refused):
    """Too many calls with this key; wait a moment."""


class BadCursor(Refused):
    """That is not a cursor; give back what a list said as `next`."""


class TooMuch(Refused):
    """That is too much at once."""


class NoIdempotencyKey(Refused):
    """Every write needs a header Idempotency-Key of 1 to 255 visible ASCII characters."""


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How those problems are described in OpenAPI, with those that every address may answer."""
    always = (401, 403, 422, 429)
    return {
        status: {"model": Problem, "description": KINDS[status][1] + ".", "content": {MEDIA_TYPE: {}}}
        for status in sorted({*always, *statuses})
    }


def problem(
    status: int, detail: str, *, headers: Mapping[str, str] | None = None, flaws: Iterable[Flaw] = ()
) -> JSONResponse:
    kind, title = KINDS.get(status, ("http", HTTPStatus(status).phrase))
    listed = [flaw.model_dump() for flaw in flaws]
    said = {"type": f"urn:parley:problem:{kind}", "title": title, "status": status, "detail": detail}
    if listed:
        said["flaws"] = listed
    return JSONResponse(said, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def status_of(failure: Failure) -> int:
    """The HTTP status that says what kind of no it is."""
    for kind, status in _STATUSES:
        if isinstance(failure, kind):
            return status
    return 409


_STATUSES: tuple[tuple[type[Failure], int], ...] = (
    (NotLetIn, 401),
    (NotAllowed, 403),
    (KeyUsedBefore, 422),
    (TooManyCalls, 429),
    (TooMuch, 413),
    (NotFound, 404),
    (Refused, 400),
    (Outage, 503),
)


def answer_problems(app: FastAPI) -> None:
    """Whatever goes wrong below this application is answered as a problem."""

    @app.exception_handler(Failure)
    def refuse(request: Request, failure: Failure) -> Response:  # noqa: ARG001 (FastAPI's signature)
        status = status_of(failure)
        # A missing thing is answered in the same words whatever it is and whosever.
        detail = KINDS[404][1] + "." if status == 404 else failure.sentence
        headers = {}
        if status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="parley"'
        if status in (429, 503):
            headers["Retry-After"] = str(failure.fields.get("wait_seconds", 30))
        return problem(status, detail, headers=headers)

    @app.exception_handler(RequestValidationError)
    def misshapen(request: Request, odd: RequestValidationError) -> Response:  # noqa: ARG001
        flaws = [_flaw(error) for error in odd.errors()[:20]]
        if any(flaw.where == f"header.{IDEMPOTENCY_HEADER}" for flaw in flaws):
            return problem(400, NoIdempotencyKey().sentence)
        if any(flaw.where == "query.cursor" for flaw in flaws):
            return problem(400, BadCursor().sentence)
        return problem(422, f"{flaws[0].where}: {flaws[0].why}.", flaws=flaws)

    @app.exception_handler(HTTPException)
    def http(request: Request, odd: HTTPException) -> Response:  # noqa: ARG001
        if odd.status_code == 400:
            # A body that cannot be read as JSON at all: broken, nested too deeply, or not UTF-8.
            return problem(422, "body: Not JSON.", flaws=[Flaw(where="body", why="Not JSON")])
        kind = KINDS.get(odd.status_code)
        return problem(odd.status_code, f"{kind[1] if kind else odd.detail}.", headers=odd.headers)

    @app.exception_handler(Exception)
    def mistake(request: Request, odd: Exception) -> Response:  # noqa: ARG001 (the server's log has what it was)
        return problem(500, "That is a mistake of ours; it has been logged.")


def _flaw(error: Mapping[str, Any]) -> Flaw:
    where = ".".join(_plain(part) for part in error["loc"])
    # What was sent is not said back: it may hold halves of characters, or what nobody should read.
    why = "Not JSON" if error["type"] == "json_invalid" else str(error["msg"]).removeprefix("Value error, ")
    return Flaw(where=where, why=why.rstrip("."))


def _plain(part: object) -> str:
    return str(part)[:100].encode("ascii", "replace").decode()
