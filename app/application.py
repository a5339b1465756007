"""The web application: doors, pages and health, put together."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import select, text
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.container import doors, pay_providers
from app.demo.questions import Question, questions
from app.installation import doorplate
from app.organisation import oidc_terms
from app.settings import Settings
from bot.suggesting import suggest
from bot.turn import House, Turn, take_turn
from channels.chat_files import FORM_BYTES_MAX, file_router
from channels.chat_live import live_router
from channels.web_chat import ChatDoor, ChatTokens, Session, TooManyBegun, chat_router, status_of
from channels.widget_door import widget_router
from channels.widget_gate import WidgetGate
from channels.widget_identity import HostTokens
from o2c_core.actions.give_rating import give_rating
from o2c_core.actions.receive_message import Incoming
from o2c_core.clock import today
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.page_files import FILE_BYTES_MAX as PAGE_FILE_BYTES_MAX
from o2c_core.conversations.page_files import FILES_MAX
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import Failure, Outage, Refused
from web.api.api import make_api
from web.api.imports import FILE_BYTES_MAX
from web.api.openapi import PREFIX
from web.api.problems import problem
from web.error_pages import error_page, wants_page
from web.headers import secure
from web.pages import pages
from web.pay import pay_pages
from web.pay_state import pay_state_pages
from web.portal.pages import portal_pages
from web.preferences import preference_pages
from web.static_files import static_files

log = logging.getLogger("parley.web")
BODY_BYTES_MAX = 256 * 1024
# Source: twilio.com/docs/sendgrid/for-developers/parsing-email/inbound-email: mails of 30 MB, and the form around them.
MAIL_BYTES_MAX = 31 * 1024 * 1024
EVENTS_BYTES_MAX = 4 * 1024 * 1024
# What an agent sends along: as many files as one message may have, and the form around them.
REPLY_BYTES_MAX = FILES_MAX * PAGE_FILE_BYTES_MAX + 256 * 1024
COMPUTING_TURNS_MAX = 2


def make_application(house: House, settings: Settings) -> FastAPI:
    """The application over an open house. Nothing is started: whoever runs it starts the worker and the index."""
    app = FastAPI(title="Parley", version="0.1.0", docs_url=None, redoc_url=None)
    app.state.is_https = (settings.base_url or "").startswith("https://")
    tokens = ChatTokens(settings.signing_key())
    store = house.store
    door = ChatDoor(_turns(house, settings), tokens, store)

    def ask(token: str, text: str) -> tuple[str, list[dict[str, Any]]]:
        going_on, _ = door.ask(tokens.read(token), text)
        return going_on, door.so_far(tokens.read(going_on))

    app.include_router(chat_router(door))
    app.include_router(live_router(door, store))
    app.include_router(file_router(door, store))
    app.include_router(
        widget_router(
            door,
            tokens=tokens,
            hosts=HostTokens(settings.signing_key(), store),
            give_rating=lambda conversation_id, score, words: give_rating(conversation_id, score, words, store=store),
            store=store,
        )
    )
    app.include_router(
        pages(
            store=store,
            session_for=_sessions(house, tokens),
            is_demo=settings.demo,
            questions=lambda: _examples(house, settings),
            ask=ask,
            doorplate=house.doorplate or doorplate(settings),
            oidc=oidc_terms(settings),
            suggest=lambda conversation_id: suggest(conversation_id, house),
        )
    )
    for router in doors(settings, store):
        app.include_router(router, include_in_schema=False)
    app.include_router(preference_pages(store=store, doorplate=house.doorplate or doorplate(settings)))
    plate = house.doorplate or doorplate(settings)
    paying = next(iter(pay_providers(settings, store.clock).values()), None)
    app.include_router(pay_pages(store=store, doorplate=plate, provider=paying))
    app.include_router(pay_state_pages(store=store, doorplate=plate))
    app.include_router(portal_pages(store=store, doorplate=plate, chat_token=_visit_tokens(tokens)))
    app.mount(PREFIX, make_api(store, may_call_private=settings.webhooks_private))
    app.mount("/static", static_files(), name="static")

    @app.get("/health", include_in_schema=False)
    def health() -> dict[str, str]:
        with store.session() as session:
            session.execute(text("SELECT 1"))
        return {"status": "ok", "knowledge": "ok" if house.knowledge() else "full text only"}

    app.add_middleware(WidgetGate, store=store, tokens=tokens, base_url=settings.base_url)
    app.add_middleware(Doorframe)

    answer_failures(app)
    return app


def answer_failures(app: FastAPI) -> None:
    """What cannot be done is told to a browser by a page and to a program by a problem in JSON."""

    def told(request: Request, status: int, sentence: str) -> Response:
        if wants_page(request):
            return error_page(request, status, sentence)
        return _problem(status, sentence or "Something went wrong on our side.")

    @app.exception_handler(Failure)
    def _refuse(request: Request, failure: Failure) -> Response:
        if isinstance(failure, Refused):
            answer = told(request, status_of(failure), failure.sentence)
            if isinstance(failure, TooManyBegun):
                answer.headers["Retry-After"] = str(failure.fields["wait_seconds"])
            return answer
        return told(request, 503 if isinstance(failure, Outage) else 409, failure.sentence)

    @app.exception_handler(RequestValidationError)
    def _misshapen(request: Request, odd: RequestValidationError) -> Response:
        first = odd.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body")
        return told(request, 422, f"{where or 'The request'}: {first['msg']}.")

    @app.exception_handler(HTTPException)
    def _not_here(request: Request, odd: HTTPException) -> Response:
        if wants_page(request):
            return error_page(request, odd.status_code)
        return JSONResponse({"detail": odd.detail}, odd.status_code, headers=odd.headers)

    @app.exception_handler(Exception)
    def _broken(request: Request, trouble: Exception) -> Response:  # noqa: ARG001 (the server logs it)
        return told(request, 500, "")


def _turns(house: House, settings: Settings) -> Callable[[Incoming], Turn]:
    """Takes turns in the house. With the embedded model a turn is nearly all computing, and more than a few at once
    only wait for Python's own lock; with a provider's they wait for the provider, so there is no limit then."""
    if settings.model is not None:
        return lambda incoming: take_turn(incoming, house)
    few = threading.Semaphore(COMPUTING_TURNS_MAX)

    def turn(incoming: Incoming) -> Turn:
        with few:
            return take_turn(incoming, house)

    return turn


class Doorframe:
    """What every request passes: nothing too large comes in, and every answer carries the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                secure(MutableHeaders(scope=message))
            await send(message)

        length = Headers(scope=scope).get("content-length", "0")
        most = _most(scope["path"])
        if not length.isdigit() or int(length) > most:
            answer = problem if scope["path"].startswith(PREFIX) else _problem
            await answer(413, "That is too much at once.")(scope, receive, send_framed)
            return
        await self._app(scope, _bounded(receive, most), send_framed)


