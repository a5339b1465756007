"""Ask for a person: the conversation waits for an agent, with the reason why and what the agent has to know."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import Packet, hand_over
from o2c_core.store.store import Store


def call_person(
    conversation_id: UUID,
    reason: str,
    *,
    store: Store,
    why: str = "",
    packet: Packet | None = None,
    message_id: UUID | None = None,
    instead_of_answering: bool = False,
) -> Conversation:
    """The conversation, now waiting for an agent. The assistant goes on answering until an agent takes over.

    `reason` is one of handoff.REASONS. Calling twice keeps the first moment, the most urgent reason and the newest
    packet. With `instead_of_answering` what was written up to the message is left to the person, and the assistant does
    not come back to it.
    """
    with store.session() as session:
        query = select(Conversation).where(Conversation.id == conversation_id).with_for_update()
        conversation = session.scalars(query).one()
        hand_over(
            session, conversation, reason, at=store.clock.now(), who="assistant", why=why, packet=packet,
            message_id=message_id, instead_of_answering=instead_of_answering,
        )  # fmt: skip
        session.commit()
        return conversation
