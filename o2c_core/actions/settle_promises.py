"""Every day: see which promises, plans and payments told of held and which did not, and which holds end."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, and_, cast, exists, select, update
from sqlalchemy.orm import Session

from o2c_core.cases.hold import Hold
from o2c_core.cases.paid_since import open_for_promise, paid_for_promise
from o2c_core.cases.payment_said import PaymentSaid
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise, is_undone, promise_state
from o2c_core.clock import today
from o2c_core.conversations.broken_words import forget_paid, tell_of_promise
from o2c_core.conversations.daily_look import ROWS_PER_BATCH, SellersDay, Sweep, last_of, mark_undone, may_be_undone
from o2c_core.conversations.holds_ending import end_holds, tell_of_ends
from o2c_core.conversations.payments_said import look_for_payments
from o2c_core.conversations.plans_over import find_undone_plans, settle_plans, withdraw_unanswered_plans
from o2c_core.conversations.task import Task
from o2c_core.customers.seller import Seller
from o2c_core.invoices.payment import PaymentReturn
from o2c_core.money import Money
from o2c_core.store.store import Store
from o2c_core.trail import note


def settle_promises(*, store: Store) -> Sweep:
    """Moves what is open and settled by now, for every seller by its own day; each line of the trail names the owner.

    Rows are moved a batch at a time, only from the state they were read in: run twice, or by two at once, the second
    finds nothing to do.
    """
    found = Sweep()
    with store.session() as session:
        sellers = session.execute(select(Seller.id, Seller.time_zone).order_by(Seller.ref)).all()
    for seller_id, zone in sellers:
        on = SellersDay(seller_id, today(store.clock, zone), store.clock.now())
        for settle in _waiting(store, on):
            found += _all_batches(store, settle, on)
    return found


_Settle = Callable[[Session, SellersDay, UUID | None], tuple[Sweep, UUID | None]]


def _waiting(store: Store, on: SellersDay) -> list[_Settle]:
    """Those sweeps that may find anything, by one look: on most days most sellers need few of them."""
    undone = PaymentReturn.seller_id == on.seller_id, PaymentReturn.kind != "refund"
    there = {
        _promises: _is_there(Promise, on, Promise.state == "open"),
        _undone_promises: and_(_is_there(Promise, on, Promise.state == "kept"), exists().where(*undone)),
        settle_plans: _is_there(PaymentPlan, on, PaymentPlan.state == "active"),
        find_undone_plans: and_(_is_there(PaymentPlan, on, PaymentPlan.state == "kept"), exists().where(*undone)),
        withdraw_unanswered_plans: _is_there(PaymentPlan, on, PaymentPlan.state == "proposed"),
        _payments: _is_there(PaymentSaid, on, PaymentSaid.state.in_(("open", "not_arrived"))),
        _paid_since: _is_there(Task, on, Task.kind == "broken_promise", Task.state == "open"),
        _holds: _is_there(Hold, on, Hold.ended_on.is_(None)),
    }
    with store.session() as session:
        found = session.execute(select(*there.values())).one()
    # No sweep gives a later one its first work: a word found broken is one for which something is open still.
    return [settle for settle, is_there in zip(there, found, strict=True) if is_there]


def _is_there(
    noun: type[Promise | PaymentPlan | PaymentSaid | Task | Hold], on: SellersDay, *which: ColumnElement[bool]
) -> ColumnElement[bool]:
    return exists().where(noun.seller_id == on.seller_id, *which)


def _all_batches(store: Store, settle: _Settle, on: SellersDay) -> Sweep:
    found, after = Sweep(), None
    while True:
        with store.session() as session:
            batch, after = settle(session, on, after)
            session.commit()
        found += batch
        if after is None:
            return found


def _promises(session: Session, on: SellersDay, after: UUID | None) -> tuple[Sweep, UUID | None]:
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
    return Sweep(promises_kept=counts["kept"], promises_broken=counts["broken"]), last_of(list(promises))


def _undone_promises(session: Session, on: SellersDay, after: UUID | None) -> tuple[Sweep, UUID | None]:
    """Kept promises whose money the bank or the payer has taken back since."""
    query = (
        select(Promise, paid_for_promise(), open_for_promise())
        .where(Promise.seller_id == on.seller_id, Promise.state == "kept", *may_be_undone(Promise, on))
        .order_by(Promise.id)
        .limit(ROWS_PER_BATCH)
    )
    rows = session.execute(query if after is None else query.where(Promise.id > after)).all()
    count = 0
    for promise, paid, left in rows:
        if is_undone(promise, int(paid), int(left)) and mark_undone(session, promise, on):
            count += 1
            arrived = Money(int(paid), promise.currency)
            note(
                session, "promise undone", promise, at=on.now, who="system", why="the money was taken back",
                message_id=promise.message_id, amount=str(promise.amount), arrived=str(arrived),
                promised_on=promise.promised_on.isoformat(),
            )  # fmt: skip
            tell_of_promise(session, promise, arrived, on.day, on.now, is_undone=True)
    return Sweep(promises_undone=count), last_of([row[0].id for row in rows])


def _payments(session: Session, on: SellersDay, after: UUID | None) -> tuple[Sweep, UUID | None]:
    query = (
        select(PaymentSaid.id)
        .where(PaymentSaid.seller_id == on.seller_id, PaymentSaid.state.in_(("open", "not_arrived")))
        .order_by(PaymentSaid.id)
        .limit(ROWS_PER_BATCH)
    )
    keys = list(session.scalars(query if after is None else query.where(PaymentSaid.id > after)))
    counts = look_for_payments(session, keys, on.day, on.now)
    return Sweep(payments_arrived=counts["arrived"], payments_missing=counts["not_arrived"]), last_of(keys)


def _paid_since(session: Session, on: SellersDay, after: UUID | None) -> tuple[Sweep, UUID | None]:  # noqa: ARG001
    forget_paid(session, on.seller_id, on.now)
    return Sweep(), None


def _holds(session: Session, on: SellersDay, after: UUID | None) -> tuple[Sweep, UUID | None]:  # noqa: ARG001 (all at once)
    ending = tell_of_ends(session, on.seller_id, on.day, on.now)
    return Sweep(holds_ending=ending, holds_ended=end_holds(session, on.seller_id, on.day, on.now)), None
