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
from o2c_core.customers.contact import Address
from o2c_core.customers.customer import Customer
from o2c_core.customers.masked import masked

TASKS_SHOWN = 100

# What each kind is called, and what a person does about it.
KINDS: dict[str, tuple[str, str]] = {
    "data_fix": (
        "An address does not work",
        "Find the right one and correct it here and where your customer data come from.",
    ),
    "uncertain_send": (
        "Nobody knows whether this was sent",
        "Look it up with the provider, or ask the customer. It is not sent again unless you say so.",
    ),
    "provider": (
        "Something is wrong at a provider",
        "Look at the account or setting that is named, then close this.",
    ),
    "review": (
        "A message needs somebody to look at it",
        "It is kept as it came in; nothing was answered.",
    ),
    "order_request": (
        "A customer wants an order changed",
        "Decide, change the order where your orders come from, tell the customer by that day (a no too), then close this.",
    ),
    "call": (
        "A step of the reminders is a call",
        "Call them by that day, note what they said as a promise, plan or objection, then close this.",
    ),
    "broken_promise": (
        "A promise or plan was not kept",
        "Call them, agree on what is possible, and close this; it closes by itself once it is paid.",
    ),
    "document_problem": (
        "An invoice lacks something the customer needs",
        "Put it right and send it; closing this says so, and reminders go on a few banking days later.",
    ),
    "escalation": (
        "A rule of finance asks you to look",
        "See what the rule says, take it on, then close this.",
    ),
    "approval": (
        "Somebody of finance has to approve this",
        "Decide it on the page of rules, with a reason; this closes by itself.",
    ),
    "collection": (
        "A debt is to be handed over",
        "Check the evidence pack, hand it over or take it back, then close this.",
    ),
    "payment_trace": (
        "A payment the customer speaks of has not come",
        "Look for it with the bank or among unmatched money; it closes by itself when the money is here.",
    ),
    "hold_end": (
        "A hold ends",
        "Prolong it with a new hold, or let it end; then close this.",
    ),
}
# Where what a kind asks for is done, apart from closing it.
ELSEWHERE = {
    "approval": ("/rules#approvals", "Decide it"),
    "escalation": ("/rules#open", "See the rule"),
    "payment_trace": ("/finance/money", "Money that waits"),
    "hold_end": ("/finance/holds", "Holds"),
    "broken_promise": ("/finance/promises?show=broken", "Broken promises"),
}


@dataclass(frozen=True)
class ForPerson:
    """An open task as the page shows it. `address` is the one that does not work, masked, where it is about one."""

    task: Task
    customer: str | None
    customer_ref: str | None
    is_outgoing: bool
    is_uncertain: bool
    address: str | None

    @property
    def title(self) -> str:
        return KINDS[self.task.kind][0]

    @property
    def advice(self) -> str:
        return KINDS[self.task.kind][1]

    @property
    def elsewhere(self) -> tuple[str, str] | None:
        return ELSEWHERE.get(self.task.kind)


def address_id_of(task: Task) -> UUID | None:
    """The address a task asks to correct; None where it is about something else."""
    kind, _, key = task.about.partition(":")
    if task.kind != "data_fix" or kind != "address":
        return None
    try:
        return UUID(key)
    except ValueError:
        return None


def tasks_for(
    session: Session, seller_id: UUID, limit: int = TASKS_SHOWN, *, kind: str = "", owner: str = ""
) -> Sequence[ForPerson]:
    """The open tasks of the seller and those of the whole installation, oldest first, one more than `limit` if there are.

    `kind` and `owner` narrow them.
    """
    query = (
        select(Task, Customer.name, Customer.ref, Message.direction, Message.delivery)
        .outerjoin(Customer, Customer.id == Task.customer_id)
        .outerjoin(Message, Message.id == Task.message_id)
        .where(Task.state == "open", _of(seller_id))
        .order_by(Task.opened_at, Task.id)
        .limit(limit + 1)
    )
    if kind:
        query = query.where(Task.kind == kind)
    if owner:
        query = query.where(Task.owner == owner)
    rows = session.execute(query).all()
    ids = [key for task, *_ in rows if (key := address_id_of(task)) is not None]
    addresses = (
        {one.id: masked(one.value) for one in session.scalars(select(Address).where(Address.id.in_(ids)))}
        if ids
        else {}
    )
    return [
        ForPerson(
            task,
            name,
            ref,
            direction == "out",
            task.kind == "uncertain_send" and delivery == "uncertain",
            addresses.get(key) if (key := address_id_of(task)) is not None else None,
        )
        for task, name, ref, direction, delivery in rows
    ]


def tasks_count(session: Session, seller_id: UUID) -> int:
    return session.scalar(select(func.count()).where(Task.state == "open", _of(seller_id))) or 0


def tasks_by_kind(session: Session, seller_id: UUID) -> dict[str, int]:
    """How many tasks are open of each kind, in the order of the kinds."""
    query = select(Task.kind, func.count()).where(Task.state == "open", _of(seller_id)).group_by(Task.kind)
    found = {kind: int(count) for kind, count in session.execute(query)}
    return {kind: found[kind] for kind in KINDS if kind in found}


def silent_carriers(session: Session, now: datetime) -> Sequence[Circuit]:
    """The carriers nothing is handed to at the moment, because they do not answer."""
    return session.scalars(select(Circuit).where(Circuit.open_until > now).order_by(Circuit.carrier)).all()


def _of(seller_id: UUID) -> ColumnElement[bool]:
    return or_(Task.seller_id == seller_id, Task.seller_id.is_(None))
