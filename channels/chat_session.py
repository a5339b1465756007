"""Who is chatting and in which conversation, as a token that a page can hold and not change."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import UUID

from itsdangerous import BadSignature, URLSafeTimedSerializer

from o2c_core.conversations.identity import Identity
from o2c_core.errors import Refused
from o2c_core.keys import new_key

TOKEN_SECONDS_MAX = 12 * 3600
ABOUT_CHARACTERS_MAX = 80


class SessionNotValid(Refused):
    """That chat session is not valid or has ended; please start again."""


@dataclass(frozen=True)
class Session:
    """`visit` tells one page from another: a page's own message ids are only unique within it.

    `about` is what they were looking at when they began, as "invoice INV-2026-0042"; it opens nothing that is not theirs.
    Who holds a customer's link and has not proven to be them is not `is_proven`: they are told nothing of the account
    before they wrote the code we send them.
    """

    seller_id: UUID
    customer_id: UUID | None = None
    conversation_id: UUID | None = None
    visit: UUID = field(default_factory=new_key)
    about: str | None = None
    contact_id: UUID | None = None
    is_proven: bool = True

    @property
    def identity(self) -> Identity:
        if self.customer_id is None:
            return "stranger"
        return "proven" if self.is_proven else "known"

    def may_go_on_as(self, earlier: Session) -> bool:
        """Whether whoever begins now is who began that session, so that they may take it up again where it was."""
        return replace(earlier, conversation_id=None, visit=self.visit) == replace(self, conversation_id=None)


class ChatTokens:
    """Signs and reads chat sessions. A token is good for twelve hours."""

    def __init__(self, key: str) -> None:
        self._signer = URLSafeTimedSerializer(key, salt="parley-chat")

    def sign(self, session: Session) -> str:
        ids = (session.seller_id, session.customer_id, session.conversation_id, session.visit, session.contact_id)
        shown = [one.hex if one else None for one in ids]
        return str(self._signer.dumps([*shown, session.about, session.is_proven]))

    def read(self, token: str) -> Session:
        """Raises: SessionNotValid."""
        try:
            *ids, about, is_proven = self._signer.loads(token, max_age=TOKEN_SECONDS_MAX)
            seller, customer, conversation, visit, contact = (UUID(one) if one else None for one in ids)
        except (BadSignature, ValueError, TypeError) as forged:
            raise SessionNotValid from forged
        if seller is None or visit is None:
            raise SessionNotValid
        return Session(seller, customer, conversation, visit, about, contact, bool(is_proven))

    def bearer(self, authorization: str) -> Session:
        """The session of an Authorization header. Raises: SessionNotValid."""
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer":
            raise SessionNotValid
        return self.read(token.strip())


def tidy_about(text: str | None) -> str | None:
    """What a page says it is about, as far as it can be that."""
    words = " ".join((text or "").split())
    return words if words and words.isprintable() and len(words) <= ABOUT_CHARACTERS_MAX else None
