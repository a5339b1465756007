"""Write down what the customer says to a proposed plan; an accepted one runs from today."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.collectable import collectable
from o2c_core.cases.moves import Settled, move
from o2c_core.cases.plan import MOVES, PaymentPlan
from o2c_core.cases.promise import MOVES as PROMISE_MOVES
from o2c_core.cases.promise import Promise, PromisedInvoice
from o2c_core.clock import today
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Overtaken
from o2c_core.invoices.invoice import Invoice
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note


class PlanOvertaken(Overtaken):
    """What is owed changed, or the first day went by, since the plan was proposed; it has to be proposed anew."""


def answer_plan(
    plan_id: UUID, *, accepted: bool, store: Store, by: str = "customer", message_id: UUID | None = None
) -> PaymentPlan:
    """The plan, active or declined. Open promises about its invoices are replaced by an accepted plan.

    The same answer again changes nothing.

    Raises: NotFound; Settled when it was answered otherwise or withdrawn; PlanOvertaken.
    """
    now = store.clock.now()
    to = "active" if accepted else "declined"
    with store.session() as session:
        plan = session.scalars(
            select(PaymentPlan)
            .where(PaymentPlan.id == plan_id)
            .options(selectinload(PaymentPlan.parts))
            .with_for_update(key_share=True)
        ).one_or_none()
        if plan is None:
            raise NotFound(plan=str(plan_id))
        if plan.state == to:
            return plan
        if to not in MOVES[plan.state]:
            raise Settled(now=plan.state, asked=to)
        day = today(store.clock, session.get_one(Seller, plan.seller_id).time_zone)
        ids = [planned.invoice_id for planned in plan.invoices]
        if accepted:
            owed = sum(found.free_minor for found in collectable(session, Invoice.id.in_(ids), lock=True))
            if owed != plan.total_minor or plan.parts[0].due_on < day:
                raise PlanOvertaken(plan=plan.number, owed=owed)
            plan.started_on = day
            for promise in _open_promises(session, ids):
                move(promise, "replaced", PROMISE_MOVES)
                promise.settled_on = day
                note(
                    session, "promise replaced", promise, at=now, who=by, why=f"by plan {plan.number}",
                    message_id=message_id,
                )  # fmt: skip
        else:
            plan.settled_on = day
        move(plan, to, MOVES)
        plan.answered_at = now
        note(
            session, "plan accepted" if accepted else "plan declined", plan, at=now, who=by,
            message_id=message_id, number=plan.number,
        )  # fmt: skip
        withdraw_overtaken(session, plan.customer_id, now)
        session.commit()
        return plan


def _open_promises(session: Session, invoice_ids: list[UUID]) -> list[Promise]:
    about = select(PromisedInvoice.promise_id).where(PromisedInvoice.invoice_id.in_(invoice_ids))
    return list(session.scalars(select(Promise).where(Promise.state == "open", Promise.id.in_(about))))
