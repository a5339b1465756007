"""What was agreed with customers and keeps invoices from being asked for: promises, plans and holds, many at a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.collectable import Collectable, collectable
from o2c_core.cases.hold import Hold, running
from o2c_core.cases.paid_since import disputed_for_plan, open_for_plan, paid_for_plan, paid_for_promise
from o2c_core.cases.plan import PaymentPlan, next_part, plan_state
from o2c_core.cases.promise import Awaited, Covered, Promise, cover
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import Invoice


@dataclass(frozen=True)
class OnPlan:
    """A plan on track: the day of the part that comes next, and the last day on which it is in time."""

    part_on: date
    until_on: date


@dataclass
class Agreed:
    """What holds for which invoice; a hold of a customer is for every invoice of theirs."""

    promised: dict[UUID, Covered] = field(default_factory=dict)
    plans: dict[UUID, OnPlan] = field(default_factory=dict)
    held_until: dict[UUID, date] = field(default_factory=dict)

    def held(self, invoice_id: UUID, customer_id: UUID) -> date | None:
        """The last day on which reminders are held for the invoice; None when they are not."""
        days = [self.held_until[key] for key in (invoice_id, customer_id) if key in self.held_until]
        return max(days, default=None)


def agreed_with(session: Session, customer_ids: Collection[UUID], on: date) -> Agreed:
    """What keeps those customers' invoices from being asked for on that day (where the seller is)."""
    return Agreed(
        promised=_promised(session, customer_ids, on),
        plans=_plans(session, customer_ids, on),
        held_until=_held(session, customer_ids, on),
    )


def _promised(session: Session, customer_ids: Collection[UUID], on: date) -> dict[UUID, Covered]:
    promises: dict[tuple[UUID, str], list[Awaited]] = {}
    query = (
        select(Promise, paid_for_promise())
        .where(Promise.customer_id.in_(customer_ids), Promise.state == "open")
        .options(selectinload(Promise.invoices))
    )
    for promise, paid in session.execute(query):
        if on <= promise.until_on:
            promises.setdefault((promise.customer_id, promise.currency), []).append(
                Awaited(
                    promise.amount_minor - int(paid),
                    promise.promised_on,
                    promise.until_on,
                    frozenset(named.invoice_id for named in promise.invoices),
                )
            )
    if not promises:
        return {}
    theirs = Invoice.customer_id.in_({customer_id for customer_id, _ in promises})
    invoices: dict[tuple[UUID, str], list[Collectable]] = {}
    for found in collectable(session, theirs, open_minor() > 0):
        invoices.setdefault((found.invoice.customer_id, found.invoice.currency), []).append(found)
    covered: dict[UUID, Covered] = {}
    for key, of_customer in promises.items():
        covered |= cover(of_customer, [(found.invoice.id, found.free_minor) for found in invoices.get(key, [])])
    return covered


def _plans(session: Session, customer_ids: Collection[UUID], on: date) -> dict[UUID, OnPlan]:
    query = (
        select(PaymentPlan, paid_for_plan(), open_for_plan(), disputed_for_plan())
        .where(PaymentPlan.customer_id.in_(customer_ids), PaymentPlan.state == "active")
        .options(selectinload(PaymentPlan.parts), selectinload(PaymentPlan.invoices))
    )
    on_track: dict[UUID, OnPlan] = {}
    for plan, paid, left, disputed in session.execute(query):
        part = next_part(plan, int(paid))
        if part is not None and plan_state(plan, int(paid), int(left), int(disputed), on) == "active":
            standing = OnPlan(part.due_on, part.due_on + timedelta(days=plan.grace_days))
            on_track |= {planned.invoice_id: standing for planned in plan.invoices}
    return on_track


def _held(session: Session, customer_ids: Collection[UUID], on: date) -> dict[UUID, date]:
    query = select(Hold.customer_id, Hold.invoice_id, Hold.until_on).where(
        Hold.customer_id.in_(customer_ids), running("reminders", on)
    )
    held: dict[UUID, date] = {}
    for customer_id, invoice_id, until_on in session.execute(query):
        key = invoice_id or customer_id
        held[key] = max(until_on, held.get(key, until_on))
    return held
