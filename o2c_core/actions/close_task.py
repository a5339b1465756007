"""Close a task: somebody says what was done about it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update

from o2c_core.conversations.document_problems import settle_with_task
from o2c_core.conversations.task import Task
from o2c_core.errors import NotFound, Refused
from o2c_core.store.store import Store
from o2c_core.trail import note


class NoSuchTask(NotFound):
    """There is no such task."""


class HowIsMissing(Refused):
    """Say in a few words what was done about it."""


def close_task(task_id: UUID, *, store: Store, by: str, how: str) -> Task:
    """The task, done, and what it was opened to put right with it. One that is done already stays as it was.

    Raises: NoSuchTask; HowIsMissing.
    """
    if not how.strip():
        raise HowIsMissing(task=str(task_id))
    now = store.clock.now()
    with store.session() as session:
        closed = session.scalars(
            update(Task)
            .where(Task.id == task_id, Task.state == "open")
            .values(state="done", done_at=now, done_by=by, done_how=how.strip()[:500])
            .returning(Task)
        ).one_or_none()
        if closed is None:
            task = session.get(Task, task_id)
            if task is None:
                raise NoSuchTask(task=str(task_id))
            return task
        settle_with_task(session, closed, how=how.strip()[:500], by=by, at=now)
        note(
            session, "task done", closed, at=now, who=by, why=how.strip()[:500], message_id=closed.message_id,
            kind=closed.kind, about=closed.about,
        )  # fmt: skip
        session.commit()
        return closed
