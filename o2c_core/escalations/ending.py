"""The end of an escalation: what it left open is closed with it, and whoever was told hears that it is over."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from o2c_core.cases.hold import Hold
from o2c_core.cases.moves import move
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.task import Task
from o2c_core.conversations.tasks import close_tasks
from o2c_core.escalations.approval import MOVES, Approval
from o2c_core.escalations.begun import about
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.telling import tell_more
from o2c_core.trail import note


def end(session: Session, escalation_id: UUID, why: str, *, now: datetime, day: date, who: str) -> Escalation | None:
    """The escalation, over from now on, so that its rule may fire anew; None when it was over already.

    Its tasks are done with, approvals that wait for it lapse, and holds it placed end.
    """
    ended = session.scalars(
        update(Escalation)
        .where(Escalation.id == escalation_id, Escalation.ended_at.is_(None))
        .values(ended_at=now, ended_why=why)
        .returning(Escalation)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if ended is None:
        return None
    note(session, "escalation over", ended, at=now, who=who, why=why, rule=ended.rule, level=ended.level)
    if ended.is_trial:
        return ended
    was_open = ended.closed_at is None
    tidy_up(session, ended, why, now=now, who=who)
    _end_holds(session, ended, why, now=now, day=day, who=who)
    if was_open:
        _say_so(session, ended, why, now)
    return ended


def tidy_up(session: Session, escalation: Escalation, why: str, *, now: datetime, who: str) -> None:
    """Closes its open tasks, and lets approvals lapse that nobody decided about."""
    for waiting in session.scalars(
        select(Approval)
        .where(Approval.escalation_id == escalation.id, Approval.state == "waiting")
        .with_for_update(key_share=True)
    ):
        move(waiting, "lapsed", MOVES)
        waiting.decided_at, waiting.why = now, why
        note(session, "approval lapsed", waiting, at=now, who=who, why=why, kind=waiting.kind)
        close_tasks(session, "approval", f"approval:{waiting.id}", at=now, by=who, how=why)
    open_ones = select(Task.about).where(
        Task.kind == "escalation", Task.state == "open", Task.about.startswith(f"{about(escalation)}:", autoescape=True)
    )
    for which in session.scalars(open_ones).all():
        close_tasks(session, "escalation", which, at=now, by=who, how=why)


def _end_holds(session: Session, escalation: Escalation, why: str, *, now: datetime, day: date, who: str) -> None:
    placed = [UUID(key) for done in escalation.done for key in done.get("holds", ())]
    if not placed:
        return
    running = select(Hold).where(Hold.id.in_(placed), or_(Hold.ended_on.is_(None), Hold.ended_on > day))
    for hold in session.scalars(running.with_for_update(key_share=True)):
        hold.ended_on, hold.ended_why = day, why
        note(session, "hold ended", hold, at=now, who=who, why=why, kind=hold.kind, owner=hold.owner)


def _say_so(session: Session, escalation: Escalation, why: str, now: datetime) -> None:
    for done in escalation.done:
        told = session.get(Conversation, UUID(done["conversation"])) if "conversation" in done else None
        if told is not None:
            tell_more(session, told, f"It is over: {why}. There is nothing left to do about it.", now=now)
