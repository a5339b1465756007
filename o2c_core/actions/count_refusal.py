"""Count a request a door turned away: all that is kept of it."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert

from o2c_core.conversations.door_count import DoorCount
from o2c_core.store.store import Store


def count_refusal(door: str, why: str, *, store: Store) -> None:
    """One more for that door and reason on this day (UTC). `why` is one of a few words of ours, never the sender's."""
    statement = insert(DoorCount).values(door=door, why=why, on=store.clock.now().date(), count=1)
    with store.session() as session:
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["door", "why", "on"], set_={"count": DoorCount.count + statement.excluded.count}
            )
        )
        session.commit()
