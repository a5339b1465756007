"""Hand a conversation back to the assistant, which then says again what it is."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update

from o2c_core.conversations.asking_rating import ask_rating
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.desk_said import desk_words, language_of, locked
from o2c_core.conversations.handoff import Handoff
from o2c_core.conversations.message import Message
from o2c_core.conversations.telling import tell_in_chat
from o2c_core.errors import Refused
from o2c_core.store.store import Store
from o2c_core.trail import note


class NotYours(Refused):
    """No person speaks in that conversation, so there is nothing to hand back."""


def hand_back(
    conversation_id: UUID, *, agent: str, store: Store, agent_id: UUID | None = None, asks_rating: bool = False
) -> Conversation:
    """The conversation, with the assistant speaking again. Anybody at the desk may give it back, also a colleague's.

    What was written while the agent had it was said to the agent: the assistant answers what is written from now on.
    With `asks_rating` the customer is asked once how well they were helped.

    Raises: NoSuchConversation; NotYours.
    """
    now = store.clock.now()
    with store.session() as session:
        conversation = locked(session, conversation_id)
        if conversation.speaker != "agent":
            raise NotYours(conversation=str(conversation_id))
        helped_by = conversation.owner_id or agent_id
        conversation.owner_id = conversation.due_at = conversation.snoozed_until = None
        conversation.speaker = "assistant"
        conversation.state = "open"
        # Whoever talked with a person has to be told that a person no longer answers.
        conversation.introduced = False
        conversation.handoff_reason, conversation.handoff_at = None, None
        conversation.version += 1
        conversation.updated_at = now
        said = update(Message).where(
            Message.conversation_id == conversation_id,
            Message.direction == "in",
            Message.purpose == "question",
            Message.answered_at.is_(None),
        )
        session.execute(said.values(answered_at=now).execution_options(synchronize_session=False))
        ended = update(Handoff).where(Handoff.conversation_id == conversation_id, Handoff.ended_at.is_(None))
        session.execute(ended.values(ended_at=now, ended_by=agent).execution_options(synchronize_session=False))
        note(session, "handed back", conversation, at=now, who=agent, why="the assistant speaks again")
        language = language_of(session, conversation)
        tell_in_chat(session, conversation, desk_words("handed_back", language), language, now)
        if asks_rating:
            ask_rating(session, conversation, agent_id=helped_by, now=now)
        session.commit()
        return conversation
