"""Promises and plans that did not hold: their owner is told what was agreed and when, and no longer once it is paid."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.complaint import answer_day
from o2c_core.cases.paid_since import open_for_plan, open_for_promise
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.conversations.task import Task
from o2c_core.conversations.tasks import close_tasks, due_at, open_task, owner_of
from o2c_core.customers.seller import Seller
from o2c_core.money import Money

_WORKING_DAYS = 1


def tell_of_promise(
    session: Session, promise: Promise, arrived: Money, on: date, now: datetime, *, is_undone: bool
) -> None:
    """A task for its owner: what was promised, by which day, and what became of the money."""
    what = f"They promised {promise.amount} by {promise.promised_on.isoformat()}"
    came = f"the money was taken back; {arrived} of it is here" if is_undone else f"{arrived} of it came"
    _tell(
        session, promise, f"{what}; {came}. See what is in the way.", on, now, owner=None, amount=str(promise.amount),
        arrived=str(arrived), promised_on=promise.promised_on.isoformat(), made_on=promise.made_on.isoformat(),
        is_undone=is_undone,
    )  # fmt: skip


def tell_of_plan(
    session: Session, plan: PaymentPlan, arrived: Money, on: date, now: datetime, *, is_undone: bool
) -> None:
    """A task for whoever granted it, where a person did; else for who sees to broken promises."""
    total = Money(plan.total_minor, plan.currency)
    came = (
        f"the money was taken back; {arrived} of it is here"
        if is_undone
        else f"a part did not come; {arrived} of it came"
    )
    _tell(
        session, plan, f"Payment plan {plan.number} for {total}: {came}. See what is in the way.", on, now,
        owner=plan.by if plan.role != "assistant" else None, amount=str(total), arrived=str(arrived), number=plan.number,
        parts=[[part.due_on.isoformat(), str(Money(part.amount_minor, plan.currency))] for part in plan.parts],
        is_undone=is_undone,
    )  # fmt: skip


def forget_paid(session: Session, seller_id: UUID, now: datetime) -> int:
    """How many of those tasks were closed, since nothing is open any more on what was agreed."""
    waiting = select(Task.about).where(Task.kind == "broken_promise", Task.state == "open", Task.seller_id == seller_id)
    keys = [UUID(one.split()[-1]) for one in session.scalars(waiting)]
    if not keys:
        return 0
    promises = session.scalars(select(Promise).where(Promise.id.in_(keys), open_for_promise() <= 0)).all()
    plans = session.scalars(select(PaymentPlan).where(PaymentPlan.id.in_(keys), open_for_plan() <= 0)).all()
    paid: list[Promise | PaymentPlan] = [*promises, *plans]
    for one in paid:
        close_tasks(session, "broken_promise", _about(one), at=now, by="system", how="It has been paid.")
    return len(paid)


def _tell(
    session: Session,
    about: Promise | PaymentPlan,
    why: str,
    on: date,
    now: datetime,
    *,
    owner: str | None,
    **details: object,
) -> None:
    seller = session.get_one(Seller, about.seller_id)
    open_task(
        session, "broken_promise", _about(about), why, at=now, seller_id=about.seller_id, customer_id=about.customer_id,
        message_id=about.message_id, owner=owner or owner_of(seller, "broken_promise"),
        due_at=due_at(seller, answer_day(on, _WORKING_DAYS)), **details,
    )  # fmt: skip


def _about(one: Promise | PaymentPlan) -> str:
    return f"{one.__tablename__} {one.id}"
