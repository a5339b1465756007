"""Conversations as the seller's people see them in a list: who waits for a person and why, and what else is going on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import REASONS, URGENCIES, Handoff
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.masked import masked
from o2c_core.money import Money
from web.reader import Reader

CONVERSATIONS_SHOWN = 50
# What may be shown of them, with the title of that choice.
SHOWS = {"": "All", "waiting": "Waiting for a person", "agent": "With a colleague"}
URGENCY = {"now": ("at once", "bad"), "today": ("today", "warn"), "normal": ("in turn", "calm")}
CHANNELS = {"email": "Email", "sms": "SMS", "whatsapp": "WhatsApp", "chat": "Chat", "terminal": "Terminal"}
NOBODY_KNOWN = "Somebody we do not know"
_WORDS_SHOWN = 140
_WHO_WAITS = Handoff.ended_at.is_(None)


@dataclass(frozen=True)
class Row:
    """A conversation in the list: what was heard last, and what we wrote last (a mail by its subject)."""

    conversation: Conversation
    customer: str
    heard: str
    written: str
    handoff: Handoff | None

    @property
    def channel(self) -> str:
        return CHANNELS[self.conversation.channel]

    @property
    def why(self) -> str:
        """Why a person is called, in a few words; empty when nobody is."""
        return why_called(self.handoff) if self.handoff else ""

    @property
    def urgency(self) -> tuple[str, str]:
        """How much of a hurry it is in, and how that looks."""
        return URGENCY[self.handoff.urgency] if self.handoff else ("", "")

    def stakes(self, reader: Reader) -> list[str]:
        """What is open on the account, by currency."""
        packet = self.handoff.packet if self.handoff else {}
        return [reader.money(open_) for open_, _ in at_stake(packet)]


@dataclass(frozen=True)
class Looked:
    """Which conversations somebody looks for: words in the customer's name or number, a choice of SHOWS, older than which."""

    words: str = ""
    show: str = ""
    before: UUID | None = None


ALL = Looked()


def conversations(
    session: Session, seller_id: UUID, looked: Looked = ALL, limit: int = CONVERSATIONS_SHOWN
) -> list[Row]:
    """Who waits for a person first, the most urgent and longest waiting on top; then the newest, one more than `limit`
    when there are more. Those older than one of them are only of the others."""
    rank = case({name: at for at, name in enumerate(URGENCIES)}, value=Handoff.urgency, else_=len(URGENCIES))
    heard, written = _last("in", Message.text), _last("out", func.coalesce(Message.subject, Message.text))
    what: Any = select(Conversation, Customer.name, heard, written, Handoff)
    query = _narrowed(what, seller_id, looked)
    if looked.before is not None:
        mark = session.get(Conversation, looked.before)
        if mark is not None:
            here = (Conversation.updated_at, Conversation.id)
            query = query.where(Handoff.id.is_(None), _older(here, (mark.updated_at, mark.id)))
    query = query.order_by(rank, Handoff.called_at, Conversation.updated_at.desc(), Conversation.id.desc())
    return [
        Row(
            one.Conversation,
            one.name or writer_of(one.Conversation),
            _short(one.heard),
            _short(one.written),
            one.Handoff,
        )
        for one in session.execute(query.limit(limit + 1))
    ]


def counts(session: Session, seller_id: UUID, words: str = "") -> Mapping[str, int]:
    """How many conversations there are of each of SHOWS."""
    is_with_agent = Conversation.speaker == "agent"
    what: Any = select(func.count(), func.count(Handoff.id), func.count().filter(is_with_agent))
    found = session.execute(_narrowed(what, seller_id, Looked(words))).one()
    return dict(zip(SHOWS, map(int, found), strict=True))


def why_called(handoff: Handoff) -> str:
    """The reason in words for people; of a reason no longer in use, what was noted with it."""
    return REASONS.get(handoff.reason, (handoff.why, ""))[0]


def at_stake(packet: Mapping[str, Any]) -> list[tuple[Money, Money]]:
    """What was open and overdue on the account when a person was called, by currency."""
    return [
        (Money(one["open_minor"], one["currency"]), Money(one["overdue_minor"], one["currency"]))
        for one in packet.get("at_stake", ())
    ]


def writer_of(conversation: Conversation) -> str:
    """Somebody whom no customer is known for, by an address that cannot be used."""
    return masked(conversation.address) if conversation.address else NOBODY_KNOWN


def waited(since: datetime, now: datetime) -> str:
    """ "4 min", "2 h 10 min", "3 days": how long somebody has been waiting."""
    gone = max(now - since, timedelta())
    minutes = int(gone.total_seconds()) // 60
    if gone >= timedelta(days=2):
        return f"{gone.days} days"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def _narrowed(query: Select[Any, Any], seller_id: UUID, looked: Looked) -> Select[Any, Any]:
    query = (
        query.select_from(Conversation)
        .outerjoin(Customer, Customer.id == Conversation.customer_id)
        .outerjoin(Handoff, (Handoff.conversation_id == Conversation.id) & _WHO_WAITS)
        .where(Conversation.seller_id == seller_id)
    )
    if looked.words:
        named = (one.icontains(looked.words, autoescape=True) for one in (Customer.name, Customer.ref))
        query = query.where(or_(*named))
    if looked.show == "waiting":
        return query.where(Handoff.id.is_not(None))
    return query.where(Conversation.speaker == "agent") if looked.show == "agent" else query


def _last(direction: str, what: Any) -> Any:
    found = select(what).where(Message.conversation_id == Conversation.id, Message.direction == direction)
    return (
        found.order_by(Message.id.desc()).limit(1).scalar_subquery().label("heard" if direction == "in" else "written")
    )


def _older(here: Sequence[Any], mark: Sequence[Any]) -> Any:
    (at, key), (mark_at, mark_key) = here, mark
    return or_(at < mark_at, (at == mark_at) & (key < mark_key))


def _short(words: str | None) -> str:
    words = " ".join((words or "").split())
    return words if len(words) <= _WORDS_SHOWN else f"{words[: _WORDS_SHOWN - 1].rstrip()}…"
