"""The web application: doors, pages and health, put together."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import select, text

from app.demo.questions import Question, questions
from app.settings import Settings
from bot.turn import House, take_turn
from channels.web_chat import ChatDoor, ChatTokens, Session, chat_router, status_of
from o2c_core.clock import today
from o2c_core.customers.seller import Seller
from o2c_core.errors import Failure, Outage, Refused
from web.headers import secure
from web.pages import pages, static_files

log = logging.getLogger("parley.web")
BODY_BYTES_MAX = 256 * 1024


def make_application(house: House, settings: Settings) -> FastAPI:
    """The application over an open house. Nothing is started: whoever runs it starts the worker and the index."""
    app = FastAPI(title="Parley", version="0.1.0", docs_url=None, redoc_url=None)
    tokens = ChatTokens(settings.signing_key())
    store = house.store
    door = ChatDoor(lambda incoming: take_turn(incoming, house), tokens, store)

    def ask(token: str, text: str) -> tuple[str, list[dict[str, Any]]]:
        going_on, _ = door.ask(tokens.read(token), text)
        return going_on, door.so_far(tokens.read(going_on))

    app.include_router(chat_router(door))
    app.include_router(
        pages(
            store=store,
            session_for=_sessions(house, tokens),
            is_demo=settings.demo,
            questions=lambda: _examples(house, settings),
            ask=ask,
        )
    )
    app.mount("/static", static_files(), name="static")

    @app.get("/health", include_in_schema=False)
    def health() -> dict[str, str]:
        with store.session() as session:
            session.execute(text("SELECT 1"))
        return {"status": "ok", "knowledge": "ok" if house.knowledge() else "full text only"}

    @app.middleware("http")
    async def _frame(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        if int(request.headers.get("content-length") or 0) > BODY_BYTES_MAX:
            return _problem(413, "That is too much at once.")
        response = await call_next(request)
        secure(response.headers)
        return response

    @app.exception_handler(Failure)
    def _refuse(request: Request, failure: Failure) -> Response:  # noqa: ARG001 (FastAPI's signature)
        if isinstance(failure, Refused):
            return _problem(status_of(failure), failure.sentence)
        if isinstance(failure, Outage):
            return _problem(503, failure.sentence)
        return _problem(409, failure.sentence)

    @app.exception_handler(RequestValidationError)
    def _misshapen(request: Request, odd: RequestValidationError) -> Response:  # noqa: ARG001
        first = odd.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body")
        return _problem(422, f"{where or 'The request'}: {first['msg']}.")

    return app


def _problem(status: int, sentence: str) -> JSONResponse:
    """Source: RFC 9457."""
    return JSONResponse({"status": status, "title": sentence}, status, media_type="application/problem+json")


def _sessions(house: House, tokens: ChatTokens) -> Callable[[UUID | None], str]:
    def session_for(customer_id: UUID | None) -> str:
        with house.store.session() as session:
            seller_id = session.scalars(select(Seller.id).order_by(Seller.ref).limit(1)).one()
        return tokens.sign(Session(seller_id, customer_id))

    return session_for


def _examples(house: House, settings: Settings) -> list[Question]:
    if not settings.demo:
        return []
    with house.store.session() as session:
        zone = session.scalars(select(Seller.time_zone).order_by(Seller.ref).limit(1)).one()
    return list(questions(house.store, today(house.store.clock, zone)))
