"""What is remembered of a conversation when its next message comes, read off its own rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.keeping import Earlier
from o2c_core.conversations.message import Message
from o2c_core.conversations.proposal import Proposal

TURNS_REMEMBERED = 12
# What somebody may be looking at while they write.
PAGES = ("invoice", "order")
# What was offered in words that never came to the customer cannot be agreed to.
_NEVER_READ = ("failed", "withdrawn")


@dataclass(frozen=True)
class Remembered:
    """`asked` is the intent whose missing detail our last answer asked for, `slots` what was known of it already, and
    `question_id` the message that waits for that. `about` are the documents the last answers spoke of, newest answer
    first, as {"kind", "number", "answer"}, the newest answer being 0; what they were looking at when they began comes
    last, and counts as newest while no answer spoke of another document. `intents` are what the last message asked for,
    and `calmed` whether somebody's anger was spoken to already. `offers` says whether one of those answers proposed
    something, `asks_yes` whether the newest did, and `waiting` are the proposals still open. `settled` are those that a
    message nobody answered yet has settled: they are told of and not heard again. `misunderstood` counts our last answers
    in a row that understood nothing. `turns` are (author, text), oldest first.
    """

    asked: str | None = None
    slots: Mapping[str, Any] = field(default_factory=dict)
    question_id: UUID | None = None
    about: tuple[Mapping[str, Any], ...] = ()
    intents: tuple[str, ...] = ()
    calmed: bool = False
    offers: bool = False
    asks_yes: bool = False
    misunderstood: int = 0
    turns: tuple[tuple[str, str], ...] = ()
    waiting: tuple[Proposal, ...] = ()
    settled: tuple[Proposal, ...] = ()


def remembered(
    before: Sequence[Earlier], address: str | None = None, *, any_address: bool = False, page: str | None = None
) -> Remembered:
    """From the latest messages, the newest first; our answers to another address of the same thread do not count.

    `page` is what they were looking at when they began, as "invoice INV-2026-0042".
    """
    answers = [
        one
        for one in before
        if one.direction == "out" and one.purpose == "answer" and (any_address or one.address == address)
    ]
    turns = tuple(
        (one.author, one.text)
        for one in reversed(before[:TURNS_REMEMBERED])
        if one.purpose in ("question", "answer", "reminder") and (any_address or one.address == address)
    )
    spoken_of = [
        dict(one) | {"answer": back}
        for back, answer in enumerate(answers)
        for one in answer.understanding.get("about", ())
    ]
    about = (*spoken_of, *_on_page(page, len(answers) if spoken_of else 0))
    if not answers:
        return Remembered(turns=turns, about=about)
    last = answers[0].understanding
    waits = last.get("question")
    return Remembered(
        asked=last.get("asks"),
        slots=last.get("slots") or {},
        question_id=UUID(waits) if waits else None,
        about=about,
        intents=tuple(last.get("intents", ())),
        calmed=any(answer.understanding.get("calmed") for answer in answers),
        offers=any(answer.understanding.get("offers") for answer in answers),
        asks_yes=bool(last.get("offers")),
        misunderstood=_in_a_row(answers),
        turns=turns,
    )


def _on_page(page: str | None, answer: int) -> list[dict[str, Any]]:
    kind, _, number = (page or "").partition(" ")
    return [{"kind": kind, "number": number, "answer": answer}] if kind in PAGES and number.strip() else []


def _in_a_row(answers: Sequence[Earlier]) -> int:
    count = 0
    for answer in answers:
        if not answer.understanding.get("misunderstood"):
            break
        count += 1
    return count


def with_proposals(
    session: Session,
    known: Remembered,
    conversation: Conversation,
    *,
    unanswered: Collection[UUID],
    address: str | None = None,
    any_address: bool = False,
) -> Remembered:
    """The same with the proposals of the conversation that matter to this writer, the oldest first.

    What was offered to one address is not for another of the same thread to agree to. `unanswered` are the writer's
    messages that nobody answered yet: what one of them has settled is not lost with the turn that did not tell of it.
    """
    if not known.offers:
        return known
    waits = Proposal.state.in_(("open", "confirmed"))
    query = (
        select(Proposal)
        .join(Message, Message.id == Proposal.answer_id)
        .where(Proposal.conversation_id == conversation.id, Proposal.customer_id == conversation.customer_id)
        .where(Message.delivery.not_in(_NEVER_READ))
        .where(or_(waits, Proposal.settled_by_id.in_(unanswered)) if unanswered else waits)
    )
    if not any_address:
        query = query.where(Message.address.is_not_distinct_from(address))
    found = list(session.scalars(query.order_by(Proposal.id)))
    return replace(
        known,
        waiting=tuple(one for one in found if one.state in ("open", "confirmed")),
        settled=tuple(one for one in found if one.settled_by_id in unanswered),
    )
