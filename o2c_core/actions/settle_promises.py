"""Every day: see which promises, plans and payments told of held and which did not, and which holds end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, and_, cast, exists, select, update
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.hold import Hold
from o2c_core.cases.paid_since import (
    disputed_for_plan,
    open_for_plan,
    open_for_promise,
    paid_for_plan,
    paid_for_promise,
)
from o2c_core.cases.payment_said import PaymentSaid
from o2c_core.cases.plan import PaymentPlan, plan_state
from o2c_core.cases.plan import is_undone as is_plan_undone
from o2c_core.cases.promise import Promise, is_undone, promise_state
from o2c_core.clock import today
from o2c_core.conversations.broken_words import forget_paid, tell_of_plan, tell_of_promise
from o2c_core.conversations.holds_ending import end_holds, tell_of_ends
from o2c_core.conversations.payments_said import look_for_payments
from o2c_core.conversations.task import Task
from o2c_core.customers.seller import Seller
from o2c_core.invoices.payment import PaymentReturn
from o2c_core.money import Money
from o2c_core.store.store import Store
from o2c_core.trail import note

ROWS_PER_BATCH = 1000
# A direct debit can be taken back for thirteen months. Source: Directive (EU) 2015/2366 art. 71(1).
UNDONE_DAYS = 400


@dataclass(frozen=True)
class Sweep:
    """What a sweep found, in numbers. What is undone was kept, and its money has been taken back."""

    promises_kept: int = 0
    promises_broken: int = 0
    promises_undone: int = 0
    plans_kept: int = 0
    plans_broken: int = 0
    plans_undone: int = 0
    plans_withdrawn: int = 0
    payments_arrived: int = 0
    payments_missing: int = 0
    holds_ending: int = 0
    holds_ended: int = 0

    def __add__(self, other: Sweep) -> Sweep:
        return Sweep(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(Sweep)})


@dataclass(frozen=True)
class _Today:
    """One seller's own day."""

    seller_id: UUID
    day: date
    now: datetime


def settle_promises(*, store: Store) -> Sweep:
    """Moves what is open and settled by now, for every seller by its own day; each line of the trail names the owner.

    Rows are moved a batch at a time, only from the state they were read in: run twice, or by two at once, the second
    finds nothing to do.
    """
    found = Sweep()
    with store.session() as session:
        sellers = session.execute(select(Seller.id, Seller.time_zone).order_by(Seller.ref)).all()
    for seller_id, zone in sellers:
        on = _Today(seller_id, today(store.clock, zone), store.clock.now())
        for settle in _waiting(store, on):
            found += _all_batches(store, settle, on)
    return found


_Settle = Callable[[Session, _Today, UUID | None], tuple[Sweep, UUID | None]]


def _waiting(store: Store, on: _Today) -> list[_Settle]:
    """Those sweeps that may find anything, by one look: on most days most sellers need few of them."""
    undone = PaymentReturn.seller_id == on.seller_id, PaymentReturn.kind != "refund"
    there = {
        _promises: _is_there(Promise, on, Promise.state == "open"),
        _undone_promises: and_(_is_there(Promise, on, Promise.state == "kept"), exists().where(*undone)),
        _plans: _is_there(PaymentPlan, on, PaymentPlan.state == "active"),
        _undone_plans: and_(_is_there(PaymentPlan, on, PaymentPlan.state == "kept"), exists().where(*undone)),
        _proposals: _is_there(PaymentPlan, on, PaymentPlan.state == "proposed"),
        _payments: _is_there(PaymentSaid, on, PaymentSaid.state.in_(("open", "not_arrived"))),
        _paid_since: _is_there(Task, on, Task.kind == "broken_promise", Task.state == "open"),
        _holds: _is_there(Hold, on, Hold.ended_on.is_(None)),
    }
    with store.session() as session:
        found = session.execute(select(*there.values())).one()
    # No sweep gives a later one its first work: a word found broken is one for which something is open still.
    return [settle for settle, is_there in zip(there, found, strict=True) if is_there]


def _is_there(
    noun: type[Promise | PaymentPlan | PaymentSaid | Task | Hold], on: _Today, *which: ColumnElement[bool]
) -> ColumnElement[bool]:
    return exists().where(noun.seller_id == on.seller_id, *which)


def _all_batches(store: Store, settle: _Settle, on: _Today) -> Sweep:
    found, after = Sweep(), None
    while True:
        with store.session() as session:
            batch, after = settle(session, on, after)
            session.commit()
        found += batch
        if after is None:
            return found


