"""Settle a message whose outcome nobody knew, as a person decided it; for the actions that carry such a decision out."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.outbox import NoSuchMessage, move
from o2c_core.conversations.tasks import close_tasks
from o2c_core.errors import Overtaken
from o2c_core.notices.following import follow_message
from o2c_core.trail import note


class NotUncertain(Overtaken):
    """It is known by now what became of that message; look again."""


def settle_uncertain(
    session: Session, message_id: UUID, to: str, *, at: datetime, by: str, how: str, **fields: Any
) -> Message:
    """The message, in its new delivery state; what was tried so far stays in the trail. In the caller's transaction.

    Raises: NoSuchMessage; NotUncertain.
    """
    message = session.get(Message, message_id, with_for_update=True)
    if message is None:
        raise NoSuchMessage(message=str(message_id))
    tries, look_ups = message.tries, message.look_ups
    if not move(session, message_id, to, of=("uncertain",), not_before=None, waits_why=None, **fields):
        raise NotUncertain(message=str(message_id), state=message.delivery)
    session.refresh(message)
    thread = session.get_one(Conversation, message.conversation_id)
    note(
        session, f"message {to}", message, at=at, who=by, why=how, customer_id=thread.customer_id,
        seller_id=thread.seller_id, message_id=message_id, tries=tries, look_ups=look_ups, decided=True,
    )  # fmt: skip
    close_tasks(session, "uncertain_send", f"message:{message_id}", at=at, by=by, how=how)
    follow_message(session, message_id, at)
    return message
