"""By which way somebody in a conversation is reached: where they wrote from last."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.received import AT_ONCE
from o2c_core.errors import Refused


class NoWayBack(Refused):
    """There is no address to answer to in this conversation."""


@dataclass(frozen=True)
class WayBack:
    """`heard` is the message they wrote last on that channel, where there is one."""

    channel: str
    address: str | None
    contact_id: UUID | None
    subject: str | None
    heard: Message | None

    @property
    def is_at_once(self) -> bool:
        return self.channel in AT_ONCE


def way_back_in(session: Session, conversation: Conversation) -> WayBack:
    """Raises: NoWayBack."""
    query = select(Message).where(
        Message.conversation_id == conversation.id,
        Message.channel == conversation.channel,
        Message.direction == "in",
        Message.purpose.in_(("question", "form")),
    )
    heard = session.scalars(query.order_by(Message.id.desc()).limit(1)).one_or_none()
    address = (heard.address if heard is not None else None) or conversation.address
    if address is None and conversation.channel not in AT_ONCE:
        raise NoWayBack(conversation=str(conversation.id))
    is_own = heard is None or heard.address == conversation.address
    contact_id = (heard.contact_id if heard is not None else None) or (conversation.contact_id if is_own else None)
    subject = (heard.subject if heard is not None else None) or conversation.subject
    return WayBack(conversation.channel, address, contact_id, subject, heard)
