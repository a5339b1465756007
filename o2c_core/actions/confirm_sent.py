"""Confirm that a message whose outcome nobody knew has arrived: somebody asked, or saw it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func

from o2c_core.actions.settle_uncertain import settle_uncertain
from o2c_core.conversations.message import Message
from o2c_core.store.store import Store


def confirm_sent(message_id: UUID, *, store: Store, by: str) -> str:
    """The message counts as sent, and its task is done; "sent". What the provider says later still moves it on.

    Raises: NoSuchMessage; NotUncertain.
    """
    now = store.clock.now()
    with store.session() as session:
        settle_uncertain(
            session, message_id, "sent", at=now, by=by, how="It arrived.",
            sent_at=func.coalesce(Message.sent_at, Message.claimed_at, now),
        )  # fmt: skip
        session.commit()
    return "sent"
