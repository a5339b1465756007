"""One conversation with everything it was made of: what was said, understood, looked up, proposed and done, and who spoke."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.desk import PrivateNote
from o2c_core.conversations.handoff import Handoff
from o2c_core.conversations.message import Message
from o2c_core.conversations.model_call import ModelCall
from o2c_core.conversations.proposal import Proposal
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.conversations.summary import Summary, summary_of
from o2c_core.customers.customer import Customer
from o2c_core.invoices.account import Balance, balances
from o2c_core.staff.user import User
from o2c_core.store.many import is_one_of
from o2c_core.trail import TrailLine
from web.desk.called import CHANNELS, writer_of
from web.reader import Reader
from web.receipts import receipts_of
from web.said import CALLS, STATES, Call, Event, Mark, Noted, Said, named

__all__ = ["CALLS", "MARKED", "MESSAGES_SHOWN", "STATES", "Thread", "named", "newest_of", "others_of", "thread"]

MESSAGES_SHOWN = 200
# How many of the customer's other conversations are read along with this one.
OTHERS_MAX = 30
_COURTESIES = ("greeting", "thanks", "confirm", "deny", "out_of_scope")
# What happened in a conversation that its thread shows, and how it is said.
MARKED = {
    "person called": "A person was called",
    "taken over": "took over",
    "handed back": "handed back to the assistant",
    "resolved": "resolved it",
    "conversation assigned": "gave it to",
    "rated": "The customer's rating",
}


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
    events: Sequence[Event]
    call: Call | None
    account: Sequence[Balance]
    proposals: Sequence[Proposal]
    summary: Summary
    spent: Spent
    is_whole: bool
    others: int = 0

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


def thread(session: Session, found: Conversation, reader: Reader, *, is_alone: bool = False) -> Thread:
    """The whole conversation and, unless `is_alone`, the customer's others on every channel among it by time; with the
    account as it stands now."""
    customer = session.get(Customer, found.customer_id) if found.customer_id else None
    others = others_of(session, found)
    ids = [found.id] if is_alone else [found.id, *others]
    messages = session.scalars(newest_of(found.id, ids)).all()
    is_whole = len(messages) <= MESSAGES_SHOWN
    messages = messages[:MESSAGES_SHOWN][::-1]
    proposals, calls = _of(session, Proposal, found.id), _of(session, ModelCall, found.id)
    handoffs = _of(session, Handoff, found.id)
    asked = [call for call in calls if call.outcome != "over_limit"]
    return Thread(
        found,
        customer,
        _events(session, found.id, ids, messages, proposals, calls),
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
        len(others),
    )


def newest_of(conversation_id: UUID, ids: Sequence[UUID]) -> Select[Message]:
    """The newest messages of these conversations, one more than is shown; of the others no drafts."""
    read = or_(Message.conversation_id == conversation_id, Message.delivery.not_in(("draft", "withdrawn")))
    newest = select(Message).where(is_one_of(Message.conversation_id, ids), read).order_by(Message.id.desc())
    return newest.limit(MESSAGES_SHOWN + 1)


def others_of(session: Session, found: Conversation) -> list[UUID]:
    """The customer's other conversations, the latest first; of somebody nobody knows, those from the same address."""
    if found.customer_id is not None:
        same: Any = Conversation.customer_id == found.customer_id
    elif found.address is not None:
        same = Conversation.customer_id.is_(None) & (Conversation.address == found.address)
    else:
        return []
    query = select(Conversation.id).where(Conversation.seller_id == found.seller_id, same, Conversation.id != found.id)
    return list(session.scalars(query.order_by(Conversation.updated_at.desc()).limit(OTHERS_MAX)))


def _events(
    session: Session,
    conversation_id: UUID,
    ids: Sequence[UUID],
    messages: Sequence[Message],
    proposals: Any,
    calls: Any,
) -> list[Event]:
    offered, asked = defaultdict(list), defaultdict(list)
    for proposal in proposals:
        offered[proposal.answer_id].append(proposal)
    for call in calls:
        asked[call.message_id].append(call)
    files = _files(session, [message.id for message in messages])
    answered = {message.answers_id for message in messages}
    said: list[Event] = [
        Said(
            one,
            receipts_of(one.receipts),
            offered[one.id],
            # What was asked for an answer that was never said stands with the question.
            asked[one.answers_id] if one.answers_id else [] if one.id in answered else asked[one.id],
            files.get(one.id, 0),
            one.conversation_id == conversation_id,
        )
        for one in messages
    ]
    since = messages[0].created_at if messages else None
    lines = session.scalars(
        select(TrailLine)
        .where(is_one_of(TrailLine.subject_id, ids), TrailLine.what.in_(MARKED))
        .order_by(TrailLine.at, TrailLine.id)
    )
    marks = [Mark(line.at, _mark(line)) for line in lines if since is None or line.at >= since]
    notes = (
        select(PrivateNote, User.name)
        .join(User, User.id == PrivateNote.author_id)
        .where(is_one_of(PrivateNote.conversation_id, ids))
        .order_by(PrivateNote.created_at)
    )
    noted = [Noted(one.created_at, by, one.text) for one, by in session.execute(notes)]
    return sorted([*said, *marks, *noted], key=_when)


def _when(event: Event) -> tuple[datetime, int]:
    """Of one moment: the question, what happened about it, the answer."""
    if not isinstance(event, Said):
        return event.at, 1
    return event.at, 0 if event.side == "customer" else 2


def _mark(line: TrailLine) -> str:
    if line.what == "person called":
        return f"{MARKED[line.what]}: {line.why}"
    if line.what == "rated":
        return f"{MARKED[line.what]}: {line.why}"
    if line.what == "conversation assigned":
        return f"{line.who} {MARKED[line.what]} {line.details.get('owner') or line.details.get('team') or 'nobody in particular'}"
    return f"{line.who} {MARKED[line.what]}"


def _files(session: Session, message_ids: Sequence[UUID]) -> dict[UUID, int]:
    query = select(ReceivedFile.message_id, func.count()).where(ReceivedFile.message_id.in_(message_ids))
    return {id_: int(count) for id_, count in session.execute(query.group_by(ReceivedFile.message_id))}


def _of(session: Session, what: Any, conversation_id: UUID) -> list[Any]:
    return list(session.scalars(select(what).where(what.conversation_id == conversation_id).order_by(what.id)))
