"""The pace of a sender: every message gets its moment to leave, whichever worker sends it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Interval, bindparam, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2c_core.conversations.road import Pace

# A slot so near is as good as now: a sender may be one second ahead of its pace, and no worker stands and waits.
AHEAD = timedelta(seconds=1)
# A message that comes this much after the slot it was given has lost it; else those held up would all leave at once.
LATE = timedelta(seconds=15)
# What nobody is waiting for goes in a lane of its own, so that an answer never waits behind a morning of reminders.
_PATIENT = ("reminder", "notice")
_PATIENT_LANE = "~later"

_NOW, _GAP = bindparam("now", type_=Pace.next_at.type), bindparam("gap", type_=Interval())
_NEXT = insert(Pace).values(carrier=bindparam("of"), sender=bindparam("lane"), next_at=_NOW + _GAP)
_TAKE = _NEXT.on_conflict_do_update(
    index_elements=["carrier", "sender"], set_={"next_at": func.greatest(Pace.next_at, _NOW) + _GAP}
).returning(Pace.next_at)
_PUSH_BACK = (
    update(Pace)
    .where(Pace.carrier == bindparam("of"), Pace.sender == bindparam("lane"), Pace.next_at > _NOW)
    .values(next_at=Pace.next_at + _GAP)
)


def lane_of(sender: str | None, channel: str, purpose: str) -> str:
    """What is paced together: a sender (or the carrier's own for a channel), and within it what can wait."""
    return (sender or channel) + (_PATIENT_LANE if purpose in _PATIENT else "")


def gap_of(carrier: object) -> timedelta | None:
    """The time between two messages of one sender, as the carrier says in `per_second`; None for one that does not
    mind, such as that which keeps instead of sending."""
    per_second = getattr(carrier, "per_second", None)
    return timedelta(seconds=1 / float(per_second)) if per_second else None


def take_slot(session: Session, carrier: str, lane: str, gap: timedelta, now: datetime) -> datetime:
    """The moment this sender's next message may leave; it is taken from now on, until the transaction is undone.

    A message somebody waits for also pushes back what can wait, so that together they keep the pace.
    """
    given = {"of": carrier, "now": now, "gap": gap}
    after = session.execute(_TAKE, given | {"lane": lane}).scalar_one()
    if not lane.endswith(_PATIENT_LANE):
        session.execute(
            _PUSH_BACK, given | {"lane": lane + _PATIENT_LANE}, execution_options={"synchronize_session": False}
        )
    return after - gap


def slow_down(session: Session, carrier: str, lane: str, until: datetime) -> None:
    """The provider asked this sender to slow down: nothing more of it leaves before then."""
    statement = insert(Pace).values(carrier=carrier, sender=lane, next_at=until)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["carrier", "sender"], set_={"next_at": func.greatest(Pace.next_at, until)}
        )
    )


def is_due_slot(slot: datetime, now: datetime) -> bool:
    """Whether a slot that was given before is still good: it has come, and was not missed by much."""
    return slot - AHEAD <= now <= slot + LATE
