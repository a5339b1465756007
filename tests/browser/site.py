"""The front page with the chat's real API, a real server and an assistant that always looks up the same invoice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import select

from channels.chat_live import live_router
from channels.web_chat import ChatDoor, ChatTokens, Session, chat_router, status_of
from o2c_core.actions.answer_message import Answer, answer_message
from o2c_core.actions.receive_message import Incoming, receive_message
from o2c_core.conversations.choices import Choices
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.store.store import Store
from tests.web.opened import key_of_somebody
from web.desk.door import COOKIE
from web.pages import pages
from web.static_files import static_files

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

# The ledger behind each address.
_SERVED: dict[str, Store] = {}
ANSWER = "Factuur INV-2026-0042 is open.\nHet gaat om € 125,00.\n• te betalen op 16 maart 2026"
OFFER = "Ik mail een kopie van INV-2026-0042.\n\nZal ik dat doen?"
GUESS = "Ik weet niet zeker of ik u begrijp. Wilt u weten wat er openstaat?"
# What is answered to these words, and what the answer is understood to ask for.
ASKING: dict[str, tuple[str, Choices, dict[str, Any]]] = {
    "een kopie graag": (OFFER, "offer", {"offers": 1}),
    "hoe zit dat": (GUESS, "guess", {"asks": "meant:account_balance"}),
}
FACTS = [
    {"id": "f1", "text": "INV-2026-0042", "source": "invoice INV-2026-0042 at 2026-03-16T11:00:00Z"},
    {"id": "f2", "text": "€ 125,00", "source": "invoice INV-2026-0042 open at 2026-03-16T11:00:00Z"},
]


@dataclass
class Turn:
    """What the stand-in assistant made of a message."""

    conversation_id: UUID
    message_id: UUID
    reply: str | None
    choices: Choices | None = None

    def as_json(self) -> dict[str, Any]:
        return {"reply": self.reply, "facts": FACTS if self.reply else []}


@dataclass(frozen=True)
class Site:
    """Where it is served, the ledger under it, and the pages to look at."""

    address: str
    store: Store
    pages: tuple[str, ...]


@dataclass(frozen=True)
class Example:
    """A question to try."""

    customer_ref: str
    text: str


def stand_in(store: Store, seconds: float = 0.0) -> Callable[[Incoming], Turn]:
    """Stores the message and one answer to it, as the assistant does; "?!" gets no answer, as when a person speaks,
    and the words of ASKING are asked back about."""

    def take_turn(incoming: Incoming) -> Turn:
        received = receive_message(incoming, store=store)
        if received.is_repeat:
            return Turn(received.conversation.id, received.message_id, received.reply.text if received.reply else None)
        time.sleep(seconds)
        if incoming.text == "?!":
            return Turn(received.conversation.id, received.message_id, None)
        says, choices, understanding = ASKING.get(incoming.text, (ANSWER, None, {}))
        answer = Answer(says, "nl", FACTS, understanding, introduces=False)
        answer_message(
            answer,
            conversation_id=received.conversation.id,
            message_id=received.message_id,
            was=received.version,
            store=store,
        )
        return Turn(received.conversation.id, received.message_id, says, choices)

    return take_turn


def application(
    store: Store, *, is_demo: bool = True, seconds: float = 0.0, examples: tuple[Example, ...] = ()
) -> FastAPI:
    """The pages and the chat's API on one ledger."""
    app, tokens = FastAPI(), ChatTokens("key of the tests")
    app.state.store = store
    door = ChatDoor(stand_in(store, seconds), tokens, store)

    def session_for(customer_id: UUID | None) -> str:
        with store.session() as session:
            return tokens.sign(Session(session.scalars(select(Seller.id)).one(), customer_id))

    def ask(token: str, text: str) -> tuple[str, list[dict[str, Any]]]:
        going_on, _ = door.ask(tokens.read(token), text)
        return going_on, door.so_far(tokens.read(going_on))

    app.include_router(chat_router(door))
    app.include_router(live_router(door, store))
    app.include_router(
        pages(store=store, session_for=session_for, is_demo=is_demo, questions=lambda: examples, ask=ask)
    )
    app.mount("/static", static_files())

    @app.exception_handler(Refused)
    def _refuse(request: Request, refused: Refused) -> JSONResponse:
        return JSONResponse({"title": refused.sentence}, status_of(refused))

    return app


@contextmanager
def served(app: FastAPI, port: int = 0) -> Iterator[str]:
    """The address at which the application is served, on a free port or the given one."""
    config = uvicorn.Config(app, port=port, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < until, "the server did not start"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    if hasattr(app.state, "store"):
        _SERVED[address] = app.state.store
    yield address
    server.should_exit = True
    thread.join(timeout=10)


def sign_in(
    context: BrowserContext, address: str, store: Store | None = None, role: str = "admin", name: str = "Eva"
) -> None:
    """From here on somebody of that role is signed in in that browser, on the ledger that is served there."""
    store = store or _SERVED[address]
    context.add_cookies([{"name": COOKIE, "value": key_of_somebody(store, role, name), "url": address}])
