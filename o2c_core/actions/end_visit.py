"""End a visit to a customer's own pages, as whoever made it asked."""

from __future__ import annotations

from uuid import UUID

from o2c_core.conversations.access_link import Visit
from o2c_core.store.store import Store
from o2c_core.trail import note


def end_visit(visit_id: UUID, *, store: Store, by: str = "customer") -> None:
    """From now on its key opens nothing. Ending it twice changes nothing."""
    now = store.clock.now()
    with store.session() as session:
        visit = session.get_one(Visit, visit_id, with_for_update=True)
        if visit.ended_at is not None:
            return
        visit.ended_at, visit.proven_until = now, None
        note(session, "visit ended", visit, at=now, who=by, why="asked for")
        session.commit()
