"""The calls a ladder asks a person to make: asked for as a task with the steps they take, and over once they are pointless."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core import money
from o2c_core.cases.complaint import answer_day
from o2c_core.conversations.task import Task
from o2c_core.conversations.tasks import close_tasks, due_at, open_task
from o2c_core.customers.customer import Customer, locale_for
from o2c_core.customers.seller import Seller
from o2c_core.money import Money
from o2c_core.reminders.claims import is_of_plan
from o2c_core.reminders.debts import CALL, Debt, debt_on
from o2c_core.reminders.decisions import most_telling
from o2c_core.reminders.letter import owner_of
from o2c_core.reminders.may_contact import Answer, Claim, No, NotNow, Reason, Yes, about_claims, asked_for
from o2c_core.reminders.open_claims import CALLED
from o2c_core.reminders.planning import Plan
from o2c_core.reminders.recipient import call_number
from o2c_core.reminders.reminder import ReminderDecision, ReminderSkip
from o2c_core.trail import note

# Whoever is to call has so many working days for it.
CALL_WITHIN_WORKING_DAYS = 2
# With any of these a call would ask for what nobody has to be asked for.
_POINTLESS = frozenset({
    Reason.PAID, Reason.CREDITED, Reason.DISPUTED, Reason.BELOW_MINIMUM, Reason.ON_HOLD, Reason.ON_PLAN, Reason.PROMISED,
    Reason.OPEN_COMPLAINT, Reason.IN_FLIGHT, Reason.DOCUMENT_PROBLEM,
})  # fmt: skip


def ask_to_call(session: Session, seller: Seller, plan: Plan, on: date, now: datetime) -> None:
    """A task to call the customer, and the steps taken by it; whoever calls finds there what is asked for."""
    customer, rung = plan.debt.customer, plan.rung
    assert rung is not None
    reached = call_number(customer, rung.role)
    asked = [
        (claim, answer)
        for claim, answer in zip(plan.debt.facts.claims, plan.answers, strict=True)
        if isinstance(answer, Yes)
    ]
    numbers = list(dict.fromkeys(claim.number for claim, _ in asked))
    chosen = (seller.settings or {}).get("reminders") or {}
    task = open_task(
        session, CALL, f"{customer.id}:{plan.debt.facts.currency}:{rung.name}:{asked[0][0].number}",
        _why(customer, seller, plan.asked, numbers),
        at=now, seller_id=seller.id, customer_id=customer.id, owner=owner_of(chosen, customer),
        due_at=due_at(seller, answer_day(on, CALL_WITHIN_WORKING_DAYS)), phone=reached[1] if reached else None,
        contact_id=str(reached[0].id) if reached else None, asked_minor=plan.asked.minor, currency=plan.asked.currency,
        invoices=[
            {"number": claim.number, "part": claim.part, "asked_minor": answer.asked.minor, "rung": answer.rung.name}
            for claim, answer in asked
        ],
    )  # fmt: skip
    for claim, answer in asked:
        session.add(
            ReminderSkip(
                invoice_id=claim.invoice_id, part=claim.part, customer_id=customer.id, rung=answer.rung.name, on=on,
                by=CALLED, why=f"A person calls: task {task.id}.", skipped_at=now,
            )
        )  # fmt: skip
    note(
        session, "call asked for", task, at=now, who="assistant", why=rung.name, customer_id=customer.id,
        seller_id=seller.id, invoices=[claim.number for claim, _ in asked],
    )  # fmt: skip
    session.flush()


def close_pointless_calls(session: Session, customer_id: UUID, now: datetime) -> list[UUID]:
    """The open calls to that customer there is nothing to call about any more, done with the reason, in the transaction.

    Where something is left to ask for, the task says how much that is now.
    """
    waiting = select(Task).where(Task.customer_id == customer_id, Task.kind == CALL, Task.state == "open")
    closed = []
    for task in session.scalars(waiting.order_by(Task.id)).all():
        asked: list[dict[str, Any]] = task.details.get("invoices") or []
        if not asked or any(is_of_plan(one.get("rung", "")) for one in asked):
            continue
        seller = session.get_one(Seller, task.seller_id)
        on = now.astimezone(ZoneInfo(seller.time_zone)).date()
        debt = debt_on(session, customer_id, {one["number"] for one in asked}, on, now)
        left, against = _still_asked(asked, debt, on)
        if not left:
            close_tasks(session, CALL, task.about, at=now, by="system", how=against.sentence)
            closed.append(task.id)
        elif debt is not None:
            _say_what_is_left(task, seller, debt, left)
    session.flush()
    return closed


def call_of(session: Session, decision: ReminderDecision) -> Task | None:
    """The task the run that decided so asked for; None where it is not kept any more."""
    query = (
        select(Task)
        .where(
            Task.customer_id == decision.customer_id,
            Task.kind == CALL,
            Task.details["currency"].astext == decision.currency,
            Task.opened_at <= decision.decided_at,
        )
        .order_by(Task.opened_at.desc(), Task.id.desc())
    )
    numbers = {one["number"] for one in decision.invoices if one.get("rung")}
    return next(
        (
            task
            for task in session.scalars(query)
            if numbers & {one["number"] for one in task.details.get("invoices", [])}
        ),
        None,
    )


def _still_asked(
    asked: Sequence[dict[str, Any]], debt: Debt | None, on: date
) -> tuple[list[tuple[dict[str, Any], Money]], No | NotNow]:
    """Of what the call was to ask for what is left of it, and what tells most of why the rest is not."""
    against: list[Answer] = []
    left: list[tuple[dict[str, Any], Money]] = []
    claims = {(claim.number, claim.part): claim for claim in debt.facts.claims} if debt else {}
    for one in asked:
        claim = claims.get((one["number"], one.get("part", 0)))
        if claim is None or debt is None:
            against.append(No(Reason.PAID))
            continue
        answer = _by_itself(claim, debt.facts.currency, on)
        if isinstance(answer, No | NotNow) and answer.reason in _POINTLESS:
            against.append(answer)
        else:
            left.append((one, asked_for(claim, debt.facts.currency)))
    if left and debt is not None and debt.facts.unapplied_minor >= sum(amount.minor for _, amount in left):
        left, against = [], [NotNow(None, Reason.MONEY_PENDING)]
    return left, most_telling(against) if against else No(Reason.PAID)


def _by_itself(claim: Claim, currency: str, on: date) -> Answer:
    """What may be asked for whatever steps were taken: the call itself has taken one."""
    fresh = replace(claim, used=None, skipped=None, is_drafted=False, our_delay_until=None, waits_until=None)
    (answer,) = about_claims([fresh], currency, on)
    return answer


def _say_what_is_left(task: Task, seller: Seller, debt: Debt, left: Sequence[tuple[dict[str, Any], Money]]) -> None:
    amount = Money(sum(asked.minor for _, asked in left), debt.facts.currency)
    if amount.minor == task.details.get("asked_minor"):
        return
    numbers = list(dict.fromkeys(one["number"] for one, _ in left))
    task.why = _why(debt.customer, seller, amount, numbers)
    task.details = task.details | {
        "asked_minor": amount.minor,
        "invoices": [one | {"asked_minor": asked.minor} for one, asked in left],
    }


def _why(customer: Customer, seller: Seller, amount: Money, numbers: Sequence[str]) -> str:
    shown = money.show(amount, locale_for("en", seller.country))
    return f"Call {customer.name} about {shown}: {', '.join(numbers)}."
