"""Resolve a conversation: it is closed, the customer is thanked and asked once how well they were helped."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update

from o2c_core.conversations.asking_rating import ask_rating
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.desk_said import AlreadyTaken, desk_words, language_of, locked, taken_sentence
from o2c_core.conversations.handoff import Handoff
from o2c_core.conversations.message import Message
from o2c_core.conversations.telling import tell_in_chat
from o2c_core.store.store import Store
from o2c_core.trail import note


def resolve_conversation(
    conversation_id: UUID, *, agent: str, agent_id: UUID | None, store: Store, asks_rating: bool = True
) -> Conversation:
    """The conversation, closed. The next message opens it again, with the assistant, who says again what it is.

    Whoever has it resolves it, or anybody while nobody does. Resolving twice changes nothing.

    Raises: NoSuchConversation; AlreadyTaken while a colleague has it.
    """
    now = store.clock.now()
    with store.session() as session:
        conversation = locked(session, conversation_id)
        if conversation.speaker == "agent" and conversation.owner_id not in (None, agent_id):
            raise AlreadyTaken(taken_sentence(session, conversation), conversation=str(conversation_id))
        if conversation.state == "closed":
            return conversation
        was_helped = conversation.speaker == "agent"
        conversation.state, conversation.speaker = "closed", "assistant"
        conversation.owner_id = conversation.due_at = conversation.snoozed_until = None
        conversation.introduced = conversation.introduced and not was_helped
        conversation.handoff_reason = conversation.handoff_at = None
        conversation.version += 1
        conversation.updated_at = now
        said = update(Message).where(
            Message.conversation_id == conversation_id, Message.direction == "in", Message.purpose == "question",
            Message.answered_at.is_(None),
        )  # fmt: skip
        session.execute(said.values(answered_at=now).execution_options(synchronize_session=False))
        ended = update(Handoff).where(Handoff.conversation_id == conversation_id, Handoff.ended_at.is_(None))
        session.execute(ended.values(ended_at=now, ended_by=agent).execution_options(synchronize_session=False))
        note(session, "resolved", conversation, at=now, who=agent, why="nothing more to do")
        if was_helped:
            language = language_of(session, conversation)
            thanks = desk_words("resolved", language)
            tell_in_chat(session, conversation, thanks, language, now)
            if asks_rating:
                # A text of its own only to say thank you would cost the customer a look for nothing.
                is_mail = conversation.channel == "email"
                ask_rating(session, conversation, agent_id=agent_id, now=now, thanks=thanks if is_mail else "")
        session.commit()
        return conversation
