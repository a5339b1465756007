"""Payment plans that are over: kept or broken by the money that came, undone, or never answered."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.paid_since import disputed_for_plan, open_for_plan, paid_for_plan
from o2c_core.cases.plan import PaymentPlan, is_undone, plan_state
from o2c_core.conversations.broken_words import tell_of_plan
from o2c_core.conversations.daily_look import ROWS_PER_BATCH, SellersDay, Sweep, last_of, mark_undone, may_be_undone
from o2c_core.money import Money
from o2c_core.trail import note


def settle_plans(session: Session, on: SellersDay, after: UUID | None) -> tuple[Sweep, UUID | None]:
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
    return Sweep(plans_kept=counts["kept"], plans_broken=counts["broken"]), last_of([row[0].id for row in rows])


def find_undone_plans(session: Session, on: SellersDay, after: UUID | None) -> tuple[Sweep, UUID | None]:
    query = (
        select(PaymentPlan, paid_for_plan(), open_for_plan())
        .where(PaymentPlan.seller_id == on.seller_id, PaymentPlan.state == "kept", *may_be_undone(PaymentPlan, on))
        .options(selectinload(PaymentPlan.parts))
        .order_by(PaymentPlan.id)
        .limit(ROWS_PER_BATCH)
    )
    rows = session.execute(query if after is None else query.where(PaymentPlan.id > after)).all()
    count = 0
    for plan, paid, left in rows:
        if is_undone(plan, int(paid), int(left)) and mark_undone(session, plan, on):
            count += 1
            note(
                session, "plan undone", plan, at=on.now, who="system", why="the money was taken back",
                message_id=plan.message_id, number=plan.number, owner=plan.by,
            )  # fmt: skip
            tell_of_plan(session, plan, Money(int(paid), plan.currency), on.day, on.now, is_undone=True)
    return Sweep(plans_undone=count), last_of([row[0].id for row in rows])


def withdraw_unanswered_plans(session: Session, on: SellersDay, after: UUID | None) -> tuple[Sweep, UUID | None]:
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
    return Sweep(plans_withdrawn=withdrawn), last_of([plan.id for plan in plans])


def _settle_plan(session: Session, plan: PaymentPlan, now: str, to: str, on: SellersDay) -> bool:
    moved = session.scalars(
        update(PaymentPlan)
        .where(PaymentPlan.id == plan.id, PaymentPlan.state == now)
        .values(state=to, settled_on=on.day)
        .returning(PaymentPlan.id)
        .execution_options(synchronize_session=False)
    )
    return moved.one_or_none() is not None
