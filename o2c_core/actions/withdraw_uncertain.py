"""Withdraw a message whose outcome nobody knew: it is not sent again, and counts as not sent."""

from __future__ import annotations

from uuid import UUID

from o2c_core.actions.settle_uncertain import settle_uncertain
from o2c_core.reminders.withdraw import free_rungs
from o2c_core.store.store import Store


def withdraw_uncertain(message_id: UUID, *, store: Store, by: str) -> str:
    """The message is withdrawn, and its task is done; "withdrawn". The rungs of a reminder count as unused.

    Raises: NoSuchMessage; NotUncertain.
    """
    with store.session() as session:
        settle_uncertain(session, message_id, "withdrawn", at=store.clock.now(), by=by, how="It is not sent again.")
        free_rungs(session, message_id)
        session.commit()
    return "withdrawn"