def _promises(session: Session, on: _Today, after: UUID | None) -> tuple[Sweep, UUID | None]:
    is_over = Promise.promised_on + cast(Promise.grace_days, Integer) < on.day
    query = (
        select(Promise, paid_for_promise(), open_for_promise())
        .where(Promise.seller_id == on.seller_id, Promise.state == "open", is_over)
        .order_by(Promise.id)
        .limit(ROWS_PER_BATCH)
    )
    rows = session.execute(query if after is None else query.where(Promise.id > after)).all()
    came = {promise.id: int(minor) for promise, minor, _ in rows}
    states = {
        promise.id: promise_state(promise, int(minor), on.day, left_minor=int(left)) for promise, minor, left in rows
    }
    counts = {"kept": 0, "broken": 0}
    promises = {promise.id: promise for promise, _, _ in rows}
    for state in counts:
        moved = session.scalars(
            update(Promise)
            .where(Promise.id.in_([key for key, to in states.items() if to == state]), Promise.state == "open")
            .values(state=state, settled_on=on.day)
            .returning(Promise.id)
            .execution_options(synchronize_session=False)
        ).all()
        counts[state] = len(moved)
        for key in moved:
            promise = promises[key]
            arrived = Money(came[key], promise.currency)
            why = f"{arrived} of {promise.amount} arrived"
            if state == "kept" and arrived < promise.amount:
                why = "nothing is open any more"
            note(
                session, f"promise {state}", promise, at=on.now, who="system", why=why, message_id=promise.message_id,
                amount=str(promise.amount), arrived=str(arrived), promised_on=promise.promised_on.isoformat(),
            )  # fmt: skip
            if state == "broken":
                tell_of_promise(session, promise, arrived, on.day, on.now, is_undone=False)
    return Sweep(promises_kept=counts["kept"], promises_broken=counts["broken"]), _last(list(promises))


def _undone_promises(session: Session, on: _Today, after: UUID | None) -> tuple[Sweep, UUID | None]:
    """Kept promises whose money the bank or the payer has taken back since."""
    query = (
        select(Promise, paid_for_promise(), open_for_promise())
        .where(Promise.seller_id == on.seller_id, Promise.state == "kept", *_may_be_undone(Promise, on))
        .order_by(Promise.id)
        .limit(ROWS_PER_BATCH)
    )
    rows = session.execute(query if after is None else query.where(Promise.id > after)).all()
    count = 0
    for promise, paid, left in rows:
        if is_undone(promise, int(paid), int(left)) and _mark_undone(session, promise, on):
            count += 1
            arrived = Money(int(paid), promise.currency)
            note(
                session, "promise undone", promise, at=on.now, who="system", why="the money was taken back",
                message_id=promise.message_id, amount=str(promise.amount), arrived=str(arrived),
                promised_on=promise.promised_on.isoformat(),
            )  # fmt: skip
            tell_of_promise(session, promise, arrived, on.day, on.now, is_undone=True)
    return Sweep(promises_undone=count), _last([row[0].id for row in rows])


def _plans(session: Session, on: _Today, after: UUID | None) -> tuple[Sweep, UUID | None]:
    query = (
        select(PaymentPlan, paid_for_plan(), open_for_plan(), disputed_for_plan())
        .where(PaymentPlan.seller_id == on.seller_id, PaymentPlan.state == "active")
        .options(selectinload(PaymentPlan.parts))
        .order_by(PaymentPlan.id)
        .limit(ROWS_PER_BATCH)
    )
    rows = session.execute(query if after is None else query.where(PaymentPlan.id > after)).all()
    counts = {"kept": 0, "broken": 0}
    for plan, paid, left, disputed in rows:
        state = plan_state(plan, int(paid), int(left), int(disputed), on.day)
        if state in counts and _settle_plan(session, plan, "active", state, on):
            counts[state] += 1
            arrived = Money(int(paid), plan.currency)
            note(
                session, f"plan {state}", plan, at=on.now, who="system", message_id=plan.message_id,
                why=f"{arrived} of {Money(plan.total_minor, plan.currency)} arrived", number=plan.number, owner=plan.by,
            )  # fmt: skip
            if state == "broken":
                tell_of_plan(session, plan, arrived, on.day, on.now, is_undone=False)
    return Sweep(plans_kept=counts["kept"], plans_broken=counts["broken"]), _last([row[0].id for row in rows])


