"""Orders and what of them is on its way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import exists, select
from sqlalchemy.orm import Session, selectinload

from o2c_core.customers.customer import Customer
from o2c_core.customers.site import Site
from o2c_core.orders.order import Order, OrderLine
from o2c_core.orders.shipment import Shipment
from web.api.door import CallerHere, KeyedRoute, StoreHere, needs
from web.api.find import by_number, customer_by, refs_of
from web.api.paging import Page, PagingHere
from web.api.problems import described
from web.api.shapes import Amount, Day, Ref, Told, amount, plain, shown

router = APIRouter(route_class=KeyedRoute, tags=["orders"])
_OVER = ("delivered", "cancelled", "returned")
READ = (selectinload(Order.lines), selectinload(Order.shipments).selectinload(Shipment.lines))


class OrderLineTold(Told):
    position: int
    sku: str
    description: str
    quantity: str
    unit_price: str
    amount: Amount
    state: str
    cancelled_quantity: str
    returned_quantity: str
    tax_category: str | None
    tax_rate: str | None


class ShippedTold(Told):
    position: int = Field(description="The order's line.")
    quantity: str


class ProofTold(Told):
    """How it was shown that the goods arrived."""

    received_by: str | None
    kind: str | None
    reference: str | None
    note: str | None


class ShipmentTold(Told):
    order: str
    tracking_number: str
    carrier: str | None
    shipped_on: date | None
    expected_on: date | None
    delivered_on: date | None
    proof: ProofTold
    lines: list[ShippedTold] = Field(description="Empty where nobody said what is in it.")


class OrderTold(Told):
    number: str
    customer: str
    state: str
    ordered_on: date | None
    expected_on: date | None
    confirmed_on: date | None
    purchase_order: str | None
    site: str | None
    currency: str
    amount: Amount
    lines: list[OrderLineTold]
    shipments: list[ShipmentTold]


@router.get("/orders", responses=described(400, 404))
@needs("orders:read")
def list_orders(
    caller: CallerHere,
    store: StoreHere,
    paging: PagingHere,
    number: Annotated[Ref | None, Query(description="The order of that number, whatever letters it has.")] = None,
    customer: Annotated[Ref | None, Query(description="A customer's reference.")] = None,
    is_open: Annotated[bool | None, Query(description="Whether anything is still to be delivered.")] = None,
    ordered_from: Annotated[Day | None, Query()] = None,
    ordered_to: Annotated[Day | None, Query()] = None,
) -> Page[OrderTold]:
    query = select(Order).where(Order.seller_id == caller.seller_id).options(*READ)
    if number is not None:
        query = query.where(Order.number == number)
    if is_open is not None:
        to_come = exists().where(OrderLine.order_id == Order.id, OrderLine.state.not_in(_OVER))
        query = query.where(to_come if is_open else ~to_come)
    if ordered_from is not None:
        query = query.where(Order.ordered_on >= ordered_from)
    if ordered_to is not None:
        query = query.where(Order.ordered_on <= ordered_to)
    with store.session() as session:
        if customer is not None:
            query = query.where(Order.customer_id == customer_by(session, caller.seller_id, customer).id)
        return paging.page(session, query, Order.id, lambda rows: tell_orders(session, [row[0] for row in rows]))


@router.get("/orders/{number}", responses=described(404))
@needs("orders:read")
def read_order(number: Ref, caller: CallerHere, store: StoreHere) -> OrderTold:
    with store.session() as session:
        return tell_orders(session, [by_number(session, Order, caller.seller_id, number, *READ)])[0]


@router.get("/orders/{number}/shipments", responses=described(404))
@needs("orders:read")
def read_shipments_of_order(number: Ref, caller: CallerHere, store: StoreHere) -> list[ShipmentTold]:
    with store.session() as session:
        order = by_number(session, Order, caller.seller_id, number, *READ)
        return [_shipment(order, shipment) for shipment in order.shipments]


@router.get("/shipments", responses=described(400, 404))
@needs("orders:read")
def list_shipments(
    caller: CallerHere,
    store: StoreHere,
    paging: PagingHere,
    customer: Annotated[Ref | None, Query(description="A customer's reference.")] = None,
    tracking_number: Annotated[Ref | None, Query()] = None,
    is_delivered: Annotated[bool | None, Query()] = None,
) -> Page[ShipmentTold]:
    query = (
        select(Shipment, Order)
        .join(Order, Order.id == Shipment.order_id)
        .where(Order.seller_id == caller.seller_id)
        .options(selectinload(Shipment.lines), selectinload(Order.lines))
    )
    if tracking_number is not None:
        query = query.where(Shipment.tracking_number == tracking_number)
    if is_delivered is not None:
        query = query.where(Shipment.delivered_on.is_not(None) if is_delivered else Shipment.delivered_on.is_(None))
    with store.session() as session:
        if customer is not None:
            query = query.where(Order.customer_id == customer_by(session, caller.seller_id, customer).id)
        return paging.page(
            session, query, Shipment.id, lambda rows: [_shipment(order, shipment) for shipment, order in rows]
        )


def tell_orders(session: Session, orders: Sequence[Order]) -> list[OrderTold]:
    customers = refs_of(session, [order.customer_id for order in orders])
    sites = _sites(session, orders)
    return [
        OrderTold(
            number=order.number,
            customer=customers[order.customer_id],
            state=order.state,
            ordered_on=order.ordered_on,
            expected_on=order.expected_on,
            confirmed_on=order.confirmed_on,
            purchase_order=order.purchase_order,
            site=sites.get(order.site_id) if order.site_id else None,
            currency=order.currency,
            amount=shown(order.amount),
            lines=[_line(line, order.currency) for line in order.lines],
            shipments=[_shipment(order, shipment) for shipment in order.shipments],
        )
        for order in orders
    ]


def tell_order(session: Session, order_id: UUID) -> OrderTold:
    """The order as it is now."""
    query = select(Order).where(Order.id == order_id).options(*READ)
    return tell_orders(session, [session.scalars(query).one()])[0]


def _sites(session: Session, orders: Sequence[Order]) -> dict[UUID, str]:
    wanted = {order.site_id for order in orders if order.site_id is not None}
    if not wanted:
        return {}
    query = select(Site.id, Site.ref).join(Customer, Customer.id == Site.customer_id).where(Site.id.in_(wanted))
    return {row.id: row.ref for row in session.execute(query)}


def _line(line: OrderLine, currency: str) -> OrderLineTold:
    return OrderLineTold(
        position=line.position,
        sku=line.sku,
        description=line.description,
        quantity=plain(line.quantity) or "0",
        unit_price=plain(line.unit_price) or "0",
        amount=amount(line.amount_minor, currency),
        state=line.state,
        cancelled_quantity=plain(line.cancelled_quantity) or "0",
        returned_quantity=plain(line.returned_quantity) or "0",
        tax_category=line.tax_category,
        tax_rate=plain(line.tax_rate),
    )


def _shipment(order: Order, shipment: Shipment) -> ShipmentTold:
    positions = {line.id: line.position for line in order.lines}
    return ShipmentTold(
        order=order.number,
        tracking_number=shipment.tracking_number,
        carrier=shipment.carrier,
        shipped_on=shipment.shipped_on,
        expected_on=shipment.expected_on,
        delivered_on=shipment.delivered_on,
        proof=ProofTold(
            received_by=shipment.received_by,
            kind=shipment.proof_kind,
            reference=shipment.proof_reference,
            note=shipment.proof_note,
        ),
        lines=[
            ShippedTold(position=positions[line.order_line_id], quantity=plain(line.quantity) or "0")
            for line in shipment.lines
        ],
    )
