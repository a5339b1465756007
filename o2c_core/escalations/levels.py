"""From level to level: when an escalation begins, when it goes up, and what its owner is told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.customers.working_time import Span, read_span
from o2c_core.escalations.begun import Begun
from o2c_core.escalations.deeds import carry_out
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.rule_file import RuleDocument
from o2c_core.trail import note

UNACKNOWLEDGED = "nobody acknowledged it in time"
TOO_LATE = "it was not dealt with in time"


def goes_up(escalation: Escalation, levels: int, now: datetime) -> str | None:
    """Why the next level begins now; None when it does not."""
    if not escalation.is_open or escalation.level >= levels:
        return None
    if escalation.deadline_at is not None and now >= escalation.deadline_at:
        return TOO_LATE
    by = escalation.acknowledge_by
    if escalation.acknowledged_at is None and by is not None and now >= by:
        return UNACKNOWLEDGED
    return None


def is_late(escalation: Escalation, now: datetime) -> bool:
    """Whether somebody should have acknowledged it or dealt with it by now."""
    waits = escalation.acknowledge_by if escalation.acknowledged_at is None else None
    return escalation.is_open and any(at is not None and now >= at for at in (waits, escalation.deadline_at))


def begin_level(
    session: Session,
    escalation: Escalation,
    rule: RuleDocument,
    number: int,
    *,
    seller: Seller,
    customer: Customer,
    now: datetime,
    why: str,
) -> None:
    """Puts the escalation on that level in the session's transaction, does what the level says, and notes it.

    The time for acknowledging begins again, and so does the deadline: a new owner gets their own.
    """
    level = rule.level[number - 1]
    begun = Begun(session, seller, customer, rule, escalation, level, now)
    hours, country = rule.working_hours, seller.country

    def until(span: Span | None) -> datetime | None:
        return hours.later(now, span, begun.zone, country) if span else None

    escalation.level, escalation.level_at, escalation.owner = number, now, level.owner
    escalation.acknowledge_by = until(read_span(level.acknowledge_within) if level.acknowledge_within else None)
    escalation.acknowledged_at = escalation.acknowledged_by = None
    escalation.deadline_at = until(rule.deadline_span)
    session.add(escalation)
    session.flush()
    done = carry_out(begun)
    escalation.done = [*escalation.done, *done]
    note(
        session, "escalation fired" if number == 1 else "escalation raised", escalation, at=now, who=begun.by, why=why,
        rule=rule.name, level=number, owner=level.owner, facts=escalation.facts,
        acknowledge_by=escalation.acknowledge_by.isoformat() if escalation.acknowledge_by else None,
        did=[one["do"] for one in done if "refused" not in one],
        refused=[one["do"] for one in done if "refused" in one],
    )  # fmt: skip
