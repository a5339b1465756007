"""Refuse a formal notice, or take back one that was approved and has not left."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from o2c_core.actions.approve_notice import NotWaiting, notice_to_change
from o2c_core.cases.moves import move
from o2c_core.conversations.message import Message
from o2c_core.conversations.outbox import move as move_message
from o2c_core.errors import Refused
from o2c_core.notices.following import withdraw_notice
from o2c_core.notices.formal_notice import MOVES, FormalNotice
from o2c_core.store.store import Store
from o2c_core.trail import note


class ReasonIsMissing(Refused):
    """Say in a few words why not."""


def refuse_notice(notice_id: UUID, *, by: str, why: str, store: Store) -> FormalNotice:
    """The notice, refused; one that was approved is withdrawn with its message, unless that is leaving already.

    Raises: NoSuchNotice; ReasonIsMissing; NotWaiting.
    """
    if not why.strip():
        raise ReasonIsMissing
    now = store.clock.now()
    with store.session() as session:
        notice = notice_to_change(session, notice_id)
        if notice.state == "proposed":
            move(notice, "refused", MOVES)
            notice.closed_by, notice.closed_at, notice.closed_why = by, now, why.strip()[:500]
            note(
                session, "formal notice refused", notice, at=now, who=by, why=why.strip()[:500], number=notice.number,
                kind=notice.kind,
            )  # fmt: skip
        elif notice.state == "approved":
            if notice.message_id is not None and not move_message(
                session, notice.message_id, "withdrawn", of=("queued",)
            ):
                where = session.scalar(select(Message.delivery).where(Message.id == notice.message_id))
                raise NotWaiting(f"Formal notice {notice.number} is on its way: its message is {where}.")
            withdraw_notice(session, notice, why.strip()[:500], now, by=by)
        else:
            raise NotWaiting(f"Formal notice {notice.number} is {notice.state} already.", state=notice.state)
        session.commit()
        return notice
