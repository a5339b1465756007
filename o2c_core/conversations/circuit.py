"""The circuit of a carrier: it opens when the provider is down, lets one message try, and closes when it answers."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2c_core.conversations.backoff import circuit_seconds
from o2c_core.conversations.message import Message
from o2c_core.conversations.road import Circuit
from o2c_core.conversations.tasks import close_tasks, open_task
from o2c_core.trail import note

# So many failures in a row, by whichever worker, open it.
FAILURES_MAX = 5
# How long the one message that tries has the road to itself.
TRIAL = timedelta(seconds=20)


def waits_sentence(carrier: str) -> str:
    """Why a message waits, for people; also by which the waiting are found again."""
    return f"{carrier} does not answer; it is tried again by itself."


def task_about(carrier: str) -> str:
    return f"circuit:{carrier}"


def is_open(circuit: Circuit | None, now: datetime) -> bool:
    return circuit is not None and circuit.open_until is not None and circuit.open_until > now


def is_on_trial(circuit: Circuit | None, now: datetime) -> bool:
    """Whether it was open and may be tried now, by one message."""
    return circuit is not None and circuit.open_until is not None and circuit.open_until <= now


def take_trial(session: Session, carrier: str, now: datetime) -> bool:
    """Whether this transaction's message is the one that tries; all others wait a while longer."""
    taken = session.scalar(
        update(Circuit)
        .where(Circuit.carrier == carrier, Circuit.open_until <= now)
        .values(open_until=now + TRIAL)
        .returning(Circuit.carrier)
        .execution_options(synchronize_session=False)
    )
    return taken is not None


def note_failure(session: Session, carrier: str, why: str, now: datetime, luck: float) -> None:
    """Counts that the provider did not answer, and opens the circuit for a growing while when that is too often."""
    counted = insert(Circuit).values(carrier=carrier, failures=1)
    failures = session.execute(
        counted.on_conflict_do_update(index_elements=["carrier"], set_={"failures": Circuit.failures + 1}).returning(
            Circuit.failures
        )
    ).scalar_one()
    if failures < FAILURES_MAX:
        return
    until = now + timedelta(seconds=circuit_seconds(failures, FAILURES_MAX, luck))
    session.execute(
        update(Circuit)
        .where(Circuit.carrier == carrier)
        .values(open_until=until, since=func.coalesce(Circuit.since, now), why=why[:300])
        .execution_options(synchronize_session=False)
    )
    if failures == FAILURES_MAX:
        circuit = session.get_one(Circuit, carrier, populate_existing=True)
        note(session, "circuit opened", circuit, at=now, who="system", why=why[:300], carrier=carrier)
        open_task(
            session, "provider", task_about(carrier), f"{carrier} does not answer; its messages wait.", at=now,
            carrier=carrier, said=why[:300],
        )  # fmt: skip


def note_answer(session: Session, carrier: str, now: datetime) -> None:
    """The provider answered: the count starts anew, the circuit closes, and what waited for it may go."""
    was_open = session.execute(
        update(Circuit)
        .where(Circuit.carrier == carrier, Circuit.failures > 0)
        .values(failures=0, since=None, open_until=None, why=None)
        .returning(Circuit.carrier)
        .execution_options(synchronize_session=False)
    ).scalar()
    if was_open is None:
        return
    if close_tasks(session, "provider", task_about(carrier), at=now, by="system", how="It answers again."):
        circuit = session.get_one(Circuit, carrier, populate_existing=True)
        note(session, "circuit closed", circuit, at=now, who="system", why="it answers again", carrier=carrier)
        # One that is being claimed at this moment is looked at by whoever claims it; waiting for it could lock both.
        held_up = (
            select(Message.id)
            .where(Message.delivery == "queued", Message.waits_why == waits_sentence(carrier))
            .with_for_update(skip_locked=True)
        )
        session.execute(
            update(Message)
            .where(Message.id.in_(held_up))
            .values(not_before=None, waits_why=None)
            .execution_options(synchronize_session=False)
        )
