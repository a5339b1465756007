"""`parley task`: what only a person can put right about messages, and what was done about it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy import select

from app.installation import opened_store
from o2c_core.actions.close_task import close_task
from o2c_core.actions.confirm_sent import confirm_sent
from o2c_core.actions.send_again import send_again
from o2c_core.actions.withdraw_uncertain import withdraw_uncertain
from o2c_core.conversations.task import Task
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.store.store import Store

task_app = typer.Typer(help="What only a person can put right about messages.", no_args_is_help=True)
_Task = Annotated[str, typer.Argument(help="The task's id, as `parley task list` shows it.")]
_By = Annotated[str, typer.Option("--by", help="Who says so, for the trail.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]


class NoSuchOpenTask(NotFound):
    """There is no open task with that id; parley task list shows them."""


class NotAboutSending(Refused):
    """That task is not about a message nobody can tell about; close it with parley task done."""


@task_app.command("list")
def list_tasks(
    seller: Annotated[str | None, typer.Option(help="Only this seller's, by its reference.")] = None,
    as_json: _Json = False,
) -> None:
    """List the open tasks, oldest first."""
    with opened_store() as store:
        rows = _open(store, seller)
    if as_json:
        sys.stdout.write(json.dumps({"tasks": rows}, ensure_ascii=False, indent=2) + "\n")
        return
    for row in rows:
        whose = f", {row['customer']}" if row["customer"] else ""
        sys.stdout.write(f"{row['id']}  {row['opened_at'][:16]}  {row['kind']}{whose}\n    {row['why']}\n")
    sys.stdout.write(f"{len(rows)} {'task waits' if len(rows) == 1 else 'tasks wait'} for a person.\n")


@task_app.command("done")
def done(
    task: _Task,
    how: Annotated[str, typer.Option(help="What was done about it.")],
    by: _By = "command line",
    as_json: _Json = False,
) -> None:
    """Close a task."""
    with opened_store() as store:
        closed = close_task(_open_task(store, task).id, store=store, by=by, how=how)
    _say({"id": str(closed.id), "state": closed.state}, "The task is closed.", as_json)


@task_app.command("again")
def again(task: _Task, by: _By = "command line", as_json: _Json = False) -> None:
    """Send the message once more: it was found not to have left."""
    _settle(task, send_again, by, "The message is in the queue again.", as_json)


@task_app.command("arrived")
def arrived(task: _Task, by: _By = "command line", as_json: _Json = False) -> None:
    """The message was found to have arrived."""
    _settle(task, confirm_sent, by, "The message counts as sent.", as_json)


@task_app.command("drop")
def drop(task: _Task, by: _By = "command line", as_json: _Json = False) -> None:
    """Leave the message unsent."""
    _settle(task, withdraw_uncertain, by, "The message is withdrawn.", as_json)


def _settle(task: str, decide: Callable[..., str], by: str, said: str, as_json: bool) -> None:
    with opened_store() as store:
        found = _open_task(store, task)
        if found.kind != "uncertain_send" or found.message_id is None:
            raise NotAboutSending(task=task)
        state = decide(found.message_id, store=store, by=by)
    _say({"id": str(found.id), "message": str(found.message_id), "delivery": state}, said, as_json)


def _say(about: dict[str, str], said: str, as_json: bool) -> None:
    sys.stdout.write(json.dumps(about) + "\n" if as_json else said + "\n")


def _open_task(store: Store, written: str) -> Task:
    try:
        key = UUID(written)
    except ValueError as odd:
        raise NoSuchOpenTask(task=written) from odd
    with store.session() as session:
        found = session.get(Task, key)
    if found is None or found.state != "open":
        raise NoSuchOpenTask(task=written)
    return found


def _open(store: Store, seller_ref: str | None) -> Sequence[dict[str, Any]]:
    query = (
        select(Task, Seller.ref, Customer.name)
        .outerjoin(Seller, Seller.id == Task.seller_id)
        .outerjoin(Customer, Customer.id == Task.customer_id)
        .where(Task.state == "open")
        .order_by(Task.opened_at, Task.id)
    )
    with store.session() as session:
        if seller_ref is not None:
            seller_id = session.scalar(select(Seller.id).where(Seller.ref == seller_ref))
            if seller_id is None:
                raise NotFound(f"There is no seller '{seller_ref}'.", seller=seller_ref)
            query = query.where(Task.seller_id == seller_id)
        return [
            {
                "id": str(task.id),
                "kind": task.kind,
                "seller": ref,
                "customer": name,
                "why": task.why,
                "message": str(task.message_id) if task.message_id else None,
                "opened_at": task.opened_at.isoformat(),
                "details": task.details,
            }
            for task, ref, name in session.execute(query)
        ]
