"""End a hold before its last day."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from o2c_core.cases.hold import MOVES, Hold
from o2c_core.cases.moves import Settled
from o2c_core.clock import today
from o2c_core.conversations.holds_ending import forget_end
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.store.store import Store
from o2c_core.trail import note


def end_hold(hold_id: UUID, *, why: str, by: str, store: Store) -> Hold:
    """The hold, which no longer holds from today on.

    Raises: NotFound; Settled when it is over already.
    """
    now = store.clock.now()
    with store.session() as session:
        hold = session.scalars(select(Hold).where(Hold.id == hold_id).with_for_update(key_share=True)).one_or_none()
        if hold is None:
            raise NotFound(hold=str(hold_id))
        day = today(store.clock, session.get_one(Seller, hold.seller_id).time_zone)
        if hold.ended_on is not None or "ended" not in MOVES[hold.stands(day)]:
            raise Settled(until_on=hold.until_on, ended_on=hold.ended_on)
        hold.ended_on = day
        hold.ended_why = why
        forget_end(session, hold, by, now)
        note(session, "hold ended", hold, at=now, who=by, why=why, kind=hold.kind, owner=hold.owner)
        session.commit()
        return hold
