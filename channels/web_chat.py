"""The web chat's door: an HTTP API over which a page talks with the assistant."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Protocol
from uuid import UUID

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, BeforeValidator, Field
from sqlalchemy import select

from channels.chat_session import ChatTokens, Session, SessionNotValid
from channels.chat_shown import ELSEWHERE, NOT_SHOWN, files_with, shown
from o2c_core.actions.receive_message import Incoming
from o2c_core.conversations.choices import Choices, choices_of
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.heard import HeardFile
from o2c_core.conversations.host_token import HostTokenNotValid
from o2c_core.conversations.message import Message
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.integrations.rate import Rate
from o2c_core.store.store import Store

__all__ = ["ChatDoor", "ChatTokens", "Limits", "Session", "SessionNotValid", "chat_router", "status_of"]

MESSAGES_SHOWN = 200


class SellerUnclear(Refused):
    """There is no such seller here; name one of the sellers of this installation."""


class TooManyBegun(Refused):
    """Too much came from this address at once; please try again in a minute."""


class Turn(Protocol):
    """What came of a message, as the assistant's side hands it over."""

    @property
    def conversation_id(self) -> UUID: ...

    @property
    def message_id(self) -> UUID: ...

    @property
    def choices(self) -> Choices | None: ...

    def as_json(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Limits:
    """How much people nobody knows may begin from one address, counted in this process."""

    sessions: Rate = field(default_factory=lambda: Rate(per_second=0.5, at_once=60))
    conversations: Rate = field(default_factory=lambda: Rate(per_second=0.2, at_once=30))
    files: Rate = field(default_factory=lambda: Rate(per_second=0.1, at_once=15))

    @staticmethod
    def check(rate: Rate, address: str) -> None:
        """Raises: TooManyBegun."""
        wait = rate.take(_place(address))
        if wait:
            raise TooManyBegun(wait_seconds=round(wait + 0.5))


def whole(text: object) -> object:
    """JSON can carry halves of characters, which no text may hold; they are left out."""
    return text.encode("utf-8", "ignore").decode() if isinstance(text, str) else text


class Question(BaseModel):
    """What the page sends."""

    text: Annotated[str, BeforeValidator(whole)] = Field(
        description="What the customer wrote, at most 8,000 characters."
    )
    message_id: Annotated[str, BeforeValidator(whole)] | None = Field(
        None,
        max_length=100,
        description="The page's own id of this message; sending it twice gets the same answer twice.",
    )
    seller: Annotated[str, BeforeValidator(whole)] | None = Field(
        None, max_length=100, description="Which seller is meant, where there are several and no session says so."
    )


class ChatDoor:
    """What a page can do: ask, and read back the conversation so far. The token says who is writing."""

    def __init__(
        self, take_turn: Callable[[Incoming], Turn], tokens: ChatTokens, store: Store, limits: Limits | None = None
    ) -> None:
        self._take_turn = take_turn
        self._tokens = tokens
        self._store = store
        self.limits = limits or Limits()

    def ask(
        self, session: Session, text: str, message_id: str | None = None, files: tuple[HeardFile, ...] = ()
    ) -> tuple[str, Turn]:
        """The token to go on with and what came of the message.

        Raises: NothingWritten; TooLong; NotFound when the conversation is not this writer's.
        """
        turn = self._take_turn(
            Incoming(
                seller_id=session.seller_id,
                channel="chat",
                text=text,
                customer_id=session.customer_id,
                identity=session.identity,
                conversation_id=session.conversation_id,
                sender_key=f"{session.visit}:{message_id}" if message_id is not None else None,
                contact_id=session.contact_id,
                about=session.about,
                files=files,
            )
        )
        return self._tokens.sign(replace(session, conversation_id=turn.conversation_id)), turn

    def answer(
        self, session: Session, address: str, text: str, message_id: str | None, files: tuple[HeardFile, ...] = ()
    ) -> dict[str, Any]:
        """The same for whoever asks over the network, as they are told it.

        Raises: TooManyBegun, too.
        """
        if session.customer_id is None and session.conversation_id is None:
            self.limits.check(self.limits.conversations, address)
        token, turn = self.ask(session, text, message_id, files)
        return {"session": token, "id": str(turn.message_id), "choices": turn.choices, **_told(turn.as_json())}

    def so_far(self, session: Session) -> list[dict[str, Any]]:
        """The latest messages of the session's conversation, oldest first, as pages show them.

        Only the last of them may invite `choices`, and only while the assistant speaks: a person asks in their own words.
        """
        if session.conversation_id is None:
            return []
        query = (
            select(Message)
            .where(Message.conversation_id == session.conversation_id, Message.delivery.not_in(NOT_SHOWN))
            .where(Message.purpose != ELSEWHERE)
            .order_by(Message.id.desc())
            .limit(MESSAGES_SHOWN)
        )
        with self._store.session() as opened:
            messages = list(opened.scalars(query))[::-1]
            conversation = opened.get_one(Conversation, session.conversation_id)
            asking = messages[-1] if messages and conversation.speaker == "assistant" else None
            files = files_with(opened, messages)
        return [
            shown(message, files) | {"choices": choices_of(message.understanding) if message is asking else None}
            for message in messages
        ]

    def session(self, authorization: str | None, seller_ref: str | None = None) -> Session:
        """Who a request comes from: the token's session, or a new one of a stranger.

        Raises: SessionNotValid; SellerUnclear.
        """
        if authorization is not None:
            return self._tokens.bearer(authorization)
        with self._store.session() as opened:
            query = select(Seller.id)
            sellers = list(opened.scalars(query.where(Seller.ref == seller_ref) if seller_ref else query.limit(2)))
        if len(sellers) != 1:
            raise SellerUnclear
        return Session(sellers[0])


def chat_router(door: ChatDoor) -> APIRouter:
    """`POST /api/chat` answers a message; `GET /api/chat` gives the conversation so far.

    The session token (header `Authorization: Bearer …`) says who is writing. Without one, a stranger's conversation is
    begun; the answer holds the token to go on with.
    """
    router = APIRouter(prefix="/api", tags=["chat"])

    @router.post("/chat")
    def ask(
        question: Question, request: Request, authorization: Annotated[str | None, Header()] = None
    ) -> dict[str, Any]:
        session = door.session(authorization, question.seller)
        return door.answer(session, address_of(request), question.text, question.message_id)

    @router.get("/chat")
    def so_far(authorization: Annotated[str | None, Header()] = None) -> dict[str, Any]:
        return {"messages": door.so_far(door.session(authorization))}

    return router


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def status_of(failure: Refused) -> int:
    """The HTTP status that says what kind of no it is."""
    if isinstance(failure, SessionNotValid | HostTokenNotValid):
        return 401
    if isinstance(failure, TooManyBegun):
        return 429
    return 404 if isinstance(failure, NotFound) else 400


def _told(said: dict[str, Any]) -> dict[str, Any]:
    """What a page is told: of a proposal what the customer reads, and not the keys and addresses it is done with."""
    offered = said.get("proposal")
    if offered is not None:
        said = said | {"proposal": {name: offered[name] for name in ("kind", "says")}}
    return said


def _place(address: str) -> str:
    """Of an IPv6 address the network: whoever has one has all of it. Source: RFC 6177."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
