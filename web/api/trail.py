"""The trail: who did what, when, why and from which message."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import and_, or_, select

from o2c_core.customers.customer import Customer
from o2c_core.integrations.events import EVENTS
from o2c_core.trail import TrailLine
from web.api.door import CallerHere, KeyedRoute, StoreHere, needs
from web.api.find import customer_by, refs_of
from web.api.paging import Page, PagingHere
from web.api.problems import described
from web.api.shapes import Moment, Ref, Told

router = APIRouter(route_class=KeyedRoute, tags=["trail"])


class TrailLineTold(Told):
    id: UUID
    at: Moment
    who: str
    what: str
    event: str | None
    subject: str
    subject_id: UUID | None
    customer: str | None
    why: str
    message: UUID | None
    details: dict[str, Any]


@router.get("/trail", responses=described(400, 404))
@needs("trail:read")
def list_trail(
    caller: CallerHere,
    store: StoreHere,
    paging: PagingHere,
    customer: Annotated[Ref | None, Query(description="A customer's reference.")] = None,
    subject: Annotated[UUID | None, Query(description="The id of the thing it is about.")] = None,
    since: Annotated[Moment | None, Query()] = None,
    until: Annotated[Moment | None, Query()] = None,
) -> Page[TrailLineTold]:
    """Newest first. Lines are added and never changed."""
    its = or_(
        TrailLine.seller_id == caller.seller_id,
        # An import's lines name only the customer.
        and_(
            TrailLine.seller_id.is_(None),
            TrailLine.customer_id.in_(select(Customer.id).where(Customer.seller_id == caller.seller_id)),
        ),
    )
    query = select(TrailLine).where(its)
    if subject is not None:
        query = query.where(TrailLine.subject_id == subject)
    if since is not None:
        query = query.where(TrailLine.at >= since)
    if until is not None:
        query = query.where(TrailLine.at < until)
    with store.session() as session:
        if customer is not None:
            query = query.where(TrailLine.customer_id == customer_by(session, caller.seller_id, customer).id)

        def show(rows: Any) -> list[TrailLineTold]:
            refs = refs_of(session, [row[0].customer_id for row in rows])
            return [_tell(row[0], refs.get(row[0].customer_id)) for row in rows]

        return paging.page(session, query, TrailLine.id, show, newest_first=True)


def _tell(line: TrailLine, customer: str | None) -> TrailLineTold:
    return TrailLineTold(
        id=line.id,
        at=line.at,
        who=line.who,
        what=line.what,
        event=EVENTS.get(line.what),
        subject=line.subject,
        subject_id=line.subject_id,
        customer=customer,
        why=line.why,
        message=line.message_id,
        details=line.details,
    )
