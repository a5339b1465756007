"""What was agreed with customers, or said by them, and keeps invoices from being asked for, for many at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.broken import broken_on
from o2c_core.cases.collectable import Collectable, collectable
from o2c_core.cases.document_problem import DocumentProblem, waiting_on
from o2c_core.cases.hold import Hold, running
from o2c_core.cases.paid_since import disputed_for_plan, open_for_plan, paid_for_plan, paid_for_promise
from o2c_core.cases.payment_said import PaymentSaid
from o2c_core.cases.plan import OpenPart, PaymentPlan, parts_open, plan_state
from o2c_core.cases.promise import Awaited, Covered, Promise, cover
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import Invoice
from o2c_core.store.many import is_one_of

# Of most customers none of it is there, and this is asked of every message at the instant of sending.
_THERE = text("""
    SELECT EXISTS (SELECT FROM promise WHERE customer_id = ANY (:ids) AND state = 'open') AS promises,
           EXISTS (SELECT FROM payment_plan WHERE customer_id = ANY (:ids) AND state = 'active') AS plans,
           EXISTS (SELECT FROM hold WHERE customer_id = ANY (:ids) AND kind = 'reminders') AS holds,
           EXISTS (SELECT FROM payment_said WHERE customer_id = ANY (:ids) AND state IN ('open', 'not_arrived')) AS said,
           EXISTS (SELECT FROM document_problem WHERE customer_id = ANY (:ids)) AS documents,
           EXISTS (SELECT FROM promise WHERE customer_id = ANY (:ids)
                   AND (state = 'broken' OR undone_on IS NOT NULL))
           OR EXISTS (SELECT FROM payment_plan WHERE customer_id = ANY (:ids)
                      AND (state = 'broken' OR undone_on IS NOT NULL)) AS broken
""")


@dataclass(frozen=True)
class OnPlan:
    """A plan on track: the part that comes next, how many parts there are, and what is left of the plan in all."""

    plan_id: UUID
    number: str
    currency: str
    part: OpenPart
    parts: int
    left_minor: int

    @property
    def part_on(self) -> date:
        return self.part.due_on

    @property
    def until_on(self) -> date:
        """The last day on which the part is in time."""
        return self.part.until_on


@dataclass(frozen=True)
class NotArrived:
    """Money somebody said they paid, which has not come: when they paid by their own words, when they said so, and whether
    they sent a proof along."""

    paid_on: date | None
    said_on: date
    amount_minor: int
    currency: str
    has_proof: bool = False


@dataclass
class Agreed:
    """What holds for which invoice; a hold of a customer is for every invoice of theirs, and so is what they say of the
    account as a whole.

    `documents` has the day on which something about the invoice itself was found to be missing, `broken` the day on which
    a promise or plan last did not hold, `not_arrived` what was said to be paid and looked for.
    """

    promised: dict[UUID, Covered] = field(default_factory=dict)
    plans: dict[UUID, OnPlan] = field(default_factory=dict)
    held_until: dict[UUID, date] = field(default_factory=dict)
    in_flight: dict[UUID, date] = field(default_factory=dict)
    documents: dict[UUID, date] = field(default_factory=dict)
    broken: dict[UUID, date] = field(default_factory=dict)
    not_arrived: dict[UUID, NotArrived] = field(default_factory=dict)

    def held(self, invoice_id: UUID, customer_id: UUID) -> date | None:
        """The last day on which reminders are held for the invoice; None when they are not."""
        return _latest(self.held_until, invoice_id, customer_id)

    def in_flight_until(self, invoice_id: UUID, customer_id: UUID) -> date | None:
        """The last day on which money for it may still be on its way, by what the customer said; None without such words."""
        return _latest(self.in_flight, invoice_id, customer_id)

    def document_problem_since(self, invoice_id: UUID) -> date | None:
        return self.documents.get(invoice_id)

    def broken_on(self, invoice_id: UUID, customer_id: UUID) -> date | None:
        """The day on which a promise or plan about it last did not hold; None where another one holds now."""
        if invoice_id in self.promised or invoice_id in self.plans:
            return None
        return _latest(self.broken, invoice_id, customer_id)

    def said_and_not_arrived(self, invoice_id: UUID, customer_id: UUID, currency: str) -> NotArrived | None:
        """What was said to be paid of that invoice; of the account as a whole only in the invoice's currency."""
        found = self.not_arrived.get(invoice_id) or self.not_arrived.get(customer_id)
        return found if found is not None and found.currency == currency else None


