"""One conversation with everything it was made of: what was said, understood, looked up, proposed and done, and who spoke."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import Handoff
from o2c_core.conversations.message import Message
from o2c_core.conversations.model_call import ModelCall
from o2c_core.conversations.proposal import Proposal
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.conversations.summary import Summary, summary_of
from o2c_core.customers.customer import Customer
from o2c_core.invoices.account import Balance, balances
from o2c_core.trail import TrailLine
from web.conversations import CHANNELS, URGENCY, why_called, writer_of
from web.outbox import CHANNELS_OUT
from web.reader import Reader
from web.receipts import Receipt, receipts_of

MESSAGES_SHOWN = 200
STATES = {
    "open": ("waits for a yes or no", "warn"),
    "confirmed": ("agreed, being done", "calm"),
    "done": ("done", "good"),
    "refused": ("could not be done", "bad"),
    "declined": ("declined", "calm"),
    "replaced": ("put right since", "calm"),
    "lapsed": ("never answered", "warn"),
}
# What became of a call of a provider's model, in words for people.
CALLS = {
    "answered": ("answered", "good"),
    "called_tools": ("looked things up", "good"),
    "refused_by_guard": ("its words were not sent: no receipt", "warn"),
    "timed_out": ("did not answer in time", "bad"),
    "failed": ("failed", "bad"),
    "nonsense": ("answered nonsense", "bad"),
    "over_limit": ("not asked: limit reached", "warn"),
}
# What intents, kinds of proposals and tools are called where their name with spaces would not do.
_NAMES = {
    "human": "a person", "out_of_scope": "something else", "policy_question": "how things work", "confirm": "yes",
    "deny": "no", "opt_out": "no more messages", "wrong_contact": "not the right person", "ask_back": "asked back",
    "update_contact": "other contact details", "change_contact": "other contact details", "plan": "payment plan",
    "promise": "promise to pay", "promise_to_pay": "promise to pay",
}  # fmt: skip
_COURTESIES = ("greeting", "thanks", "confirm", "deny", "out_of_scope")
_PURPOSES = {"reminder": "Reminder", "confirmation": "Confirmation", "code": "One-time code", "document": "Document"}
_MARKS = {
    "person called": "A person was called",
    "taken over": "took over",
    "handed back": "handed back to the assistant",
}
_DELIVERED = ("received", "sent", "delivered")


def named(code: str) -> str:
    """A code of ours in words for people."""
    return _NAMES.get(code, code.replace("_", " "))


@dataclass(frozen=True)
class Said:
    """A message with what was made of it."""

    message: Message
    receipts: Sequence[Receipt]
    proposals: Sequence[Proposal]
    calls: Sequence[ModelCall]
    files: int

    @property
    def at(self) -> datetime:
        return self.message.created_at

    @property
    def side(self) -> str:
        if self.message.direction == "in":
            return "customer"
        return "assistant" if self.message.author in ("assistant", "system") else "agent"

    @property
    def by(self) -> str:
        """Whose words they are; of what is sent by itself, what it is."""
        if self.side == "customer":
            return "Customer"
        if self.side == "agent":
            return self.message.author
        return _PURPOSES.get(self.message.purpose, "Assistant")

    @property
    def intents(self) -> list[str]:
        return [named(name) for name in self.message.understanding.get("intents", ())]

    @property
    def tools(self) -> list[str]:
        """What was looked up or begun, with the document it was about where one was named."""
        return [_called(call) for call in self.message.understanding.get("tools", ())]

    @property
    def trouble(self) -> str | None:
        """Where the message is on its way, as long as it has not arrived."""
        return None if self.message.delivery in _DELIVERED else self.message.delivery

    @property
    def is_letter(self) -> bool:
        return self.message.direction == "out" and self.message.channel in CHANNELS_OUT


@dataclass(frozen=True)
class Mark:
    """That who speaks changed, or a person was called."""

    at: datetime
    text: str


@dataclass(frozen=True)
class Call:
    """Why a person is called, for whoever opens the conversation: the packet in words. `ended_by` took it over."""

    handoff: Handoff

    @property
    def packet(self) -> Mapping[str, Any]:
        return self.handoff.packet

    @property
    def why(self) -> str:
        return why_called(self.handoff)

    @property
    def more(self) -> str:
        """What was noted beyond the reason itself; empty when nothing was."""
        return "" if self.handoff.why == self.why else self.handoff.why

    @property
    def urgency(self) -> tuple[str, str]:
        return URGENCY[self.handoff.urgency]

    @property
    def wants(self) -> list[str]:
        return [named(name) for name in self.packet.get("wants", ()) if name != "out_of_scope"]

    @property
    def moods(self) -> list[str]:
        return [named(name) for name in self.packet.get("mood", ())]

    @property
    def tried(self) -> list[str]:
        return [_called(call) for call in self.packet.get("tried", ()) if call.get("name") != "call_person"]

    @property
    def proposals(self) -> list[tuple[str, str]]:
        return [(named(one["kind"]), STATES[one["state"]][0]) for one in self.packet.get("proposals", ())]

    @property
    def receipts(self) -> list[Receipt]:
        return receipts_of(self.packet.get("facts", ()))


@dataclass(frozen=True)
class Spent:
    """What a provider's model took in the whole conversation. Units: `cost_micro` is millionths of the price's currency."""

    calls: int
    tokens: int
    cost_micro: int

    @property
    def cost(self) -> str:
        return f"{self.cost_micro / 1_000_000:.4f}"


@dataclass(frozen=True)
class Thread:
    """The conversation; `events` are what was said and what happened in it, in order, the latest where there are many."""

    conversation: Conversation
    customer: Customer | None
    events: Sequence[Said | Mark]
    call: Call | None
    account: Sequence[Balance]
    proposals: Sequence[Proposal]
    summary: Summary
    spent: Spent
    is_whole: bool

    @property
    def title(self) -> str:
        return self.customer.name if self.customer else writer_of(self.conversation)

    @property
    def channel(self) -> str:
        return CHANNELS[self.conversation.channel]

    @property
    def asked_about(self) -> list[tuple[str, int]]:
        """What they came for, with how often; courtesies are left out."""
        return [(named(name), times) for name, times in self.summary.wants if name not in _COURTESIES]

    @property
    def is_waiting(self) -> bool:
        return self.call is not None and self.call.handoff.ended_at is None


def thread(session: Session, found: Conversation, reader: Reader) -> Thread:
    """The whole conversation, with the account as it stands now."""
    customer = session.get(Customer, found.customer_id) if found.customer_id else None
    newest = select(Message).where(Message.conversation_id == found.id).order_by(Message.id.desc())
    messages = session.scalars(newest.limit(MESSAGES_SHOWN + 1)).all()
    is_whole = len(messages) <= MESSAGES_SHOWN
    messages = messages[:MESSAGES_SHOWN][::-1]
    proposals, calls = _of(session, Proposal, found.id), _of(session, ModelCall, found.id)
    handoffs = _of(session, Handoff, found.id)
    asked = [call for call in calls if call.outcome != "over_limit"]
    return Thread(
        found,
        customer,
        _events(session, found.id, messages, proposals, calls),
        Call(handoffs[-1]) if handoffs else None,
        balances(session, customer.id, reader.today) if customer else [],
        proposals,
        summary_of(session, found.id),
        Spent(
            len(asked),
            sum((call.tokens_in or 0) + (call.tokens_out or 0) for call in asked),
            sum(call.cost_micro or 0 for call in asked),
        ),
        is_whole,
    )


def _events(
    session: Session, conversation_id: UUID, messages: Sequence[Message], proposals: Any, calls: Any
) -> list[Said | Mark]:
    offered, asked = defaultdict(list), defaultdict(list)
    for proposal in proposals:
        offered[proposal.answer_id].append(proposal)
    for call in calls:
        asked[call.message_id].append(call)
    files = _files(session, [message.id for message in messages])
    answered = {message.answers_id for message in messages}
    said: list[Said | Mark] = [
        Said(
            one,
            receipts_of(one.receipts),
            offered[one.id],
            # What was asked for an answer that was never said stands with the question.
            asked[one.answers_id] if one.answers_id else [] if one.id in answered else asked[one.id],
            files.get(one.id, 0),
        )
        for one in messages
    ]
    since = messages[0].created_at if messages else None
    lines = session.scalars(
        select(TrailLine)
        .where(TrailLine.subject_id == conversation_id, TrailLine.what.in_(_MARKS))
        .order_by(TrailLine.at, TrailLine.id)
    )
    marks = [Mark(line.at, _mark(line)) for line in lines if since is None or line.at >= since]
    return sorted([*said, *marks], key=_when)


def _when(event: Said | Mark) -> tuple[datetime, int]:
    """Of one moment: the question, what happened about it, the answer."""
    if isinstance(event, Mark):
        return event.at, 1
    return event.at, 0 if event.side == "customer" else 2


def _mark(line: TrailLine) -> str:
    if line.what == "person called":
        return f"{_MARKS[line.what]}: {line.why}"
    return f"{line.who} {_MARKS[line.what]}"


def _called(call: Mapping[str, Any]) -> str:
    arguments = call.get("arguments") or {}
    numbers = arguments.get("numbers") or [arguments.get("number")]
    about = ", ".join(str(number) for number in numbers if number)
    return f"{named(str(call.get('name', '')))}{f' ({about})' if about else ''}"


def _files(session: Session, message_ids: Sequence[UUID]) -> dict[UUID, int]:
    query = select(ReceivedFile.message_id, func.count()).where(ReceivedFile.message_id.in_(message_ids))
    return {id_: int(count) for id_, count in session.execute(query.group_by(ReceivedFile.message_id))}


def _of(session: Session, what: Any, conversation_id: UUID) -> list[Any]:
    return list(session.scalars(select(what).where(what.conversation_id == conversation_id).order_by(what.id)))
