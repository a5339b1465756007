"""The chat on a company's own site: its script, its words and colours, how a session begins, and a word afterwards."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, BeforeValidator, Field
from sqlalchemy import select

from channels.chat_session import ChatTokens, Session, SessionNotValid, tidy_about
from channels.web_chat import ChatDoor, Limits, address_of, whole
from channels.widget_colours import pairs
from channels.widget_identity import HostTokens
from o2c_core.conversations.rating import SCORE_MAX
from o2c_core.customers.chat_setting import chat_of
from o2c_core.customers.customer import LANGUAGES
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store

HERE = Path(__file__).parent / "widget"
SCRIPT, STYLE = "parley-chat.js", "parley-chat.css"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SCRIPT_SECONDS = 3600
SETTING_SECONDS = 300
Short = Annotated[str, BeforeValidator(whole), Field(max_length=100)]
Long = Annotated[str, BeforeValidator(whole), Field(max_length=8_000)]
GiveRating = Callable[[UUID, int, str | None], object]


class Begun(BaseModel):
    """What a page says when its chat begins. `page` is the page's own id, so that a lost answer can be asked for again."""

    page: UUID
    seller: Short | None = None
    identity: Long | None = Field(None, description="A token of the host's own site that says who is signed in there.")
    resume: Long | None = Field(None, description="The session of before a reload, to be taken up where it was.")
    about: Short | None = Field(None, description='What the page is about, as "invoice INV-2026-0042".')


class Rated(BaseModel):
    """How content a customer was, from 1 to 5."""

    score: int = Field(ge=1, le=SCORE_MAX)
    words: Annotated[str, BeforeValidator(whole), Field(max_length=1_000)] | None = None


def widget_router(
    door: ChatDoor, *, tokens: ChatTokens, hosts: HostTokens, give_rating: GiveRating, store: Store
) -> APIRouter:
    """`GET /widget/parley-chat.js`, and what it asks for below `/api/chat`."""
    router = APIRouter(tags=["chat"])

    @router.get(f"/widget/{SCRIPT}", include_in_schema=False)
    def give(if_none_match: Annotated[str | None, Header()] = None) -> Response:
        text = script()
        mark = f'"{hashlib.sha256(text).hexdigest()[:16]}"'
        headers = {
            "Cache-Control": f"public, max-age={SCRIPT_SECONDS}",
            "ETag": mark,
            # Any site may load it; what it can do there is another matter, and the gate's.
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Access-Control-Allow-Origin": "*",
        }
        if if_none_match == mark:
            return Response(status_code=304, headers=headers)
        return Response(text, media_type="text/javascript; charset=utf-8", headers=headers)

    @router.get("/api/chat/widget")
    def setting(
        seller: str | None = None, language: str | None = None, authorization: Annotated[str | None, Header()] = None
    ) -> Response:
        found = _seller(store, door.session(authorization, seller).seller_id)
        chosen = chat_of(found.settings)
        spoken = language_of(language, found.language)
        said = {
            "seller": {"ref": found.ref, "name": found.name},
            "language": spoken,
            "side": chosen.side,
            "colours": {scheme: asdict(pair) for scheme, pair in pairs(chosen.accent).items()},
            "words": words_in(spoken),
        }
        return JSONResponse(said, headers={"Cache-Control": f"private, max-age={SETTING_SECONDS}"})

    @router.post("/api/chat/session")
    def begin(begun: Begun, request: Request, authorization: Annotated[str | None, Header()] = None) -> dict[str, Any]:
        Limits.check(door.limits.sessions, address_of(request))
        session = door.session(authorization, begun.seller)
        if authorization is None and begun.identity is not None:
            guest = hosts.guest(session.seller_id, begun.identity, begun.page)
            session = replace(session, customer_id=guest.customer_id, contact_id=guest.contact_id)
        session = replace(session, about=session.about or tidy_about(begun.about))
        session = _resumed(tokens, begun.resume, session)
        has_begun = session.conversation_id is not None
        return {"session": tokens.sign(session), "identity": session.identity, "has_begun": has_begun}

    @router.post("/api/chat/rating")
    def rate(rated: Rated, authorization: Annotated[str | None, Header()] = None) -> dict[str, Any]:
        session = door.session(authorization) if authorization is not None else None
        if session is None or session.conversation_id is None:
            raise SessionNotValid
        give_rating(session.conversation_id, rated.score, (rated.words or "").strip() or None)
        return {"score": rated.score}

    return router


def words_in(language: str) -> dict[str, Any]:
    """What the widget itself says in that language; what the assistant says is not here."""
    return dict(_words(language))


def language_of(asked: str | None, otherwise: str) -> str:
    """One of our languages: the one that is asked for ("nl-BE" is Dutch), else the seller's, else English."""
    wanted = ((asked or "").lower().partition("-")[0], otherwise, "en")
    return next(one for one in wanted if one in LANGUAGES)


@lru_cache
def _words(language: str) -> dict[str, Any]:
    return tomllib.loads((HERE / "words" / f"{language}.toml").read_text(encoding="utf-8"))


@lru_cache
def script() -> bytes:
    """The script as it is served: with its looks in it, and without what only those who change it read."""
    lines = (line.strip() for line in (HERE / SCRIPT).read_text(encoding="utf-8").splitlines())
    read = "\n".join(line for line in lines if line and not line.startswith(("//", "/**")))
    looks = _COMMENT.sub("", (HERE / STYLE).read_text(encoding="utf-8"))
    return read.replace('"{{ style }}"', json.dumps(" ".join(looks.split()))).encode()


def _seller(store: Store, seller_id: UUID) -> Seller:
    with store.session() as session:
        return session.scalars(select(Seller).where(Seller.id == seller_id)).one()


def _resumed(tokens: ChatTokens, kept: str | None, session: Session) -> Session:
    """The session of before, where it is the same writer's on the same page; one that is over is simply not taken up."""
    if not kept:
        return session
    try:
        earlier = tokens.read(kept)
    except SessionNotValid:
        return session
    return earlier if session.may_go_on_as(earlier) else session
