"""One customer's account: the balance on any day, everything that happened, and the statement."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy.orm import Session

from o2c_core.cases.dispute import Dispute
from o2c_core.customers.customer import Customer
from o2c_core.documents.statement_copy import render_statement
from o2c_core.figures.timeline import Cursor, timeline
from o2c_core.invoices.account import balances
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.statement import BUCKETS, statement_of
from o2c_core.money import exponent
from web.api.door import CallerHere, KeyedRoute, StoreHere, needs
from web.api.find import customer_by, day_here
from web.api.invoices import PDF, disputed
from web.api.problems import described
from web.api.shapes import Amount, Currency, Day, Moment, Ref, Told, shown

router = APIRouter(route_class=KeyedRoute, tags=["customers"])
_STATEMENT_DAYS = 90


class BalanceTold(Told):
    """What the customer owes in one currency."""

    currency: str
    open: Amount
    overdue: Amount
    unapplied: Amount = Field(description="Money and credit not set against an invoice.")
    owed: Amount = Field(description="open less unapplied; below zero, the seller owes the customer.")


class BalancesTold(Told):
    customer: str
    as_of: date
    balances: list[BalanceTold]


class EventTold(Told):
    kind: str
    at: Moment
    on: date
    subject: str
    id: UUID
    number: str | None
    amount: Amount | None
    values: dict[str, Any]


class TimelineTold(Told):
    data: list[EventTold]
    next: str | None = Field(description="Give it back as `before` to go on; null at the oldest event.")


class MovementTold(Told):
    on: date
    kind: str
    number: str
    amount: Amount
    balance: Amount


class OpenItemTold(Told):
    kind: str
    number: str
    on: date
    due_on: date | None
    total: Amount
    open: Amount
    days_late: int


class StatementTold(Told):
    customer: str
    currency: str
    from_on: date
    to_on: date
    opening: Amount
    closing: Amount
    overdue: Amount
    unapplied: Amount
    buckets: dict[str, Amount] = Field(description=f"By days past the due day: {', '.join(BUCKETS)}.")
    movements: list[MovementTold]
    open_items: list[OpenItemTold]


@router.get("/customers/{ref}/balance", responses=described(404))
@needs("customers:read")
def read_balance(
    ref: Ref,
    caller: CallerHere,
    store: StoreHere,
    as_of: Annotated[Day | None, Query(description="The end of that day; today where it is left out.")] = None,
) -> BalancesTold:
    with store.session() as session:
        customer = customer_by(session, caller.seller_id, ref)
        day = day_here(session, caller.seller_id, store)
        found = balances(session, customer.id, day, as_of=as_of or day)
    return BalancesTold(
        customer=ref,
        as_of=as_of or day,
        balances=[
            BalanceTold(
                currency=one.open.currency,
                open=shown(one.open),
                overdue=shown(one.overdue),
                unapplied=shown(one.unapplied),
                owed=shown(one.owed),
            )
            for one in found
        ],
    )


@router.get("/customers/{ref}/timeline", responses=described(400, 404))
@needs("customers:read")
def read_timeline(
    ref: Ref,
    caller: CallerHere,
    store: StoreHere,
    before: Annotated[str | None, Query(max_length=100, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> TimelineTold:
    """Newest first: orders, shipments, invoices, payments, reminders, promises, disputes, messages …"""
    with store.session() as session:
        customer = customer_by(session, caller.seller_id, ref)
        place = Cursor.read(before) if before is not None else None
        events = timeline(session, customer.id, before=place, limit=limit)
    return TimelineTold(
        data=[
            EventTold(
                kind=one.kind,
                at=one.at,
                on=one.on,
                subject=one.subject,
                id=one.id,
                number=one.number,
                amount=shown(one.amount) if one.amount else None,
                values=dict(one.values),
            )
            for one in events
        ],
        next=str(events[-1].cursor) if len(events) == limit else None,
    )


_From = Annotated[Day | None, Query(description="The first day; ninety days before the last where it is left out.")]
_To = Annotated[Day | None, Query(description="The last day; today where it is left out.")]
_In = Annotated[Currency | None, Query(description="The customer's own currency where it is left out.")]


@router.get("/customers/{ref}/statement", responses=described(400, 404))
@needs("customers:read")
def read_statement(
    ref: Ref, caller: CallerHere, store: StoreHere, from_on: _From = None, to_on: _To = None, currency: _In = None
) -> StatementTold:
    with store.session() as session:
        customer = customer_by(session, caller.seller_id, ref)
        first, last = _span(from_on, to_on, day_here(session, caller.seller_id, store))
        said = statement_of(session, customer, _currency(customer, currency), first, last)
    return StatementTold(
        customer=ref,
        currency=said.currency,
        from_on=first,
        to_on=last,
        opening=shown(said.opening),
        closing=shown(said.closing),
        overdue=shown(said.overdue),
        unapplied=shown(said.unapplied),
        buckets={name: shown(bucket) for name, bucket in zip(BUCKETS, said.buckets, strict=True)},
        movements=[
            MovementTold(
                on=one.on, kind=one.kind, number=one.number, amount=shown(one.amount), balance=shown(one.balance)
            )
            for one in said.movements
        ],
        open_items=[
            OpenItemTold(
                kind=one.kind,
                number=one.number,
                on=one.on,
                due_on=one.due_on,
                total=shown(one.total),
                open=shown(one.open),
                days_late=one.days_late,
            )
            for one in said.open_items
        ],
    )


@router.get(
    "/customers/{ref}/statement/pdf", response_class=Response, response_model=None, responses=described(400, 404) | PDF
)
@needs("customers:read")
def read_statement_pdf(
    ref: Ref,
    caller: CallerHere,
    store: StoreHere,
    from_on: _From = None,
    to_on: _To = None,
    currency: _In = None,
    language: Annotated[Literal["en", "nl", "de", "fr"] | None, Query()] = None,
) -> Response:
    with store.session() as session:
        customer = customer_by(session, caller.seller_id, ref)
        first, last = _span(from_on, to_on, day_here(session, caller.seller_id, store))
        chosen = _currency(customer, currency)
        objections = _objections(session, customer, chosen)
        made = render_statement(session, customer, chosen, first, last, language=language, disputed=objections)
    return Response(made, media_type="application/pdf")


def _objections(session: Session, customer: Customer, currency: str) -> list[Any]:
    return disputed(session, Dispute.customer_id == customer.id, Invoice.currency == currency)


def _span(from_on: date | None, to_on: date | None, today: date) -> tuple[date, date]:
    last = to_on or today
    return from_on or last - timedelta(days=_STATEMENT_DAYS), last


def _currency(customer: Customer, asked: str | None) -> str:
    """Raises: UnknownCurrency."""
    chosen = asked or customer.currency
    exponent(chosen)
    return chosen
