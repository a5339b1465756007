"""Holds that end: their owner is told while they still hold and when they no longer do."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Integer, cast, select, update
from sqlalchemy.orm import Session

from o2c_core.cases.hold import Hold, warning_day
from o2c_core.conversations.tasks import close_tasks, due_at, open_task
from o2c_core.customers.seller import Seller
from o2c_core.trail import note

# A last day after a weekend is told of on the Friday.
_AHEAD_DAYS = 3
_HELD = {"reminders": "reminders", "credit": "selling on account", "delivery": "deliveries"}


def tell_of_ends(session: Session, seller_id: UUID, on: date, now: datetime) -> int:
    """How many owners were told today that a hold of theirs is about to end; each once."""
    soon = select(Hold).where(
        Hold.seller_id == seller_id,
        Hold.ended_on.is_(None),
        Hold.warned_on.is_(None),
        Hold.from_on < on,
        Hold.until_on >= on,
        Hold.until_on <= on + timedelta(days=_AHEAD_DAYS),
    )
    holds = [one for one in session.scalars(soon.order_by(Hold.id)) if warning_day(one.until_on) <= on]
    if not holds:
        return 0
    moved = session.scalars(
        update(Hold)
        .where(Hold.id.in_([one.id for one in holds]), Hold.warned_on.is_(None))
        .values(warned_on=on)
        .returning(Hold.id)
        .execution_options(synchronize_session="fetch")
    )
    ours = set(moved.all())
    for hold in holds:
        if hold.id in ours:
            _tell(session, hold, "ends", f"The hold on {_HELD[hold.kind]} ends after {hold.until_on}. Prolong it, or let it end.",
                  hold.until_on, now)  # fmt: skip
            note(
                session, "hold ends soon", hold, at=now, who="system", why=hold.reason, kind=hold.kind, owner=hold.owner,
                until=hold.until_on.isoformat(),
            )  # fmt: skip
    return len(ours)


def end_holds(session: Session, seller_id: UUID, on: date, now: datetime) -> int:
    """How many holds were found to be over; the trail says so, and their owners are told."""
    ended = session.scalars(
        update(Hold)
        .where(Hold.seller_id == seller_id, Hold.ended_on.is_(None), Hold.until_on < on)
        .values(ended_on=Hold.until_on + cast(1, Integer), ended_why="its last day is over")
        .returning(Hold)
        .execution_options(synchronize_session=False)
    )
    holds = ended.all()
    for hold in holds:
        close_tasks(session, "hold_end", _about(hold, "ends"), at=now, by="system", how="It has ended.")
        _tell(session, hold, "ended", f"The hold on {_HELD[hold.kind]} has ended; what it held goes on.", on, now)
        note(
            session, "hold ended", hold, at=now, who="system", why="its last day is over", kind=hold.kind,
            owner=hold.owner, until=hold.until_on.isoformat(),
        )  # fmt: skip
    return len(holds)


def forget_end(session: Session, hold: Hold, by: str, now: datetime) -> None:
    """Somebody ended it themselves, so nobody has to decide about its end any more."""
    close_tasks(session, "hold_end", _about(hold, "ends"), at=now, by=by, how="It was ended before its last day.")


def _tell(session: Session, hold: Hold, what: str, why: str, by_day: date, now: datetime) -> None:
    seller = session.get_one(Seller, hold.seller_id)
    open_task(
        session, "hold_end", _about(hold, what), why, at=now, seller_id=hold.seller_id, customer_id=hold.customer_id,
        message_id=hold.message_id, owner=hold.owner, due_at=due_at(seller, by_day), hold=str(hold.id), held=hold.kind,
        until=hold.until_on.isoformat(),
    )  # fmt: skip


def _about(hold: Hold, what: str) -> str:
    return f"hold {hold.id} {what}"