def _latest(days: Mapping[UUID, date], *keys: UUID) -> date | None:
    return max((days[key] for key in keys if key in days), default=None) if days else None


def agreed_with(session: Session, customer_ids: Collection[UUID], on: date) -> Agreed:
    """What keeps those customers' invoices from being asked for on that day (where the seller is)."""
    there = session.execute(_THERE, {"ids": list(customer_ids)}).one()
    in_flight, not_arrived = _said(session, customer_ids, on) if there.said else ({}, {})
    return Agreed(
        promised=_promised(session, customer_ids, on) if there.promises else {},
        plans=_plans(session, customer_ids, on) if there.plans else {},
        held_until=_held(session, customer_ids, on) if there.holds else {},
        in_flight=in_flight,
        documents=_documents(session, customer_ids, on) if there.documents else {},
        broken=broken_on(session, customer_ids, on) if there.broken else {},
        not_arrived=not_arrived,
    )


def _promised(session: Session, customer_ids: Collection[UUID], on: date) -> dict[UUID, Covered]:
    promises: dict[tuple[UUID, str], list[Awaited]] = {}
    query = (
        select(Promise, paid_for_promise())
        .where(is_one_of(Promise.customer_id, customer_ids), Promise.state == "open")
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
    theirs = is_one_of(Invoice.customer_id, {customer_id for customer_id, _ in promises})
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
        .where(is_one_of(PaymentPlan.customer_id, customer_ids), PaymentPlan.state == "active")
        .options(selectinload(PaymentPlan.parts), selectinload(PaymentPlan.invoices))
    )
    on_track: dict[UUID, OnPlan] = {}
    for plan, paid, left, disputed in session.execute(query):
        parts = parts_open(plan, int(paid))
        if parts and plan_state(plan, int(paid), int(left), int(disputed), on) == "active":
            left_minor = sum(part.left_minor for part in parts)
            standing = OnPlan(plan.id, plan.number, plan.currency, parts[0], len(plan.parts), left_minor)
            on_track |= {planned.invoice_id: standing for planned in plan.invoices}
    return on_track


def _held(session: Session, customer_ids: Collection[UUID], on: date) -> dict[UUID, date]:
    query = select(Hold.customer_id, Hold.invoice_id, Hold.until_on).where(
        is_one_of(Hold.customer_id, customer_ids), running("reminders", on)
    )
    held: dict[UUID, date] = {}
    for customer_id, invoice_id, until_on in session.execute(query):
        key = invoice_id or customer_id
        held[key] = max(until_on, held.get(key, until_on))
    return held


def _said(
    session: Session, customer_ids: Collection[UUID], on: date
) -> tuple[dict[UUID, date], dict[UUID, NotArrived]]:
    """Until when money may be on its way, and what was said to be paid and has not come, by invoice or customer."""
    query = (
        select(PaymentSaid)
        .where(is_one_of(PaymentSaid.customer_id, customer_ids), PaymentSaid.state.in_(("open", "not_arrived")))
        .options(selectinload(PaymentSaid.invoices))
        .order_by(PaymentSaid.id)
    )
    in_flight: dict[UUID, date] = {}
    not_arrived: dict[UUID, NotArrived] = {}
    for said in session.scalars(query):
        keys = [named.invoice_id for named in said.invoices] or [said.customer_id]
        for key in keys:
            if said.state == "open" and on <= said.until_on:
                in_flight[key] = max(said.until_on, in_flight.get(key, said.until_on))
            else:
                not_arrived[key] = NotArrived(
                    said.paid_on, said.said_on, said.amount_minor, said.currency, said.proof_file_id is not None
                )
    return in_flight, not_arrived


def _documents(session: Session, customer_ids: Collection[UUID], on: date) -> dict[UUID, date]:
    query = (
        select(DocumentProblem.invoice_id, func.min(DocumentProblem.opened_on))
        .where(is_one_of(DocumentProblem.customer_id, customer_ids), waiting_on(on))
        .group_by(DocumentProblem.invoice_id)
    )
    return {row.invoice_id: row[1] for row in session.execute(query)}