def _undone_plans(session: Session, on: _Today, after: UUID | None) -> tuple[Sweep, UUID | None]:
    query = (
        select(PaymentPlan, paid_for_plan(), open_for_plan())
        .where(PaymentPlan.seller_id == on.seller_id, PaymentPlan.state == "kept", *_may_be_undone(PaymentPlan, on))
        .options(selectinload(PaymentPlan.parts))
        .order_by(PaymentPlan.id)
        .limit(ROWS_PER_BATCH)
    )
    rows = session.execute(query if after is None else query.where(PaymentPlan.id > after)).all()
    count = 0
    for plan, paid, left in rows:
        if is_plan_undone(plan, int(paid), int(left)) and _mark_undone(session, plan, on):
            count += 1
            note(
                session, "plan undone", plan, at=on.now, who="system", why="the money was taken back",
                message_id=plan.message_id, number=plan.number, owner=plan.by,
            )  # fmt: skip
            tell_of_plan(session, plan, Money(int(paid), plan.currency), on.day, on.now, is_undone=True)
    return Sweep(plans_undone=count), _last([row[0].id for row in rows])


def _may_be_undone(noun: type[Promise | PaymentPlan], on: _Today) -> tuple[ColumnElement[bool], ...]:
    """Only where something was taken back at all does the money have to be counted again."""
    taken_back = exists().where(
        PaymentReturn.customer_id == noun.customer_id,
        PaymentReturn.kind != "refund",
        PaymentReturn.returned_on > on.day - timedelta(days=UNDONE_DAYS),
    )
    return noun.undone_on.is_(None), noun.settled_on > on.day - timedelta(days=UNDONE_DAYS), taken_back


def _mark_undone(session: Session, one: Promise | PaymentPlan, on: _Today) -> bool:
    noun = type(one)
    moved = session.scalars(
        update(noun)
        .where(noun.id == one.id, noun.state == "kept", noun.undone_on.is_(None))
        .values(undone_on=on.day)
        .returning(noun.id)
        .execution_options(synchronize_session=False)
    )
    return moved.one_or_none() is not None


def _proposals(session: Session, on: _Today, after: UUID | None) -> tuple[Sweep, UUID | None]:
    """A proposal nobody answered before its first day is no longer one."""
    query = (
        select(PaymentPlan)
        .where(PaymentPlan.seller_id == on.seller_id, PaymentPlan.state == "proposed")
        .options(selectinload(PaymentPlan.parts))
        .order_by(PaymentPlan.id)
        .limit(ROWS_PER_BATCH)
    )
    plans = session.scalars(query if after is None else query.where(PaymentPlan.id > after)).all()
    withdrawn = 0
    for plan in plans:
        if plan.parts[0].due_on < on.day and _settle_plan(session, plan, "proposed", "withdrawn", on):
            withdrawn += 1
            note(
                session, "plan withdrawn", plan, at=on.now, who="system", number=plan.number, owner=plan.by,
                why="its first day went by without an answer", message_id=plan.message_id,
            )  # fmt: skip
    return Sweep(plans_withdrawn=withdrawn), _last([plan.id for plan in plans])


def _settle_plan(session: Session, plan: PaymentPlan, now: str, to: str, on: _Today) -> bool:
    moved = session.scalars(
        update(PaymentPlan)
        .where(PaymentPlan.id == plan.id, PaymentPlan.state == now)
        .values(state=to, settled_on=on.day)
        .returning(PaymentPlan.id)
        .execution_options(synchronize_session=False)
    )
    return moved.one_or_none() is not None


def _payments(session: Session, on: _Today, after: UUID | None) -> tuple[Sweep, UUID | None]:
    query = (
        select(PaymentSaid.id)
        .where(PaymentSaid.seller_id == on.seller_id, PaymentSaid.state.in_(("open", "not_arrived")))
        .order_by(PaymentSaid.id)
        .limit(ROWS_PER_BATCH)
    )
    keys = list(session.scalars(query if after is None else query.where(PaymentSaid.id > after)))
    counts = look_for_payments(session, keys, on.day, on.now)
    return Sweep(payments_arrived=counts["arrived"], payments_missing=counts["not_arrived"]), _last(keys)


def _paid_since(session: Session, on: _Today, after: UUID | None) -> tuple[Sweep, UUID | None]:  # noqa: ARG001
    forget_paid(session, on.seller_id, on.now)
    return Sweep(), None


def _holds(session: Session, on: _Today, after: UUID | None) -> tuple[Sweep, UUID | None]:  # noqa: ARG001 (all at once)
    ending = tell_of_ends(session, on.seller_id, on.day, on.now)
    return Sweep(holds_ending=ending, holds_ended=end_holds(session, on.seller_id, on.day, on.now)), None


def _last(keys: Sequence[UUID]) -> UUID | None:
    """Where the next batch begins; None when this was the last."""
    return keys[-1] if len(keys) == ROWS_PER_BATCH else None
