"""Close an escalation: somebody says what was done about it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from o2c_core.actions.close_task import HowIsMissing
from o2c_core.cases.moves import Settled
from o2c_core.escalations.ending import tidy_up
from o2c_core.escalations.escalation import Escalation, NoSuchEscalation
from o2c_core.store.store import Store
from o2c_core.trail import note


def close_escalation(escalation_id: UUID, *, by: str, how: str, store: Store) -> Escalation:
    """The escalation, dealt with. The rule does not fire again for as long as its condition goes on holding.

    Holds it placed stay until they end or the condition no longer holds.

    Raises: NoSuchEscalation; HowIsMissing; Settled when it is over, was closed before or was only a trial.
    """
    if not how.strip():
        raise HowIsMissing(escalation=str(escalation_id))
    now = store.clock.now()
    with store.session() as session:
        found = session.scalars(
            select(Escalation).where(Escalation.id == escalation_id).with_for_update()
        ).one_or_none()
        if found is None:
            raise NoSuchEscalation(escalation=str(escalation_id))
        if not found.is_open:
            raise Settled(now=found.stands)
        found.closed_at, found.closed_by, found.closed_how = now, by, how.strip()[:500]
        note(
            session, "escalation closed", found, at=now, who=by, why=found.closed_how, rule=found.rule,
            level=found.level,
        )  # fmt: skip
        tidy_up(session, found, found.closed_how, now=now, who=by)
        session.commit()
        return found
