"""What a long conversation was about, computed from its fields: no model retells it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.message import Message
from o2c_core.conversations.proposal import Proposal

MESSAGES_READ = 200
DOCUMENTS_TOLD = 8


@dataclass(frozen=True)
class Summary:
    """`wants` are intents with how often they were asked, `documents` what was spoken of (kind and number), `done` what
    was proposed and what came of it, as (kind, state, number recorded)."""

    messages: int = 0
    wants: tuple[tuple[str, int], ...] = ()
    documents: tuple[tuple[str, str], ...] = ()
    done: tuple[tuple[str, str, str | None], ...] = field(default=())
    reminders: int = 0

    def as_text(self) -> str:
        """In English, for agents and models; empty when nothing was said before."""
        said: list[str] = []
        if self.messages:
            said.append(f"{self.messages} messages so far.")
        if self.reminders:
            said.append(f"{self.reminders} reminders were sent in this thread.")
        if self.wants:
            said.append("Asked about: " + ", ".join(f"{name} ({times})" for name, times in self.wants) + ".")
        if self.documents:
            said.append("Spoke of: " + ", ".join(f"{kind} {number}" for kind, number in self.documents) + ".")
        if self.done:
            told = [f"{kind} {state}" + (f" as {number}" if number else "") for kind, state, number in self.done]
            said.append("Proposed: " + ", ".join(told) + ".")
        return " ".join(said)


def summary_of(session: Session, conversation_id: UUID) -> Summary:
    """The summary of the conversation's latest two hundred messages."""
    rows = session.execute(
        select(Message.direction, Message.purpose, Message.understanding)
        .where(Message.conversation_id == conversation_id)
        .order_by(Message.id.desc())
        .limit(MESSAGES_READ)
    ).all()
    wants: Counter[str] = Counter()
    documents: dict[tuple[str, str], None] = {}
    for direction, purpose, understanding in rows:
        if direction == "out" and purpose == "answer":
            wants.update(understanding.get("intents", ()))
            documents.update({(one["kind"], one["number"]): None for one in understanding.get("about", ())})
    proposals = session.scalars(
        select(Proposal).where(Proposal.conversation_id == conversation_id).order_by(Proposal.id)
    )
    return Summary(
        messages=sum(purpose in ("question", "answer") for _, purpose, _ in rows),
        wants=tuple(wants.most_common()),
        documents=tuple(documents)[:DOCUMENTS_TOLD],
        done=tuple((one.kind, one.state, one.outcome.get("number")) for one in proposals),
        reminders=sum(purpose == "reminder" for _, purpose, _ in rows),
    )
