"""What went out, or is about to: the messages that leave by email, SMS or WhatsApp, and where each is on its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import DELIVERY, Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.masked import masked

LETTERS_SHOWN = 50
CHANNELS_OUT = ("email", "sms", "whatsapp")
CHANNEL_NAMES = {"email": "email", "sms": "SMS", "whatsapp": "WhatsApp"}

# What each state means, as the page says it, and whether it is good, bad or neither.
STATES: dict[str, tuple[str, str]] = {
    "draft": ("Waits for approval", "warn"),
    "queued": ("Waiting to be sent", "calm"),
    "sending": ("Being sent", "calm"),
    "sent": ("Sent", "good"),
    "delivered": ("Delivered", "good"),
    "failed": ("Failed", "bad"),
    "uncertain": ("Outcome unknown", "warn"),
    "withdrawn": ("Withdrawn", "calm"),
}
STATE_NAMES = tuple(state for state in DELIVERY if state in STATES)


@dataclass(frozen=True)
class Letter:
    """A message on its way out, with the customer it is for."""

    message: Message
    customer: str

    @property
    def to(self) -> str:
        return masked(self.message.address)

    @property
    def title(self) -> str:
        """The subject; of a text message its first words."""
        words = self.message.subject or " ".join(self.message.text.split())
        return words if len(words) <= 90 else f"{words[:89].rstrip()}…"

    @property
    def is_kept(self) -> bool:
        """True when nothing left the house: the message was kept instead of sent."""
        return self.message.carrier == "captured"

    @property
    def state(self) -> str:
        if self.is_kept and self.message.delivery == "sent":
            return "Kept, not sent"
        return STATES[self.message.delivery][0]

    @property
    def channel(self) -> str:
        return CHANNEL_NAMES[self.message.channel]

    @property
    def why(self) -> str | None:
        """What people need to know of the state: why it waits, failed or was withdrawn; None when there is nothing."""
        if self.message.delivery == "queued":
            return self.message.waits_why
        if self.message.delivery == "uncertain":
            return "Nobody knows whether it left. The provider is asked; it is not sent again unless a person says so."
        return self.message.failed_why if self.message.delivery in ("failed", "withdrawn") else None

    @property
    def tone(self) -> str:
        return STATES[self.message.delivery][1]


@dataclass(frozen=True)
class Wanted:
    """Which letters somebody looks for: words in the subject or the customer's name, a state, and older than which."""

    words: str = ""
    state: str = ""
    before: UUID | None = None


EVERYTHING = Wanted()


def letters(
    session: Session, seller_id: UUID, wanted: Wanted = EVERYTHING, limit: int = LETTERS_SHOWN
) -> Sequence[Letter]:
    """The newest letters first, one more than `limit` when there are more."""
    query = _narrowed(_outgoing(seller_id, Message, Customer.name), wanted)
    if wanted.before is not None:
        query = query.where(Message.id < wanted.before)
    found = session.execute(query.order_by(Message.id.desc()).limit(limit + 1))
    return [Letter(message, customer or "Somebody we do not know") for message, customer in found]


def counts(session: Session, seller_id: UUID, words: str = "") -> dict[str, int]:
    """How many letters there are in each state."""
    query = _narrowed(_outgoing(seller_id, Message.delivery, func.count()), Wanted(words)).group_by(Message.delivery)
    return {state: int(count) for state, count in session.execute(query)}


def letter(session: Session, message_id: UUID) -> Letter | None:
    """The one letter; None when there is none by that id."""
    query = _outgoing(None, Message, Customer.name).where(Message.id == message_id)
    found = session.execute(query).one_or_none()
    return Letter(found[0], found[1] or "Somebody we do not know") if found else None


def _outgoing(seller_id: UUID | None, *what: Any) -> Select[Any, Any]:
    query: Select[Any, Any] = (
        select(*what)
        .select_from(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(Customer, Customer.id == Conversation.customer_id)
        .where(Message.direction == "out", Message.channel.in_(CHANNELS_OUT))
    )
    return query if seller_id is None else query.where(Conversation.seller_id == seller_id)


def _narrowed(query: Select[Any, Any], wanted: Wanted) -> Select[Any, Any]:
    if wanted.words:
        named = Customer.name.icontains(wanted.words, autoescape=True)
        query = query.where(or_(named, Message.subject.icontains(wanted.words, autoescape=True)))
    return query.where(Message.delivery == wanted.state) if wanted.state else query
