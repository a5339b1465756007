"""Change the day by which a dispute or complaint is answered, with the reason; what the customer was told stays in the trail."""

from __future__ import annotations

from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.moves import Settled
from o2c_core.clock import today
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.store.store import Store
from o2c_core.trail import note

Case = TypeVar("Case", Dispute, Complaint)
WHY_CHARACTERS_MAX = 500


class DeadlineNeedsWhy(Refused):
    """Say in a few words why the day changes; the customer was told the one before."""


class DeadlineGone(Refused):
    """The day by which a case is answered is today or one to come, within a year."""


def move_case_deadline(kind: type[Case], case_id: UUID, *, to: date, why: str, by: str, store: Store) -> Case:
    """The case with its new day; the same day again changes nothing.

    Raises: NotFound; Settled when it has been resolved; DeadlineNeedsWhy; DeadlineGone.
    """
    if not why.strip():
        raise DeadlineNeedsWhy
    with store.session() as session:
        case = session.scalars(select(kind).where(kind.id == case_id).with_for_update(key_share=True)).one_or_none()
        if case is None:
            raise NotFound(case=str(case_id))
        if case.state != "open":
            raise Settled(now=case.state)
        on = today(store.clock, session.get_one(Seller, case.seller_id).time_zone)
        if not 0 <= (to - on).days <= 366:
            raise DeadlineGone(to=to.isoformat())
        if case.answer_by != to:
            note(
                session,
                f"{case.__tablename__} deadline moved",
                case,
                at=store.clock.now(),
                who=by,
                why=why.strip()[:WHY_CHARACTERS_MAX],
                number=case.number,
                answer_by=to.isoformat(),
                before=case.answer_by.isoformat() if case.answer_by else None,
            )
            case.answer_by = to
            session.commit()
        return case
