"""What a run decided about a customer to whom it wrote nothing: the reason, or the call it asked a person for."""

from __future__ import annotations

from collections.abc import Set
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.task import Task
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.money import Money
from o2c_core.reminders import finance_words as words
from o2c_core.reminders.answer import NotNow, Reason
from o2c_core.reminders.calls import call_of
from o2c_core.reminders.reminder import ReminderDecision
from o2c_core.reminders.why_answer import Told, Why, reason_named


def what_was_decided(
    session: Session, seller: Seller, customer: Customer, on: date, told: Told, besides: Set[str]
) -> list[Why]:
    """One answer per currency, besides those of which a message tells."""
    query = select(ReminderDecision).where(ReminderDecision.customer_id == customer.id, ReminderDecision.on == on)
    return [
        _of_call(session, seller, decision, told) if decision.reason is None else _of_reason(session, decision, told)
        for decision in session.scalars(query.order_by(ReminderDecision.currency))
        if decision.currency not in besides
    ]


def _of_reason(session: Session, decision: ReminderDecision, told: Told) -> Why:
    reason = reason_named(decision.reason or "")
    said = [f"Nobody was written to on {words.day(decision.on)}. {NotNow(None, reason, decision.reason_day).sentence}"]
    if reason is Reason.UNREADABLE:
        said += _asked_to_look(session, decision)
    said += [_of_invoice(one) for one in decision.invoices if one.get("reason")]
    if decision.arm:
        said.append(f"They take part in a trial by lot: {decision.arm}.")
    customer_reads = told.because(reason, decision.reason_day)
    return Why(decision.on, "none", decision.currency, tuple(said), customer_reads, None, reason)


def _asked_to_look(session: Session, decision: ReminderDecision) -> list[str]:
    """The task that asks somebody to look at what is on record."""
    query = select(Task).where(Task.kind == "review", Task.about == f"reminder:{decision.customer_id}")
    task = session.scalars(query.order_by(Task.opened_at.desc()).limit(1)).first()
    if task is None:
        return []
    done = f" It was done by {task.done_by}: {task.done_how}" if task.state == "done" else " It is still open."
    return [f"The task for {task.owner or 'finance'}: {task.why}{done.rstrip('.')}."]


def _of_call(session: Session, seller: Seller, decision: ReminderDecision, told: Told) -> Why:
    asked = Money(decision.asked_minor, decision.currency)
    taken = [one for one in decision.invoices if one.get("rung")]
    numbers = list(dict.fromkeys(str(one["number"]) for one in taken or decision.invoices))
    about = words.about(numbers, asked)
    if decision.message_id is not None:
        said = [f"A message was written for {words.day(decision.on)} about {about}; it is not kept any more."]
        return Why(decision.on, "sent", decision.currency, tuple(said), told.said("sent", numbers, asked))
    task = call_of(session, decision)
    said = [f"A person was asked to call about {about}{_until(task, seller)}."]
    customer_reads = told.said("call", numbers, asked)
    if task is not None:
        said.append(_what_came_of(task, seller))
        if task.state == "open" and task.due_at is not None:
            customer_reads = told.said("call_until", numbers, asked, _day(task.due_at, seller))
        elif task.done_by == "system":
            customer_reads = told.said("call_over", numbers, asked)
    said += [_of_invoice(one) for one in decision.invoices if one.get("reason")]
    return Why(decision.on, "call", decision.currency, tuple(said), customer_reads)


def _until(task: Task | None, seller: Seller) -> str:
    if task is None:
        return ""
    who = f": a task for {task.owner}" if task.owner else ": a task"
    return f"{who} until {words.moment(task.due_at, seller)}" if task.due_at else who


def _what_came_of(task: Task, seller: Seller) -> str:
    if task.state == "open" or task.done_at is None:
        return "It is still open."
    at = words.moment(task.done_at, seller)
    how = (task.done_how or "").rstrip(".")
    if task.done_by == "system":
        return f"It closed by itself on {at}: {words.within(how)}."
    return f"{task.done_by} closed it on {at}: {how}."


def _day(at: datetime, seller: Seller) -> date:
    return at.astimezone(ZoneInfo(seller.time_zone)).date()


def _of_invoice(said: dict[str, Any]) -> str:
    day = date.fromisoformat(said["day"]) if said.get("day") else None
    part = f" (part {said['part']})" if said.get("part") else ""
    return f"{said['number']}{part}: {NotNow(None, reason_named(said['reason']), day).sentence}"
