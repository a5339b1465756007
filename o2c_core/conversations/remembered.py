"""What is remembered of a conversation when its next message comes, read off its own rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.keeping import Earlier
from o2c_core.conversations.proposal import Proposal

TURNS_REMEMBERED = 12


@dataclass(frozen=True)
class Remembered:
    """`asked` is the intent whose missing detail our last answer asked for, `slots` what was known of it already, and
    `question_id` the message that waits for that. `about` are the documents the last answers spoke of, newest answer
    first, as {"kind", "number", "answer"}, the newest answer being 0. `intents` are what the last message asked for,
    and `calmed` whether somebody's anger was spoken to already. `offers` says whether that answer proposed something, and `waiting` are the proposals
    still open. `misunderstood` counts our last answers in a row that understood nothing. `turns` are (author, text),
    oldest first.
    """

    asked: str | None = None
    slots: Mapping[str, Any] = field(default_factory=dict)
    question_id: UUID | None = None
    about: tuple[Mapping[str, Any], ...] = ()
    intents: tuple[str, ...] = ()
    calmed: bool = False
    offers: bool = False
    misunderstood: int = 0
    turns: tuple[tuple[str, str], ...] = ()
    waiting: tuple[Proposal, ...] = ()


def remembered(before: Sequence[Earlier], address: str | None = None, *, any_address: bool = False) -> Remembered:
    """From the latest messages, the newest first; our answers to another address of the same thread do not count."""
    answers = [
        one
        for one in before
        if one.direction == "out" and one.purpose == "answer" and (any_address or one.address == address)
    ]
    turns = tuple(
        (one.author, one.text)
        for one in reversed(before[:TURNS_REMEMBERED])
        if one.purpose in ("question", "answer", "reminder")
    )
    if not answers:
        return Remembered(turns=turns)
    last = answers[0].understanding
    waits = last.get("question")
    return Remembered(
        asked=last.get("asks"),
        slots=last.get("slots") or {},
        question_id=UUID(waits) if waits else None,
        about=tuple(
            dict(one) | {"answer": back}
            for back, answer in enumerate(answers)
            for one in answer.understanding.get("about", ())
        ),
        intents=tuple(last.get("intents", ())),
        calmed=any(answer.understanding.get("calmed") for answer in answers),
        offers=any(answer.understanding.get("offers") for answer in answers),
        misunderstood=_in_a_row(answers),
        turns=turns,
    )


def _in_a_row(answers: Sequence[Earlier]) -> int:
    count = 0
    for answer in answers:
        if not answer.understanding.get("misunderstood"):
            break
        count += 1
    return count


def waiting_proposals(session: Session, conversation_id: UUID) -> tuple[Proposal, ...]:
    """The proposals of the conversation that wait for an answer or are being carried out, the oldest first."""
    query = select(Proposal).where(
        Proposal.conversation_id == conversation_id, Proposal.state.in_(("open", "confirmed"))
    )
    return tuple(session.scalars(query.order_by(Proposal.id)))
