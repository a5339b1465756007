"""Asking for a job inside the transaction that makes it necessary."""

from __future__ import annotations

from datetime import datetime

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy.orm import Session

# The app only writes rows on connections it is handed, so its own pool is never opened.
_queue = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def ask_for(session: Session, job: str, *, at: datetime | None = None, once: str | None = None, **about: str) -> None:
    """The job is queued when, and only if, the session's transaction commits.

    `at` is the earliest moment (UTC) to start it. `once` names a job of which one waiting copy is enough: asking
    again changes nothing.
    """
    if once is None:
        _deferrer(session, job, at, None).defer(**about)
        return
    try:
        with session.begin_nested():
            # The savepoint is only set when the connection is asked for inside it.
            _deferrer(session, job, at, once).defer(**about)
    except AlreadyEnqueued:
        return


def _deferrer(session: Session, job: str, at: datetime | None, once: str | None) -> procrastinate.jobs.JobDeferrer:
    connection = session.connection().connection.driver_connection
    return _queue.configure_task(job, connection=connection, schedule_at=at, queueing_lock=once)
