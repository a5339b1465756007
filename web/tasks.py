"""What only a person can put right about messages: the open tasks, and the carriers that do not answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from o2c_core.conversations.message import Message
from o2c_core.conversations.road import Circuit
from o2c_core.conversations.task import Task
from o2c_core.customers.customer import Customer

TASKS_SHOWN = 100

# What each kind is called, and what a person does about it; the last is the command, with {id} for the task's own.
KINDS: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {
    "data_fix": (
        "An address does not work",
        "Find the right one, correct it where your customer data comes from, import it, then close this.",
        (("Close it", 'parley task done {id} --how "…"'),),
    ),
    "uncertain_send": (
        "Nobody knows whether this was sent",
        "Look it up with the provider, or ask the customer. It is not sent again unless you say so.",
        (
            ("It arrived", "parley task arrived {id}"),
            ("It did not; send it again", "parley task again {id}"),
            ("Leave it unsent", "parley task drop {id}"),
        ),
    ),
    "provider": (
        "Something is wrong at a provider",
        "Look at the account or setting that is named, then close this.",
        (("Close it", 'parley task done {id} --how "…"'),),
    ),
    "review": (
        "A message needs somebody to look at it",
        "It is kept as it came in; nothing was answered.",
        (("Close it", 'parley task done {id} --how "…"'),),
    ),
    "order_request": (
        "A customer wants an order changed",
        "Decide, change the order where your orders come from, tell the customer by that day (a no too), then close this.",
        (("Close it", 'parley task done {id} --how "…"'),),
    ),
    "call": (
        "A step of the reminders is a call",
        "Call them by that day, note what they said as a promise, plan or objection, then close this.",
        (("Close it", 'parley task done {id} --how "…"'),),
    ),
    "broken_promise": (
        "A promise or plan was not kept",
        "Call them, agree on what is possible, and close this; it closes by itself once it is paid.",
        (("Close it", 'parley task done {id} --how "…"'),),
    ),
    "document_problem": (
        "An invoice lacks something the customer needs",
        "Put it right and send it; closing this says so, and reminders go on a few banking days later.",
        (("Close it", 'parley task done {id} --how "…"'),),
    ),
    "escalation": (
        "A rule of finance asks you to look",
        "See what the rule says, take it on, then close this.",
        (("Close it", 'parley task done {id} --how "…"'),),
    ),
    "approval": (
        "Somebody of finance has to approve this",
        "Decide it on the page of rules, with a reason; this closes by itself.",
        (("Close it", 'parley task done {id} --how "…"'),),
    ),
    "collection": (
        "A debt is to be handed over",
        "Check the evidence pack, hand it over or take it back, then close this.",
        (("Close it", 'parley task done {id} --how "…"'),),
    ),
    "payment_trace": (
        "A payment the customer speaks of has not come",
        "Look for it with the bank or among unmatched money; it closes by itself when the money is here.",
        (("Close it", 'parley task done {id} --how "…"'),),
    ),
    "hold_end": (
        "A hold ends",
        "Prolong it with a new hold, or let it end; then close this.",
        (("Close it", 'parley task done {id} --how "…"'),),
    ),
}


@dataclass(frozen=True)
class ForPerson:
    """An open task as the page shows it."""

    task: Task
    customer: str | None
    customer_ref: str | None
    is_outgoing: bool

    @property
    def title(self) -> str:
        return KINDS[self.task.kind][0]

    @property
    def advice(self) -> str:
        return KINDS[self.task.kind][1]

    @property
    def commands(self) -> list[tuple[str, str]]:
        return [(what, command.format(id=self.task.id)) for what, command in KINDS[self.task.kind][2]]


def tasks_for(session: Session, seller_id: UUID, limit: int = TASKS_SHOWN) -> Sequence[ForPerson]:
    """The open tasks of the seller and those of the whole installation, oldest first, one more than `limit` if there are."""
    query = (
        select(Task, Customer.name, Customer.ref, Message.direction)
        .outerjoin(Customer, Customer.id == Task.customer_id)
        .outerjoin(Message, Message.id == Task.message_id)
        .where(Task.state == "open", _of(seller_id))
        .order_by(Task.opened_at, Task.id)
        .limit(limit + 1)
    )
    return [ForPerson(task, name, ref, direction == "out") for task, name, ref, direction in session.execute(query)]


def tasks_count(session: Session, seller_id: UUID) -> int:
    return session.scalar(select(func.count()).where(Task.state == "open", _of(seller_id))) or 0


def silent_carriers(session: Session, now: datetime) -> Sequence[Circuit]:
    """The carriers nothing is handed to at the moment, because they do not answer."""
    return session.scalars(select(Circuit).where(Circuit.open_until > now).order_by(Circuit.carrier)).all()


def _of(seller_id: UUID) -> ColumnElement[bool]:
    return or_(Task.seller_id == seller_id, Task.seller_id.is_(None))
