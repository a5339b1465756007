"""The outbox: where outgoing messages are on their way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.conversations.message import Message


def delivery_states(session: Session, message_ids: Collection[UUID]) -> Counter[str]:
    """How many of these messages are in each delivery state now, whoever carried them."""
    query = select(Message.delivery, func.count()).where(Message.id.in_(message_ids)).group_by(Message.delivery)
    return Counter({state: int(number) for state, number in session.execute(query)})
