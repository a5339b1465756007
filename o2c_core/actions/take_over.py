"""Take a conversation over: from now on a person speaks in it, and the assistant is silent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import Handoff
from o2c_core.conversations.message import Message
from o2c_core.conversations.proposal import Proposal
from o2c_core.errors import NotFound, Overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note


def take_over(conversation_id: UUID, *, agent: str, store: Store) -> Conversation:
    """The conversation, now the agent's. What the assistant had queued and nobody had sent is withdrawn.

    What it had offered lapses: a "yes" from now on is said to the agent, and must not be heard as one to the assistant
    when the conversation is handed back.

    Raises: NotFound; Overtaken when another agent has it.
    """
    now = store.clock.now()
    with store.session() as session:
        conversation = session.scalars(
            select(Conversation).where(Conversation.id == conversation_id).with_for_update()
        ).one_or_none()
        if conversation is None:
            raise NotFound(conversation=str(conversation_id))
        if conversation.speaker == "agent":
            raise Overtaken(conversation=str(conversation_id))
        conversation.speaker = "agent"
        conversation.state = "open"
        conversation.version += 1
        conversation.updated_at = now
        unsent = update(Message).where(
            Message.conversation_id == conversation_id,
            Message.direction == "out",
            Message.author == "assistant",
            Message.purpose == "answer",
            Message.delivery == "queued",
        )
        session.execute(unsent.values(delivery="withdrawn").execution_options(synchronize_session=False))
        _let_lapse(session, conversation_id, agent, now)
        ended = update(Handoff).where(Handoff.conversation_id == conversation_id, Handoff.ended_at.is_(None))
        session.execute(ended.values(ended_at=now, ended_by=agent).execution_options(synchronize_session=False))
        note(session, "taken over", conversation, at=now, who=agent, why="an agent speaks")
        session.commit()
        return conversation


def _let_lapse(session: Session, conversation_id: UUID, agent: str, now: datetime) -> None:
    open_ = select(Proposal).where(Proposal.conversation_id == conversation_id, Proposal.state == "open")
    for proposal in session.scalars(open_.order_by(Proposal.id).with_for_update()):
        proposal.state, proposal.settled_at = "lapsed", now
        note(
            session, "proposal lapsed", proposal, at=now, who=agent, why="a person took over",
            customer_id=proposal.customer_id, message_id=proposal.message_id, kind=proposal.kind,
        )  # fmt: skip
