"""Let formal notices lapse that waited too long for a person: they speak of days that have gone by."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from o2c_core.actions.approve_notice import lapse, notice_to_change
from o2c_core.conversations.message import Message
from o2c_core.notices.formal_notice import LAPSES_AFTER_DAYS, FormalNotice, has_lapsed
from o2c_core.store.store import Store

# Until one of these a notice's message may still be on its way, and the notice with it.
_LEAVING = ("sending", "uncertain", "sent", "delivered")


def lapse_notices(*, store: Store) -> int:
    """How many lapsed. One whose message is leaving at this moment is left alone; a queued one is withdrawn when it is tried."""
    before = store.clock.now() - timedelta(days=LAPSES_AFTER_DAYS)
    with store.session() as session:
        waiting = select(FormalNotice.id).where(
            FormalNotice.state.in_(("proposed", "approved")), FormalNotice.proposed_at < before
        )
        ids = list(session.scalars(waiting.order_by(FormalNotice.id)))
    return sum(_lapse(id_, store) for id_ in ids)


def _lapse(notice_id: UUID, store: Store) -> bool:
    now = store.clock.now()
    with store.session() as session:
        notice = notice_to_change(session, notice_id)
        where = session.scalar(select(Message.delivery).where(Message.id == notice.message_id))
        if not has_lapsed(notice, now) or where in _LEAVING:
            return False
        lapse(session, notice, now)
        session.commit()
        return True
