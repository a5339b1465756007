"""What a run decided, as it is kept: per customer and currency the message, or why there was none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.keys import new_key
from o2c_core.reminders.may_contact import Answer, Claim, No, NotNow, Reason, Yes
from o2c_core.reminders.planning import Plan
from o2c_core.reminders.reminder import ReminderDecision
from o2c_core.reminders.unplanned import Unplanned
from o2c_core.store.copying import copy_rows
from o2c_core.store.many import is_one_of

# These merely take their course: nothing was earned, so nothing was decided.
QUIET = frozenset(
    {Reason.NOT_YET, Reason.PAID, Reason.CREDITED, Reason.BELOW_MINIMUM, Reason.ALREADY_REMINDED, Reason.LADDER_DONE}
)

# Why a customer hears nothing, most telling first: what kept a message from going out today, then that one went out
# already, then what somebody can act on, then what merely takes its course.
TELLING = (
    Reason.UNREADABLE, Reason.BOUNCED, Reason.NO_ADDRESS, Reason.OPTED_OUT, Reason.WINDOW_CLOSED, Reason.NO_HOURS,
    Reason.CONVERSATION_LIVE, Reason.UNANSWERED, Reason.TALKING, Reason.AWAY, Reason.WAITS_FOR_APPROVAL,
    Reason.HELD_OUT, Reason.SPACING, Reason.OFTEN_ENOUGH,
    Reason.MONEY_PENDING, Reason.REST_DAY, Reason.QUIET_HOURS,
    Reason.WALK_IN, Reason.PAUSED, Reason.SKIPPED, Reason.ALREADY_REMINDED, Reason.LADDER_DONE, Reason.ON_HOLD,
    Reason.ON_PLAN, Reason.IN_FLIGHT, Reason.PROMISED, Reason.DOCUMENT_PROBLEM, Reason.OUR_DELAY, Reason.HABIT,
    Reason.OPEN_COMPLAINT, Reason.DISPUTED, Reason.NOT_YET, Reason.BELOW_MINIMUM, Reason.CREDITED, Reason.PAID,
    Reason.AMOUNT_CHANGED, Reason.OUT_OF_DATE,
)  # fmt: skip
_RANK = {reason: rank for rank, reason in enumerate(TELLING)}
_COLUMNS = (
    "id", "seller_id", "customer_id", "on", "currency", "message_id", "rung", "reason", "reason_day", "arm",
    "asked_minor", "invoices", "decided_at",
)  # fmt: skip


def most_telling(answers: Iterable[Answer]) -> No | NotNow:
    """Of what speaks against writing to somebody, what tells most; where nothing is asked for there is something."""
    refused = [answer for answer in answers if isinstance(answer, No | NotNow)]
    return min(refused, key=lambda answer: _RANK[answer.reason])


def is_telling(plan: Plan) -> bool:
    """Whether there was anything to decide: a step was earned, or something keeps one from being."""
    return any(isinstance(answer, Yes) or answer.reason not in QUIET for answer in plan.answers)


def keep_decisions(session: Session, plans: Sequence[tuple[Plan, UUID | None]], on: date, now: datetime) -> int:
    """Keeps what was decided that day, with the message of each; how many.

    A second run of the day adds to what the first has written to somebody, and does not unsay it.
    """
    rows = [_row(plan, message_id, on, now) for plan, message_id in plans if is_telling(plan)]
    if not rows:
        return 0
    before = _decided(session, [row[2] for row in rows], on)
    copy_rows(session, "reminder_decision", _COLUMNS, [row for row in rows if (row[2], row[4]) not in before])
    again = [dict(zip(_COLUMNS, row, strict=True)) for row in rows if (row[2], row[4]) in before]
    if again:
        session.execute(_decide_again(), again)
    return len(rows)


def keep_unplanned(session: Session, seller_id: UUID, unplanned: Iterable[Unplanned], on: date, now: datetime) -> None:
    """Keeps that nothing could be worked out for those customers that day; what was written to them before stands."""
    for one in unplanned:
        currency = session.get_one(Customer, one.customer_id).currency
        row: tuple[Any, ...] = (
            new_key(), seller_id, one.customer_id, on, currency, None, None, Reason.UNREADABLE.value, None, None, 0, [], now,
        )  # fmt: skip
        session.execute(_decide_again(), [dict(zip(_COLUMNS, row, strict=True))])


def _row(plan: Plan, message_id: UUID | None, on: date, now: datetime) -> tuple[Any, ...]:
    customer, facts, rung = plan.debt.customer, plan.debt.facts, plan.rung
    why = None if rung else most_telling(plan.answers)
    invoices = [_said(claim, answer) for claim, answer in zip(facts.claims, plan.answers, strict=True)]
    return (
        new_key(), customer.seller_id, customer.id, on, facts.currency, message_id, rung.name if rung else None,
        why.reason.value if why else None, why.day if why else None, plan.debt.arm, plan.asked.minor, invoices, now,
    )  # fmt: skip


def _said(claim: Claim, answer: Answer) -> dict[str, Any]:
    said: dict[str, Any] = {"number": claim.number, "part": claim.part, "open_minor": claim.open_minor}
    if isinstance(answer, Yes):
        return said | {"asked_minor": answer.asked.minor, "rung": answer.rung.name}
    day = {"day": answer.day.isoformat()} if answer.day else {}
    return said | {"asked_minor": 0, "reason": answer.reason.value} | day


def _decided(session: Session, customer_ids: Sequence[UUID], on: date) -> set[tuple[UUID, str]]:
    of_them = is_one_of(ReminderDecision.customer_id, customer_ids)
    query = select(ReminderDecision.customer_id, ReminderDecision.currency).where(of_them, ReminderDecision.on == on)
    return {(customer_id, currency) for customer_id, currency in session.execute(query)}


def _decide_again() -> Any:
    statement = insert(ReminderDecision)
    new, old = statement.excluded, ReminderDecision
    both = old.message_id.is_not(None) & new.message_id.is_not(None)
    changed: dict[str, Any] = {name: new[name] for name in _COLUMNS[5:10]} | {"decided_at": new.decided_at}
    changed["asked_minor"] = case((both, old.asked_minor + new.asked_minor), else_=new.asked_minor)
    changed["invoices"] = case((both, old.invoices.op("||")(new.invoices)), else_=new.invoices)
    return statement.on_conflict_do_update(
        index_elements=["customer_id", "on", "currency"],
        set_=changed,
        where=new.message_id.is_not(None) | (old.message_id.is_(None) & old.rung.is_(None)),
    )
