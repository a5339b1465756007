"""Opening and closing tasks for people, each only once while it is open."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2c_core.conversations.task import Task
from o2c_core.customers.seller import Seller
from o2c_core.keys import new_key
from o2c_core.trail import note

DEFAULT_OWNER = "finance"
END_OF_DAY = time(17)


def open_task(
    session: Session,
    kind: str,
    about: str,
    why: str,
    *,
    at: datetime,
    seller_id: UUID | None = None,
    customer_id: UUID | None = None,
    message_id: UUID | None = None,
    owner: str | None = None,
    due_at: datetime | None = None,
    **details: Any,
) -> Task:
    """The open task of that kind about that; while one is open, asking again gives it and changes nothing."""
    statement = (
        insert(Task)
        .values(
            id=new_key(),
            kind=kind,
            about=about,
            state="open",
            seller_id=seller_id,
            customer_id=customer_id,
            message_id=message_id,
            owner=owner,
            due_at=due_at,
            why=why,
            details=details,
            opened_at=at,
        )
        # Said in so many words, as a prepared statement cannot tell which index is meant by a value it is only given.
        .on_conflict_do_nothing(index_elements=["kind", "about"], index_where=sql("state = 'open'"))
        .returning(Task.id)
    )
    is_new = session.scalar(statement) is not None
    task = session.scalars(select(Task).where(Task.kind == kind, Task.about == about, Task.state == "open")).one()
    if is_new:
        note(
            session, "task opened", task, at=at, who="system", why=why, message_id=message_id, kind=kind, about=about
        )  # fmt: skip
    return task


def owner_of(seller: Seller, kind: str) -> str:
    """Who at that seller sees to tasks of that kind: whom its settings name under "owners", else finance."""
    owners = (seller.settings or {}).get("owners", {})
    return str(owners.get(kind) or owners.get("*") or DEFAULT_OWNER)


def due_at(seller: Seller, on: date) -> datetime:
    """The end of that working day where the seller is."""
    return datetime.combine(on, END_OF_DAY, ZoneInfo(seller.time_zone))


def close_tasks(session: Session, kind: str, about: str, *, at: datetime, by: str, how: str) -> bool:
    """Whether an open task of that kind about that was there; it is done now."""
    closed = session.scalars(
        update(Task)
        .where(Task.kind == kind, Task.about == about, Task.state == "open")
        .values(state="done", done_at=at, done_by=by, done_how=how)
        .returning(Task)
        .execution_options(populate_existing=True)
    ).all()
    for task in closed:
        note(session, "task done", task, at=at, who=by, why=how, message_id=task.message_id, kind=kind, about=about)
    return bool(closed)
