"""Send again what nobody could tell the outcome of: a person's decision, never ours."""

from __future__ import annotations

from uuid import UUID

from o2c_core.actions.settle_uncertain import settle_uncertain
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store


def send_again(message_id: UUID, *, store: Store, by: str) -> str:
    """The message is queued once more, and its task is done; "queued". It is looked at again before it leaves.

    Raises: NoSuchMessage; NotUncertain.
    """
    with store.session() as session:
        settle_uncertain(
            session, message_id, "queued", at=store.clock.now(), by=by, how="It is sent again.", look_ups=0, tries=0
        )
        ask_for(session, "deliver_message", message_id=str(message_id))
        session.commit()
    return "queued"
