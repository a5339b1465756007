"""Conversations as the seller's people see them: who waits for a person, and one thread with everything it was made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import REASONS, Handoff
from o2c_core.conversations.message import Message
from o2c_core.conversations.model_call import ModelCall
from o2c_core.conversations.proposal import Proposal
from o2c_core.conversations.summary import Summary, summary_of
from o2c_core.customers.customer import Customer
from o2c_core.customers.masked import masked
from o2c_core.money import Money
from web.reader import Reader
from web.receipts import Receipt, receipts_of

CONVERSATIONS_SHOWN = 50
MESSAGES_SHOWN = 200
_FIRST_WORDS = 110
_URGENCY = {"now": ("at once", "bad"), "today": ("today", "warn"), "normal": ("in turn", "calm")}
_STATES = {
    "open": ("waits for an answer", "warn"),
    "confirmed": ("being done", "calm"),
    "done": ("done", "good"),
    "refused": ("could not be done", "bad"),
    "declined": ("declined", "calm"),
    "replaced": ("put right since", "calm"),
    "lapsed": ("never answered", "warn"),
}
# What became of a call of a provider's model, in words for people.
_CALLS = {
    "answered": ("answered", "good"),
    "called_tools": ("looked things up", "good"),
    "refused_by_guard": ("its words were not sent: no receipt", "warn"),
    "timed_out": ("did not answer in time", "bad"),
    "failed": ("failed", "bad"),
    "nonsense": ("answered nonsense", "bad"),
    "over_limit": ("not asked: limit reached", "warn"),
}
CHANNELS = {"email": "email", "sms": "SMS", "whatsapp": "WhatsApp", "chat": "chat", "terminal": "terminal"}


@dataclass(frozen=True)
class Row:
    """A conversation in the list."""

    conversation: Conversation
    customer: str
    words: str
    handoff: Handoff | None

    @property
    def channel(self) -> str:
        return CHANNELS[self.conversation.channel]

    @property
    def waits(self) -> tuple[str, str] | None:
        """Why a person is called and how it looks; None when nobody is."""
        if self.handoff is None:
            return None
        return REASONS.get(self.handoff.reason, (self.handoff.why, ""))[0], _URGENCY[self.handoff.urgency][1]


@dataclass(frozen=True)
class Said:
    """A message with what was made of it."""

    message: Message
    receipts: list[Receipt]
    proposals: list[tuple[Proposal, str, str]]
    calls: list[tuple[ModelCall, str, str]]

    @property
    def author(self) -> str:
        return self.message.author if self.message.author in ("customer", "assistant") else "agent"

    @property
    def intents(self) -> list[str]:
        return [name.replace("_", " ") for name in self.message.understanding.get("intents", ())]

    @property
    def tools(self) -> list[str]:
        return [str(call["name"]).replace("_", " ") for call in self.message.understanding.get("tools", ())]


@dataclass(frozen=True)
class Thread:
    conversation: Conversation
    customer: Customer | None
    said: list[Said]
    handoffs: Sequence[Handoff]
    summary: Summary
    cost: tuple[int, int, int]  # calls, tokens, millionths of the price's currency

    @property
    def title(self) -> str:
        return self.customer.name if self.customer else masked(self.conversation.address) or "Somebody we do not know"

    @property
    def channel(self) -> str:
        return CHANNELS[self.conversation.channel]

    @property
    def packet(self) -> Mapping[str, Any]:
        """Of the newest call for a person; empty when nobody was called."""
        return self.handoffs[-1].packet if self.handoffs else {}

    def stakes(self, reader: Reader) -> list[str]:
        return [
            f"{reader.money(Money(one['open_minor'], one['currency']))} open, "
            f"{reader.money(Money(one['overdue_minor'], one['currency']))} overdue"
            for one in self.packet.get("at_stake", ())
        ]


def conversations(
    session: Session, seller_id: UUID, *, only_waiting: bool, limit: int = CONVERSATIONS_SHOWN
) -> list[Row]:
    """Who waits for a person first, the most urgent and longest waiting first; then the newest."""
    last = (
        select(Message.text)
        .where(Message.conversation_id == Conversation.id, Message.direction == "in")
        .order_by(Message.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rank = case({name: at for at, name in enumerate(_URGENCY)}, value=Handoff.urgency, else_=len(_URGENCY))
    query = (
        select(Conversation, Customer.name, last, Handoff)
        .outerjoin(Customer, Customer.id == Conversation.customer_id)
        .outerjoin(Handoff, (Handoff.conversation_id == Conversation.id) & Handoff.ended_at.is_(None))
        .where(Conversation.seller_id == seller_id)
        .order_by(rank, Handoff.called_at, Conversation.updated_at.desc())
        .limit(limit)
    )
    if only_waiting:
        query = query.where(Handoff.id.is_not(None))
    return [
        Row(conversation, name or masked(conversation.address) or "Somebody we do not know", _short(words), handoff)
        for conversation, name, words, handoff in session.execute(query)
    ]


def waiting_for_person(session: Session, seller_id: UUID) -> int:
    query = select(func.count()).select_from(Handoff).join(Conversation, Conversation.id == Handoff.conversation_id)
    return session.scalar(query.where(Conversation.seller_id == seller_id, Handoff.ended_at.is_(None))) or 0


def thread(session: Session, conversation_id: UUID) -> Thread | None:
    """The whole conversation; None when there is none by that id."""
    found = session.get(Conversation, conversation_id)
    if found is None:
        return None
    messages = session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id)
        .order_by(Message.id.desc())
        .limit(MESSAGES_SHOWN)
    ).all()[::-1]
    offered: dict[UUID, list[tuple[Proposal, str, str]]] = defaultdict(list)
    for proposal in _of(session, Proposal, conversation_id):
        offered[proposal.answer_id].append((proposal, *_STATES[proposal.state]))
    calls: dict[UUID, list[tuple[ModelCall, str, str]]] = defaultdict(list)
    for call in _of(session, ModelCall, conversation_id):
        calls[call.message_id].append((call, *_CALLS[call.outcome]))
    every = [call for of in calls.values() for call, _, _ in of]
    return Thread(
        found,
        session.get(Customer, found.customer_id) if found.customer_id else None,
        [
            Said(one, receipts_of(one.receipts), offered[one.id], calls[one.answers_id] if one.answers_id else [])
            for one in messages
        ],
        _of(session, Handoff, conversation_id),
        summary_of(session, conversation_id),
        (
            len(every),
            sum((call.tokens_in or 0) + (call.tokens_out or 0) for call in every),
            sum(call.cost_micro or 0 for call in every),
        ),
    )


def _of(session: Session, what: Any, conversation_id: UUID) -> list[Any]:
    return list(session.scalars(select(what).where(what.conversation_id == conversation_id).order_by(what.id)))


def _short(words: str | None) -> str:
    words = " ".join((words or "").split())
    return words if len(words) <= _FIRST_WORDS else f"{words[: _FIRST_WORDS - 1].rstrip()}…"
