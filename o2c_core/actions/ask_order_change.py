"""Ask a colleague to cancel or change an order: a task with the customer's own words and what code read out of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.complaint import answer_day
from o2c_core.clock import today
from o2c_core.conversations.task import Task
from o2c_core.conversations.tasks import open_task
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.orders.order import NoSuchOrder, Order, order_to_change, quantities_of
from o2c_core.store.store import Store
from o2c_core.trail import note

WORDS_SHOWN = 300
_VERB = {"cancel": "to cancel it", "change": "to change it"}


class NothingLeftToChange(Refused):
    """Everything of that order has left or was cancelled, so nothing about it can be changed any more."""


@dataclass(frozen=True)
class OrderWish:
    """What somebody wants of an order: `words` are theirs, and `read` is what was read out of them, in plain JSON.

    `key` is the request's own, so that the same one is asked once.
    """

    customer_id: UUID
    order_id: UUID
    wants: Literal["cancel", "change"]
    words: str
    key: str
    read: dict[str, Any] = field(default_factory=dict)
    packet: dict[str, Any] = field(default_factory=dict)
    message_id: UUID | None = None


def ask_order_change(wish: OrderWish, *, store: Store, by: str = "assistant") -> Task:
    """The task, open until a person says what was done. Its details say by which day it is answered.

    Raises: NoSuchOrder, also for another customer's; NothingLeftToChange.
    """
    now = store.clock.now()
    with store.session() as session:
        order = order_to_change(session, wish.order_id)
        if order.customer_id != wish.customer_id:
            raise NoSuchOrder(order=str(wish.order_id))
        about = f"order:{order.id}:{wish.key}"
        before = session.scalars(select(Task).where(Task.kind == "order_request", Task.about == about)).first()
        if before is not None:
            return before
        if not any(quantities_of(line, order.shipments).open > 0 for line in order.lines):
            raise NothingLeftToChange(order=order.number)
        seller = session.get_one(Seller, order.seller_id)
        answer_by = answer_day(today(store.clock, seller.time_zone))
        said = " ".join(wish.words.split())[:WORDS_SHOWN]
        task = open_task(
            session, "order_request", about,
            f"Order {order.number}: the customer asks {_VERB[wish.wants]}, and was told they hear by {answer_by}. “{said}”",
            at=now, seller_id=order.seller_id, customer_id=order.customer_id, message_id=wish.message_id,
            order=order.number, wants=wish.wants, words=wish.words, read=wish.read, packet=wish.packet,
            answer_by=answer_by.isoformat(),
        )  # fmt: skip
        note(
            session, f"{wish.wants} asked for", order, at=now, who=by, why="the customer asked", number=order.number,
            message_id=wish.message_id, task_id=str(task.id),
        )  # fmt: skip
        session.commit()
        return task


def open_request(session: Session, order: Order, wants: str) -> Task | None:
    """The oldest request to do that with the order that nobody has seen to yet."""
    query = select(Task).where(
        Task.kind == "order_request",
        Task.state == "open",
        Task.customer_id == order.customer_id,
        Task.about.startswith(f"order:{order.id}:"),
        Task.details["wants"].astext == wants,
    )
    return session.scalars(query.order_by(Task.id).limit(1)).one_or_none()


def answered_by(task: Task) -> date:
    """The day the customer was told they hear by."""
    return date.fromisoformat(task.details["answer_by"])
