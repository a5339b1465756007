"""Say who answers for a dispute or a complaint from now on."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.moves import Settled
from o2c_core.errors import NotFound
from o2c_core.store.store import Store
from o2c_core.trail import note

Case = TypeVar("Case", Dispute, Complaint)


def assign_case(kind: type[Case], case_id: UUID, *, owner: str, by: str, store: Store) -> Case:
    """The case with its new owner; the same owner again changes nothing.

    Raises: NotFound; Settled when it has been resolved.
    """
    with store.session() as session:
        case = session.scalars(select(kind).where(kind.id == case_id).with_for_update(key_share=True)).one_or_none()
        if case is None:
            raise NotFound(case=str(case_id))
        if case.state != "open":
            raise Settled(now=case.state)
        if case.owner != owner:
            note(
                session,
                f"{case.__tablename__} assigned",
                case,
                at=store.clock.now(),
                who=by,
                number=case.number,
                owner=owner,
                before=case.owner,
            )
            case.owner = owner
            session.commit()
        return case
