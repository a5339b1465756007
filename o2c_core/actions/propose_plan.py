"""Propose a payment plan: what is open and undisputed, in parts on days within what the role may grant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.collectable import Collectable, collectable
from o2c_core.cases.moves import move
from o2c_core.cases.numbers import next_number
from o2c_core.cases.plan import (
    GRACE_DAYS,
    MOVES,
    PaymentPlan,
    PlanDoesNotAddUp,
    PlannedInvoice,
    PlanPart,
    check_schedule,
    even_parts,
)
from o2c_core.clock import today
from o2c_core.customers.authority import authority_of, check_amount
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import CurrenciesDiffer, Money
from o2c_core.store.store import Store
from o2c_core.trail import note


class NothingToPlan(Refused):
    """Nothing is open and undisputed there, so there is nothing to spread."""


class PlannedAlready(Refused):
    """One of those invoices is being paid by a plan already."""


@dataclass(frozen=True)
class Wish:
    """What is to be spread: those invoices, or everything open in the one currency there is.

    Either `parts` monthly parts, the first on `first_on`, or a `schedule` of days and amounts.
    """

    customer_id: UUID
    invoice_ids: tuple[UUID, ...] = ()
    parts: int | None = None
    first_on: date | None = None
    schedule: tuple[tuple[date, Money], ...] = ()
    currency: str | None = None
    message_id: UUID | None = None


def propose_plan(wish: Wish, *, store: Store, role: str, by: str) -> PaymentPlan:
    """The proposed plan, which the customer has to accept. An earlier proposal about the same is withdrawn; the same
    schedule from the same message gives the plan that is there.

    Raises: NotFound when an invoice is not this customer's; NothingToPlan; PlannedAlready; PlanDoesNotAddUp; PlanTooLong;
    CurrenciesDiffer; BeyondAuthority.
    """
    now = store.clock.now()
    with store.session() as session:
        # The lock makes two proposals to one customer take turns.
        customer = session.scalars(
            select(Customer).where(Customer.id == wish.customer_id).with_for_update(key_share=True)
        ).one_or_none()
        if customer is None:
            raise NotFound(customer=str(wish.customer_id))
        told = _told(session, wish)
        if told is not None:
            return told
        seller = session.get_one(Seller, customer.seller_id)
        day = today(store.clock, seller.time_zone)
        about = _about(session, wish)
        total = Money(sum(found.free_minor for found in about), about[0].invoice.currency)
        authority = authority_of(role, seller)
        check_amount(total, authority.plan_max, role, "payment plan")
        schedule = _schedule(wish, total, day)
        check_schedule(schedule, total.minor, day, authority.plan_months_max)
        ids = [found.invoice.id for found in about]
        earlier = _proposed_before(session, ids)
        plan = PaymentPlan(
            seller_id=seller.id,
            customer_id=customer.id,
            number=next_number(session, seller, "plan", day),
            currency=total.currency,
            grace_days=GRACE_DAYS,
            state="proposed",
            by=by,
            role=role,
            proposed_at=now,
            message_id=wish.message_id,
            parts=[
                PlanPart(position=position, due_on=due_on, amount_minor=minor)
                for position, (due_on, minor) in enumerate(schedule, 1)
            ],
            invoices=[PlannedInvoice(invoice_id=invoice_id) for invoice_id in ids],
        )
        session.add(plan)
        session.flush()
        for proposal in earlier:
            move(proposal, "withdrawn", MOVES)
            proposal.settled_on = day
            note(
                session, "plan withdrawn", proposal, at=now, who=by, why="another plan was proposed",
                number=proposal.number, by=plan.number,
            )  # fmt: skip
        note(
            session,
            "plan proposed",
            plan,
            at=now,
            who=by,
            why=role,
            message_id=wish.message_id,
            number=plan.number,
            amount=str(total),
            parts=[[due_on.isoformat(), str(Money(minor, total.currency))] for due_on, minor in schedule],
            invoices=[found.invoice.number for found in about],
        )
        session.commit()
        return plan


def _told(session: Session, wish: Wish) -> PaymentPlan | None:
    """The plan with that schedule from the same message, proposed or running."""
    if wish.message_id is None or not wish.schedule:
        return None
    query = select(PaymentPlan).where(
        PaymentPlan.customer_id == wish.customer_id,
        PaymentPlan.message_id == wish.message_id,
        PaymentPlan.state.in_(("proposed", "active")),
    )
    asked = [(due_on, amount.minor) for due_on, amount in wish.schedule]
    plans = session.scalars(query.order_by(PaymentPlan.id))
    return next((plan for plan in plans if [(part.due_on, part.amount_minor) for part in plan.parts] == asked), None)


def _about(session: Session, wish: Wish) -> list[Collectable]:
    theirs = Invoice.customer_id == wish.customer_id
    if wish.invoice_ids:
        about = collectable(session, theirs, Invoice.id.in_(wish.invoice_ids), lock=True)
        if len(about) < len(set(wish.invoice_ids)):
            raise NotFound
    else:
        about = collectable(session, theirs, open_minor() > 0)
    about = [
        found
        for found in about
        if found.free_minor > 0 and (wish.currency is None or found.invoice.currency == wish.currency)
    ]
    if not about:
        raise NothingToPlan
    if len({found.invoice.currency for found in about}) > 1:
        raise CurrenciesDiffer
    return about


def _schedule(wish: Wish, total: Money, day: date) -> list[tuple[date, int]]:
    if wish.schedule:
        if any(amount.currency != total.currency for _, amount in wish.schedule):
            raise CurrenciesDiffer
        return [(due_on, amount.minor) for due_on, amount in wish.schedule]
    if wish.parts is None:
        raise PlanDoesNotAddUp
    return even_parts(total.minor, wish.parts, wish.first_on or day)


def _proposed_before(session: Session, invoice_ids: list[UUID]) -> list[PaymentPlan]:
    """The plans about any of those invoices that still wait for an answer.

    Raises: PlannedAlready when one is running.
    """
    query = (
        select(PaymentPlan)
        .where(
            PaymentPlan.state.in_(("proposed", "active")),
            PaymentPlan.id.in_(select(PlannedInvoice.plan_id).where(PlannedInvoice.invoice_id.in_(invoice_ids))),
        )
        .order_by(PaymentPlan.id)
    )
    plans = list(session.scalars(query))
    running = next((plan for plan in plans if plan.state == "active"), None)
    if running is not None:
        raise PlannedAlready(f"Plan {running.number} is about one of those invoices already.", plan=running.number)
    return plans
