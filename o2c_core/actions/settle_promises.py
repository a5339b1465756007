"""Every day: see which promises and plans were kept or broken, and note which holds have ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Integer, cast, or_, select, update
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.hold import Hold
from o2c_core.cases.paid_since import (
    disputed_for_plan,
    open_for_plan,
    open_for_promise,
    paid_for_plan,
    paid_for_promise,
)
from o2c_core.cases.plan import PaymentPlan, plan_state
from o2c_core.cases.promise import Promise, promise_state
from o2c_core.clock import today
from o2c_core.customers.seller import Seller
from o2c_core.money import Money
from o2c_core.store.store import Store
from o2c_core.trail import note

ROWS_PER_BATCH = 1000


@dataclass(frozen=True)
class Sweep:
    """What a sweep found, in numbers."""

    promises_kept: int = 0
    promises_broken: int = 0
    plans_kept: int = 0
    plans_broken: int = 0
    plans_withdrawn: int = 0
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
        for settle in (_promises, _plans, _proposals, _holds):
            found += _all_batches(store, settle, on)
    return found


_Settle = Callable[[Session, _Today, UUID | None], tuple[Sweep, UUID | None]]


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
    paid = paid_for_promise()
    is_over = Promise.promised_on + cast(Promise.grace_days, Integer) < on.day
    query = (
        select(Promise, paid, open_for_promise())
        .where(Promise.seller_id == on.seller_id, Promise.state == "open", or_(is_over, paid >= Promise.amount_minor))
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
    return Sweep(promises_kept=counts["kept"], promises_broken=counts["broken"]), _last(list(promises))


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
            note(
                session, f"plan {state}", plan, at=on.now, who="system", message_id=plan.message_id,
                why=f"{Money(int(paid), plan.currency)} of {Money(plan.total_minor, plan.currency)} arrived",
                number=plan.number, owner=plan.by,
            )  # fmt: skip
    return Sweep(plans_kept=counts["kept"], plans_broken=counts["broken"]), _last([row[0].id for row in rows])


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


def _holds(session: Session, on: _Today, after: UUID | None) -> tuple[Sweep, UUID | None]:  # noqa: ARG001 (all at once)
    ended = session.execute(
        update(Hold)
        .where(Hold.seller_id == on.seller_id, Hold.ended_on.is_(None), Hold.until_on < on.day)
        .values(ended_on=Hold.until_on + cast(1, Integer), ended_why="its last day is over")
        .returning(Hold)
        .execution_options(synchronize_session=False)
    ).scalars()
    holds = ended.all()
    for hold in holds:
        note(
            session, "hold ended", hold, at=on.now, who="system", why="its last day is over", kind=hold.kind,
            owner=hold.owner, until=hold.until_on.isoformat(),
        )  # fmt: skip
    return Sweep(holds_ended=len(holds)), None


def _last(keys: Sequence[UUID]) -> UUID | None:
    """Where the next batch begins; None when this was the last."""
    return keys[-1] if len(keys) == ROWS_PER_BATCH else None
