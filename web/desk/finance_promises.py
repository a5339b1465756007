"""What customers said they will pay: promises and plans, with what has come of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.paid_since import paid_for_plan, paid_for_promise
from o2c_core.cases.plan import PaymentPlan, next_part
from o2c_core.cases.promise import Promise, PromisedInvoice
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money

SHOWN = 100
LATELY_DAYS = 90
# What may be looked at, with how it is called and what an empty one says.
SHOWS = {
    "due": ("Due", "No promise is due today or waits for its money."),
    "open": ("Open", "Nobody has promised to pay on a day to come."),
    "broken": ("Broken", f"No promise was broken in the last {LATELY_DAYS} days."),
    "kept": ("Kept", f"No promise was kept in the last {LATELY_DAYS} days."),
    "plans": ("Plans", "No payment plan is proposed or running."),
}
DONE = {
    "promised": "The promise is recorded. What was promised is not asked for until its day and grace are over.",
    "accepted": "The plan runs from today. Its parts are asked for on their days, and nothing else of it.",
    "declined": "The plan is off; reminders go on as before.",
}


@dataclass(frozen=True)
class Said:
    """A promise, whose it is and what it is about, with the money that came for it."""

    promise: Promise
    customer: str
    customer_ref: str
    numbers: tuple[str, ...]
    came: Money

    @property
    def left(self) -> Money:
        return Money(max(0, self.promise.amount_minor - self.came.minor), self.promise.currency)

    def is_late(self, today: date) -> bool:
        return self.promise.state == "open" and self.promise.promised_on < today

    def standing(self, today: date) -> tuple[str, str]:
        """Where it stands, in a word or two, and whether that is good, bad or neither."""
        if self.promise.state == "open":
            if today < self.promise.promised_on:
                return "open", ""
            return ("in its days of grace", "warn") if today > self.promise.promised_on else ("due today", "warn")
        if self.promise.state == "kept":
            return ("kept, and the money is gone again", "bad") if self.promise.undone_on else ("kept", "good")
        return self.promise.state, "bad" if self.promise.state == "broken" else ""


@dataclass(frozen=True)
class Planned:
    """A plan, whose it is, what came, and which part is next."""

    plan: PaymentPlan
    customer: str
    customer_ref: str
    came: Money
    next_on: date | None
    next_amount: Money | None

    @property
    def total(self) -> Money:
        return Money(self.plan.total_minor, self.plan.currency)


def promises_shown(session: Session, seller_id: UUID, show: str, today: date) -> list[Said]:
    """The promises of that sort, what needs somebody first; one more than are shown when there are more."""
    return _promises(session, seller_id, _which(show, today), newest_first=show in ("broken", "kept"))


def promise_counts(session: Session, seller_id: UUID, today: date) -> dict[str, int]:
    """How many there are of each sort."""
    counts = {}
    for show in ("due", "open", "broken", "kept"):
        query = select(func.count()).select_from(Promise).where(Promise.seller_id == seller_id, *_which(show, today))
        counts[show] = session.scalar(query) or 0
    plans = select(func.count()).select_from(PaymentPlan)
    running = plans.where(PaymentPlan.seller_id == seller_id, PaymentPlan.state.in_(("proposed", "active")))
    return counts | {"plans": session.scalar(running) or 0}


def plans_shown(session: Session, seller_id: UUID) -> list[Planned]:
    """The plans that wait for an answer, then those that run."""
    query = (
        select(PaymentPlan, Customer.name, Customer.ref, paid_for_plan())
        .join(Customer, Customer.id == PaymentPlan.customer_id)
        .where(PaymentPlan.seller_id == seller_id, PaymentPlan.state.in_(("proposed", "active")))
        .options(selectinload(PaymentPlan.parts))
        .order_by(PaymentPlan.state.desc(), PaymentPlan.proposed_at, PaymentPlan.id)
        .limit(SHOWN + 1)
    )
    found = []
    for plan, name, ref, paid in session.execute(query):
        came = int(paid) if plan.state == "active" else 0
        part = next_part(plan, came)
        found.append(
            Planned(
                plan,
                name,
                ref,
                Money(came, plan.currency),
                part.due_on if part else None,
                Money(part.amount_minor, plan.currency) if part else None,
            )
        )
    return found


def _which(show: str, today: date) -> Sequence[ColumnElement[bool]]:
    since = today - timedelta(days=LATELY_DAYS)
    match show:
        case "due":
            return (Promise.state == "open", Promise.promised_on <= today)
        case "open":
            return (Promise.state == "open", Promise.promised_on > today)
        case _:
            return (Promise.state == show, Promise.settled_on >= since)


def _promises(
    session: Session, seller_id: UUID, which: Sequence[ColumnElement[bool]], *, newest_first: bool
) -> list[Said]:
    query = (
        select(Promise, Customer.name, Customer.ref, paid_for_promise())
        .join(Customer, Customer.id == Promise.customer_id)
        .where(Promise.seller_id == seller_id, *which)
        .limit(SHOWN + 1)
    )
    order = Promise.settled_on.desc() if newest_first else Promise.promised_on
    rows = session.execute(query.order_by(order, Promise.id)).all()
    named = (
        select(PromisedInvoice.promise_id, Invoice.number)
        .join(Invoice, Invoice.id == PromisedInvoice.invoice_id)
        .where(PromisedInvoice.promise_id.in_([one.id for one, *_ in rows]))
        .order_by(Invoice.number)
    )
    numbers: dict[UUID, list[str]] = {}
    for promise_id, number in session.execute(named):
        numbers.setdefault(promise_id, []).append(number)
    return [
        Said(one, name, ref, tuple(numbers.get(one.id, ())), Money(int(paid), one.currency))
        for one, name, ref, paid in rows
    ]
