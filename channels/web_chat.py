"""The web chat's door: an HTTP API over which a page talks with the assistant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Protocol
from uuid import UUID

from fastapi import APIRouter, Header
from itsdangerous import BadSignature, URLSafeTimedSerializer
from pydantic import BaseModel, BeforeValidator, Field
from sqlalchemy import select

from o2c_core.actions.receive_message import Incoming
from o2c_core.conversations.choices import Choices, choices_of
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.keys import new_key
from o2c_core.store.store import Store

TOKEN_SECONDS_MAX = 12 * 3600
MESSAGES_SHOWN = 200


class SessionNotValid(Refused):
    """That chat session is not valid or has ended; please start again."""


class SellerUnclear(Refused):
    """There is no such seller here; name one of the sellers of this installation."""


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
class Session:
    """Who is chatting and in which conversation; signed, so that a page can hold it but not change it.

    `visit` tells one page from another: a page's own message ids are only unique within it.
    """

    seller_id: UUID
    customer_id: UUID | None = None
    conversation_id: UUID | None = None
    visit: UUID = field(default_factory=new_key)


class ChatTokens:
    """Signs and reads chat sessions. A token is good for twelve hours."""

    def __init__(self, key: str) -> None:
        self._signer = URLSafeTimedSerializer(key, salt="parley-chat")

    def sign(self, session: Session) -> str:
        parts = (session.seller_id, session.customer_id, session.conversation_id, session.visit)
        return str(self._signer.dumps([part.hex if part else None for part in parts]))

    def read(self, token: str) -> Session:
        """Raises: SessionNotValid."""
        try:
            parts = self._signer.loads(token, max_age=TOKEN_SECONDS_MAX)
            seller, customer, conversation, visit = (UUID(part) if part else None for part in parts)
        except (BadSignature, ValueError, TypeError) as forged:
            raise SessionNotValid from forged
        if seller is None or visit is None:
            raise SessionNotValid
        return Session(seller, customer, conversation, visit)


def _whole(text: object) -> object:
    """JSON can carry halves of characters, which no text may hold; they are left out."""
    return text.encode("utf-8", "ignore").decode() if isinstance(text, str) else text


class Question(BaseModel):
    """What the page sends."""

    text: Annotated[str, BeforeValidator(_whole)] = Field(
        description="What the customer wrote, at most 8,000 characters."
    )
    message_id: Annotated[str, BeforeValidator(_whole)] | None = Field(
        None,
        max_length=100,
        description="The page's own id of this message; sending it twice gets the same answer twice.",
    )
    seller: Annotated[str, BeforeValidator(_whole)] | None = Field(
        None, max_length=100, description="Which seller is meant, where there are several and no session says so."
    )


class ChatDoor:
    """What a page can do: ask, and read back the conversation so far. The token says who is writing."""

    def __init__(self, take_turn: Callable[[Incoming], Turn], tokens: ChatTokens, store: Store) -> None:
        self._take_turn = take_turn
        self._tokens = tokens
        self._store = store

    def ask(self, session: Session, text: str, message_id: str | None = None) -> tuple[str, Turn]:
        """The token to go on with and what came of the message.

        Raises: NothingWritten; TooLong; NotFound when the conversation is not this writer's.
        """
        turn = self._take_turn(
            Incoming(
                seller_id=session.seller_id,
                channel="chat",
                text=text,
                customer_id=session.customer_id,
                identity="proven" if session.customer_id else "stranger",
                conversation_id=session.conversation_id,
                sender_key=f"{session.visit}:{message_id}" if message_id is not None else None,
            )
        )
        return self._tokens.sign(replace(session, conversation_id=turn.conversation_id)), turn

    def so_far(self, session: Session) -> list[dict[str, Any]]:
        """The latest messages of the session's conversation, oldest first, as pages show them.

        Only the last of them may invite `choices`, and only while the assistant speaks: a person asks in their own words.
        """
        if session.conversation_id is None:
            return []
        query = (
            select(Message)
            .where(Message.conversation_id == session.conversation_id)
            .order_by(Message.id.desc())
            .limit(MESSAGES_SHOWN)
        )
        with self._store.session() as opened:
            messages = list(opened.scalars(query))[::-1]
            conversation = opened.get_one(Conversation, session.conversation_id)
            asking = messages[-1] if messages and conversation.speaker == "assistant" else None
        return [
            {
                "id": str(message.id),
                "author": message.author,
                "text": message.text,
                "language": message.language,
                "facts": message.receipts,
                "at": message.created_at.isoformat(),
                "choices": choices_of(message.understanding) if message is asking else None,
            }
            for message in messages
        ]

    def session(self, authorization: str | None, seller_ref: str | None = None) -> Session:
        """Who a request comes from: the token's session, or a new one of a stranger.

        Raises: SessionNotValid; SellerUnclear.
        """
        if authorization is not None:
            kind, _, token = authorization.partition(" ")
            if kind.lower() != "bearer":
                raise SessionNotValid
            return self._tokens.read(token.strip())
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
    def ask(question: Question, authorization: Annotated[str | None, Header()] = None) -> dict[str, Any]:
        session = door.session(authorization, question.seller)
        token, turn = door.ask(session, question.text, question.message_id)
        return {"session": token, "id": str(turn.message_id), "choices": turn.choices, **_shown(turn.as_json())}

    @router.get("/chat")
    def so_far(authorization: Annotated[str | None, Header()] = None) -> dict[str, Any]:
        return {"messages": door.so_far(door.session(authorization))}

    return router


def _shown(said: dict[str, Any]) -> dict[str, Any]:
    """What a page is told: of a proposal what the customer reads, and not the keys and addresses it is done with."""
    offered = said.get("proposal")
    if offered is not None:
        said = said | {"proposal": {name: offered[name] for name in ("kind", "says")}}
    return said


def status_of(failure: Refused) -> int:
    """The HTTP status that says what kind of no it is."""
    if isinstance(failure, SessionNotValid):
        return 401
    return 404 if isinstance(failure, NotFound) else 400
