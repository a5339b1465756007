"""Take a conversation over: from now on a person speaks in it, and the assistant is silent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.desk_said import (
    AlreadyTaken,
    desk_words,
    holder,
    is_let_go,
    language_of,
    locked,
    taken_sentence,
)
from o2c_core.conversations.handoff import Handoff
from o2c_core.conversations.message import Message
from o2c_core.conversations.proposal import Proposal
from o2c_core.conversations.telling import tell_in_chat
from o2c_core.store.store import Store
from o2c_core.trail import note


def take_over(conversation_id: UUID, *, agent: str, store: Store, agent_id: UUID | None = None) -> Conversation:
    """The conversation, now the agent's. What the assistant had queued and nobody had sent is withdrawn.

    What it had offered lapses: a "yes" from now on is said to the agent, and must not be heard as one to the assistant
    when the conversation is handed back. In a chat the customer is told at once that a person is there. Of two who take
    it at the same moment one has it; whoever has it already may press again.

    Raises: NoSuchConversation; AlreadyTaken when another agent has it, naming them.
    """
    now = store.clock.now()
    with store.session() as session:
        conversation = locked(session, conversation_id)
        # What a team was given is whoever's comes first.
        if conversation.speaker == "agent" and not is_let_go(session, conversation):
            if agent_id is not None and _is_theirs(session, conversation, agent, agent_id):
                conversation.owner_id = agent_id
                session.commit()
                return conversation
            raise AlreadyTaken(taken_sentence(session, conversation), conversation=str(conversation_id))
        conversation.speaker = "agent"
        conversation.state = "open"
        conversation.owner_id = agent_id
        # Until when they are answered stays: taking a conversation answers nobody.
        conversation.snoozed_until = None
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
        language = language_of(session, conversation)
        tell_in_chat(session, conversation, desk_words("reading_along", language, agent=agent), language, now)
        session.commit()
        return conversation


def _is_theirs(session: Session, conversation: Conversation, agent: str, agent_id: UUID) -> bool:
    """Whoever took it without being signed in is known by name only."""
    if conversation.owner_id is not None:
        return conversation.owner_id == agent_id
    found = holder(session, conversation)
    return found is not None and found[0] == agent


def _let_lapse(session: Session, conversation_id: UUID, agent: str, now: datetime) -> None:
    open_ = select(Proposal).where(Proposal.conversation_id == conversation_id, Proposal.state == "open")
    for proposal in session.scalars(open_.order_by(Proposal.id).with_for_update()):
        proposal.state, proposal.settled_at = "lapsed", now
        note(
            session, "proposal lapsed", proposal, at=now, who=agent, why="a person took over",
            customer_id=proposal.customer_id, message_id=proposal.message_id, kind=proposal.kind,
        )  # fmt: skip
