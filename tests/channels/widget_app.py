"""The chat's whole API as a company's site meets it, over a stand-in that answers every message with the same words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from channels.chat_files import file_router
from channels.chat_live import live_router
from channels.web_chat import ChatDoor, ChatTokens, Limits, chat_router, status_of
from channels.widget_door import widget_router
from channels.widget_gate import WidgetGate
from channels.widget_identity import HostTokens
from o2c_core.actions.answer_message import Answer, answer_message
from o2c_core.actions.give_rating import give_rating
from o2c_core.actions.receive_message import Incoming, receive_message
from o2c_core.conversations.choices import Choices
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.store.store import Store

SECRET = "secret of the widget's tests"
SITE = "https://www.vandijk.example"


@dataclass
class Turn:
    conversation_id: UUID
    message_id: UUID
    reply: str | None
    choices: Choices | None = None

    def as_json(self) -> dict[str, Any]:
        return {"reply": self.reply}


def answered(store: Store, incoming: Incoming) -> Turn:
    received = receive_message(incoming, store=store)
    if received.is_repeat or received.conversation.speaker == "agent":
        return Turn(received.conversation.id, received.message_id, received.reply.text if received.reply else None)
    answer_message(
        Answer("Noted.", "en"), conversation_id=received.conversation.id, message_id=received.message_id,
        was=received.version, store=store,
    )  # fmt: skip
    return Turn(received.conversation.id, received.message_id, "Noted.")


def widget_app(store: Store, limits: Limits | None = None, base_url: str | None = None) -> FastAPI:
    app, tokens = FastAPI(), ChatTokens(SECRET)
    door = ChatDoor(lambda incoming: answered(store, incoming), tokens, store, limits)
    app.include_router(chat_router(door))
    app.include_router(live_router(door, store))
    app.include_router(file_router(door, store))

    def give(conversation_id: UUID, score: int, words: str | None) -> object:
        return give_rating(conversation_id, score, words, store=store)

    app.include_router(
        widget_router(door, tokens=tokens, hosts=HostTokens(SECRET, store), give_rating=give, store=store)
    )
    app.add_middleware(WidgetGate, store=store, tokens=tokens, base_url=base_url)

    @app.exception_handler(Refused)
    def _refuse(request: Request, refused: Refused) -> JSONResponse:
        return JSONResponse({"title": refused.sentence}, status_of(refused))

    return app


def allow(seller: Seller, *origins: str, accent: str | None = None) -> None:
    seller.settings = {**(seller.settings or {}), "chat": {"origins": list(origins), "accent": accent}}