def _most(path: str) -> int:
    """How many bytes may come in at that path."""
    if path.startswith("/conversations/") and path.endswith("/reply"):
        return REPLY_BYTES_MAX
    if path.startswith("/my/") and path.endswith(("/objection", "/complaints/new")):
        return REPLY_BYTES_MAX
    if path.startswith(f"{PREFIX}/imports/"):
        return FILE_BYTES_MAX
    if path == "/sendgrid/inbound" or path.startswith("/sendgrid/inbound/"):
        return MAIL_BYTES_MAX
    if path == "/api/chat/files":
        return FORM_BYTES_MAX
    return EVENTS_BYTES_MAX if path.startswith("/sendgrid/events") else BODY_BYTES_MAX


def _bounded(receive: Receive, most: int) -> Receive:
    """A body that does not say how long it is is cut off when it gets too long, as if the sender had hung up."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return message if seen <= most else {"type": "http.disconnect"}

    return bounded


def _problem(status: int, sentence: str) -> JSONResponse:
    """Source: RFC 9457."""
    return JSONResponse({"status": status, "title": sentence}, status, media_type="application/problem+json")


def _sessions(house: House, tokens: ChatTokens) -> Callable[[UUID | None], str]:
    def session_for(customer_id: UUID | None) -> str:
        whose = select(Customer.seller_id).where(Customer.id == customer_id)
        with house.store.session() as session:
            seller_id = session.scalar(whose) or session.scalars(select(Seller.id).order_by(Seller.ref).limit(1)).one()
        return tokens.sign(Session(seller_id, customer_id))

    return session_for


def _visit_tokens(tokens: ChatTokens) -> Callable[[Conversation], str]:
    """The keys with which a customer's own pages take part in the conversation of their visit."""
    return lambda chat: tokens.sign(
        Session(
            chat.seller_id, chat.customer_id, chat.id, about=chat.about, contact_id=chat.contact_id,
            is_proven=chat.identity == "proven",
        )
    )  # fmt: skip


def _examples(house: House, settings: Settings) -> list[Question]:
    if not settings.demo:
        return []
    with house.store.session() as session:
        zone = session.scalars(select(Seller.time_zone).order_by(Seller.ref).limit(1)).one()
    return list(questions(house.store, today(house.store.clock, zone)))
