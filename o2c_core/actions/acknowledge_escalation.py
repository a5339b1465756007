"""Acknowledge an escalation: somebody says that they have it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from o2c_core.cases.moves import Settled
from o2c_core.errors import Refused
from o2c_core.escalations.escalation import Escalation, NoSuchEscalation
from o2c_core.store.store import Store
from o2c_core.trail import note


class WhoIsMissing(Refused):
    """Say who it is."""


def acknowledge_escalation(escalation_id: UUID, *, by: str, store: Store) -> Escalation:
    """The escalation, which does not go up a level for want of an answer any more. Saying it again changes nothing.

    Raises: NoSuchEscalation; Settled when it is closed or over; WhoIsMissing.
    """
    if not by.strip():
        raise WhoIsMissing
    now = store.clock.now()
    with store.session() as session:
        found = session.scalars(
            select(Escalation).where(Escalation.id == escalation_id).with_for_update()
        ).one_or_none()
        if found is None:
            raise NoSuchEscalation(escalation=str(escalation_id))
        if not found.is_open:
            raise Settled(now=found.stands)
        if found.acknowledged_at is None:
            found.acknowledged_at, found.acknowledged_by = now, by.strip()[:200]
            note(
                session, "escalation acknowledged", found, at=now, who=by.strip()[:200], rule=found.rule,
                level=found.level,
            )  # fmt: skip
            session.commit()
        return found
