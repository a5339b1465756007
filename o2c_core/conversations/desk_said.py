"""What customers read when a person comes, goes, or asks how it went; and who has a conversation in hand."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Overtaken
from o2c_core.staff.user import User
from o2c_core.trail import TrailLine


@dataclass(frozen=True)
class Agent:
    """Who acts at the desk: the user and the name customers read."""

    id: UUID
    name: str


class AlreadyTaken(Overtaken):
    """A colleague has this conversation."""


class NotInHand(Overtaken):
    """This conversation is not in your hands, so nothing was sent."""


class NoSuchConversation(NotFound):
    """That conversation is not here."""


def desk_words(key: str, language: str | None, /, **places: str) -> str:
    return _words(language if language in LANGUAGES else "en")[key].format(**places)


def language_of(session: Session, conversation: Conversation) -> str:
    """What is spoken in the conversation, else by the customer, else by the seller."""
    customer = session.get(Customer, conversation.customer_id) if conversation.customer_id else None
    seller = session.get_one(Seller, conversation.seller_id)
    return conversation.language or (customer.language if customer else None) or seller.language


def locked(session: Session, conversation_id: UUID) -> Conversation:
    """The conversation, held until the transaction ends. Raises: NoSuchConversation."""
    query = select(Conversation).where(Conversation.id == conversation_id).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NoSuchConversation(conversation=str(conversation_id))
    return found


def holder(session: Session, conversation: Conversation) -> tuple[str, datetime | None] | None:
    """Who speaks in the conversation and since when; None while the assistant does."""
    if conversation.speaker != "agent":
        return None
    owner = session.get(User, conversation.owner_id) if conversation.owner_id else None
    last = _last_move(session, conversation)
    if owner is not None:
        # Whoever was given it by a colleague has it, and since when is not told by the line of who took it first.
        is_taker = last is not None and last.what == "taken over" and last.who == owner.name
        return owner.name, last.at if last is not None and is_taker else None
    if last is None:
        return "A colleague", None
    return (last.who, last.at) if last.what == "taken over" else (f"Team {conversation.team or '–'}", None)


def is_let_go(session: Session, conversation: Conversation) -> bool:
    """Whether a person speaks in it and yet nobody has it: it was given to a team, for whoever comes first."""
    last = _last_move(session, conversation)
    return conversation.owner_id is None and last is not None and last.what == "conversation assigned"


def _last_move(session: Session, conversation: Conversation) -> TrailLine | None:
    lines = select(TrailLine).where(
        TrailLine.subject_id == conversation.id, TrailLine.what.in_(("taken over", "conversation assigned"))
    )
    return session.scalars(lines.order_by(TrailLine.at.desc(), TrailLine.id.desc()).limit(1)).one_or_none()


def taken_sentence(session: Session, conversation: Conversation) -> str:
    """ "Bram has had this conversation since 12:04." """
    found = holder(session, conversation)
    if found is None:
        return "Nobody has this conversation: the assistant speaks in it."
    name, since = found
    if since is None:
        return f"{name} has this conversation."
    zone = ZoneInfo(session.get_one(Seller, conversation.seller_id).time_zone)
    return f"{name} has had this conversation since {since.astimezone(zone):%H:%M}."


def is_in_hand_of(conversation: Conversation, agent: Agent) -> bool:
    return conversation.speaker == "agent" and conversation.owner_id == agent.id


@cache
def _words(language: str) -> dict[str, str]:
    tree: dict[str, str] = tomllib.loads(files(__package__).joinpath(f"desk_words/{language}.toml").read_text("utf-8"))
    return tree
