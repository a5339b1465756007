"""Disputes, complaints, promises, plans and holds as they stand."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.hold import Hold
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from web.api.case_shapes import (
    ComplaintTold,
    DisputeTold,
    HoldTold,
    PlanTold,
    PromiseTold,
    tell_complaints,
    tell_disputes,
    tell_holds,
    tell_plans,
    tell_promises,
)
from web.api.door import CallerHere, KeyedRoute, StoreHere, needs
from web.api.find import by_id, by_number, customer_by, day_here
from web.api.paging import Page, PagingHere
from web.api.problems import described
from web.api.shapes import Ref

router = APIRouter(route_class=KeyedRoute, tags=["cases"])
_Of = Annotated[Ref | None, Query(description="A customer's reference.")]
_OpenOrResolved = Annotated[Literal["open", "resolved"] | None, Query()]


@router.get("/disputes", responses=described(400, 404))
@needs("cases:read")
def list_disputes(
    caller: CallerHere, store: StoreHere, paging: PagingHere, customer: _Of = None, state: _OpenOrResolved = None
) -> Page[DisputeTold]:
    query = select(Dispute).where(Dispute.seller_id == caller.seller_id).options(selectinload(Dispute.lines))
    if state is not None:
        query = query.where(Dispute.state == state)
    with store.session() as session:
        if customer is not None:
            query = query.where(Dispute.customer_id == customer_by(session, caller.seller_id, customer).id)
        return paging.page(session, query, Dispute.id, lambda rows: tell_disputes(session, [row[0] for row in rows]))


@router.get("/disputes/{number}", responses=described(404))
@needs("cases:read")
def read_dispute(number: Ref, caller: CallerHere, store: StoreHere) -> DisputeTold:
    with store.session() as session:
        return tell_disputes(session, [by_number(session, Dispute, caller.seller_id, number)])[0]


@router.get("/complaints", responses=described(400, 404))
@needs("cases:read")
def list_complaints(
    caller: CallerHere, store: StoreHere, paging: PagingHere, customer: _Of = None, state: _OpenOrResolved = None
) -> Page[ComplaintTold]:
    query = select(Complaint).where(Complaint.seller_id == caller.seller_id)
    if state is not None:
        query = query.where(Complaint.state == state)
    with store.session() as session:
        if customer is not None:
            query = query.where(Complaint.customer_id == customer_by(session, caller.seller_id, customer).id)
        return paging.page(
            session, query, Complaint.id, lambda rows: tell_complaints(session, [row[0] for row in rows])
        )


@router.get("/complaints/{number}", responses=described(404))
@needs("cases:read")
def read_complaint(number: Ref, caller: CallerHere, store: StoreHere) -> ComplaintTold:
    with store.session() as session:
        return tell_complaints(session, [by_number(session, Complaint, caller.seller_id, number)])[0]


@router.get("/promises", responses=described(400, 404))
@needs("cases:read")
def list_promises(
    caller: CallerHere,
    store: StoreHere,
    paging: PagingHere,
    customer: _Of = None,
    state: Annotated[Literal["open", "kept", "broken", "replaced"] | None, Query()] = None,
) -> Page[PromiseTold]:
    query = select(Promise).where(Promise.seller_id == caller.seller_id).options(selectinload(Promise.invoices))
    if state is not None:
        query = query.where(Promise.state == state)
    with store.session() as session:
        if customer is not None:
            query = query.where(Promise.customer_id == customer_by(session, caller.seller_id, customer).id)
        return paging.page(session, query, Promise.id, lambda rows: tell_promises(session, [row[0] for row in rows]))


@router.get("/plans", responses=described(400, 404))
@needs("cases:read")
def list_plans(
    caller: CallerHere,
    store: StoreHere,
    paging: PagingHere,
    customer: _Of = None,
    state: Annotated[Literal["proposed", "active", "kept", "broken", "declined", "withdrawn"] | None, Query()] = None,
) -> Page[PlanTold]:
    query = (
        select(PaymentPlan)
        .where(PaymentPlan.seller_id == caller.seller_id)
        .options(selectinload(PaymentPlan.parts), selectinload(PaymentPlan.invoices))
    )
    if state is not None:
        query = query.where(PaymentPlan.state == state)
    with store.session() as session:
        if customer is not None:
            query = query.where(PaymentPlan.customer_id == customer_by(session, caller.seller_id, customer).id)
        return paging.page(session, query, PaymentPlan.id, lambda rows: tell_plans(session, [row[0] for row in rows]))


@router.get("/plans/{number}", responses=described(404))
@needs("cases:read")
def read_plan(number: Ref, caller: CallerHere, store: StoreHere) -> PlanTold:
    with store.session() as session:
        return tell_plans(session, [by_number(session, PaymentPlan, caller.seller_id, number)])[0]


@router.get("/holds", responses=described(400, 404))
@needs("cases:read")
def list_holds(caller: CallerHere, store: StoreHere, paging: PagingHere, customer: _Of = None) -> Page[HoldTold]:
    query = select(Hold).where(Hold.seller_id == caller.seller_id)
    with store.session() as session:
        if customer is not None:
            query = query.where(Hold.customer_id == customer_by(session, caller.seller_id, customer).id)
        day = day_here(session, caller.seller_id, store)
        return paging.page(session, query, Hold.id, lambda rows: tell_holds(session, [row[0] for row in rows], day))


@router.get("/holds/{hold_id}", responses=described(404))
@needs("cases:read")
def read_hold(hold_id: UUID, caller: CallerHere, store: StoreHere) -> HoldTold:
    with store.session() as session:
        day = day_here(session, caller.seller_id, store)
        return tell_holds(session, [by_id(session, Hold, caller.seller_id, hold_id)], day)[0]
