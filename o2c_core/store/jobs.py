"""Asking for a job inside the transaction that makes it necessary."""

from __future__ import annotations

from datetime import datetime

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy.orm import Session

# The app only writes rows on connections it is handed, so its own pool is never opened.
_queue = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


# Workers take what matters most first, so that ten thousand reminders never stand before somebody's question. What
# arrived goes before answering: it may be a stop, or the rest of what is asked.
ARRIVED = 30
SOMEBODY_WAITS = 20
SWEEP = 5
PRIORITIES = {
    "answer": SOMEBODY_WAITS,
    "take_in": ARRIVED,
    "write_webhooks": SWEEP,
    "deliver_webhooks": SWEEP,
    "sweep_outbox": SWEEP,
    "sweep_arrivals": SWEEP,
    "sweep_questions": SWEEP,
    "look_up_uncertain": SWEEP,
    "lapse_proposals": SWEEP,
}


def ask_for(
    session: Session,
    job: str,
    *,
    at: datetime | None = None,
    once: str | None = None,
    somebody_waits: bool = False,
    **about: str,
) -> None:
    """The job is queued when, and only if, the session's transaction commits.

    `at` is the earliest moment (UTC) to start it. `once` names a job of which one waiting copy is enough: asking
    again changes nothing. A job that `somebody_waits` for goes before the others.
    """
    priority = SOMEBODY_WAITS if somebody_waits else PRIORITIES.get(job, 0)
    if once is None:
        _deferrer(session, job, at, None, priority).defer(**about)
        return
    try:
        with session.begin_nested():
            # The savepoint is only set when the connection is asked for inside it.
            _deferrer(session, job, at, once, priority).defer(**about)
    except AlreadyEnqueued:
        return


def _deferrer(
    session: Session, job: str, at: datetime | None, once: str | None, priority: int
) -> procrastinate.jobs.JobDeferrer:
    connection = session.connection().connection.driver_connection
    return _queue.configure_task(job, connection=connection, schedule_at=at, queueing_lock=once, priority=priority)
