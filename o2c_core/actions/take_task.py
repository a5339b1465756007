"""Take a task on: from now on it is that person's to do."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from o2c_core.actions.close_task import NoSuchTask
from o2c_core.conversations.task import Task
from o2c_core.errors import Overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note


class TaskIsDone(Overtaken):
    """Somebody has done that already."""


def take_task(task_id: UUID, *, owner: str, store: Store) -> Task:
    """The task, with its new owner. Whose it is already keeps it and nothing changes.

    Raises: NoSuchTask; TaskIsDone.
    """
    now = store.clock.now()
    with store.session() as session:
        task = session.scalars(select(Task).where(Task.id == task_id).with_for_update(key_share=True)).one_or_none()
        if task is None:
            raise NoSuchTask(task=str(task_id))
        if task.state != "open":
            raise TaskIsDone(f"{task.done_by} has done that already: {task.done_how}", task=str(task_id))
        if task.owner == owner:
            return task
        before, task.owner = task.owner, owner
        note(
            session, "task taken", task, at=now, who=owner, message_id=task.message_id, kind=task.kind,
            about=task.about, before=before,
        )  # fmt: skip
        session.commit()
        return task
