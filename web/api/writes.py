"""A write: carried out once under its idempotency key, and answered the same however often it is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from o2c_core.actions.carry_out_once import Asked, Said, carry_out_once
from o2c_core.actions.use_api_key import Caller
from o2c_core.store.store import Store
from web.api.door import CallerHere, StoreHere

# What a key may concede of the seller's money is what finance may; its scopes say whether it may at all.
ROLE = "finance"


@dataclass(frozen=True)
class Write:
    """A write that was asked for, ready to be carried out."""

    asked: Asked
    caller: Caller
    store: Store
    body: bytes

    @property
    def who(self) -> str:
        """What the trail calls the caller."""
        return f"api: {self.caller.name}"

    def carry_out(
        self, act: Callable[[Store], BaseModel | None], status: int, *, kept: Callable[[Any], BaseModel] | None = None
    ) -> Response:
        """The answer of what `act` gives, or of what it gave the first time; `kept` is what a repeat gets instead."""

        def carried(store: Store) -> Said:
            told = act(store)
            answer = None if told is None else told.model_dump(mode="json")
            said = Said(status, answer)
            return said if kept is None else Said(status, answer, kept=kept(told).model_dump(mode="json"))

        said = carry_out_once(self.asked, carried, store=self.store)
        headers = {"Idempotent-Replayed": "true"} if said.is_replay else {}
        if said.answer is None:
            return Response(status_code=said.status, headers=headers)
        return JSONResponse(said.answer, said.status, headers=headers)


async def _write(
    request: Request,
    caller: CallerHere,
    store: StoreHere,
    idempotency_key: Annotated[
        str,
        Header(
            min_length=1,
            max_length=255,
            pattern="^[!-~]+$",
            description="A name of your own for this write. Sent again with the same request, it is not carried out again.",
        ),
    ],
) -> Write:
    body = await request.body()
    return Write(Asked(caller.key_id, idempotency_key, _fingerprint(request, body)), caller, store, body)


def _fingerprint(request: Request, body: bytes) -> str:
    """The same for the same request, also when its JSON is spaced or ordered otherwise."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() == "application/json":
        with suppress(ValueError, RecursionError):
            body = json.dumps(json.loads(body), sort_keys=True).encode()
    head = f"{request.method} {request.url.path}?{request.url.query}\n".encode("utf-8", "surrogatepass")
    return hashlib.sha256(head + body).hexdigest()


WriteHere = Annotated[Write, Depends(_write)]
