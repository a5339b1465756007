"""Placing an order and moving it on: confirmed, shipped, delivered, cancelled, come back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.cancel_lines import cancel_lines
from o2c_core.actions.confirm_order import confirm_order
from o2c_core.actions.deliver_shipment import Arrival, deliver_shipment
from o2c_core.actions.place_order import Article, Purchase, place_order
from o2c_core.actions.return_lines import return_lines
from o2c_core.actions.ship_order import Departure, ship_order
from o2c_core.errors import NotFound, Refused
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment
from o2c_core.store.store import Store
from web.api.door import KeyedRoute, needs
from web.api.find import by_number, customer_by
from web.api.orders import OrderTold, tell_order
from web.api.problems import described
from web.api.shapes import Asked, Currency, Day, Line, Price, Prose, Quantity, Ref, TaxRate
from web.api.writes import Write, WriteHere

router = APIRouter(route_class=KeyedRoute, tags=["orders"])
LINES_MAX = 500
_WRITES = described(400, 404, 409)


class SameLineTwice(Refused):
    """Each line is named once, with all that is meant of it."""


class ArticleAsked(Asked):
    sku: Ref
    description: Line
    quantity: Quantity
    unit_price: Price = Field(description="In major units and without tax; it may be finer than a cent.")
    tax_category: Literal["S", "Z", "E", "AE", "K", "G", "O", "L", "M"] | None = Field(None, description="UNCL5305.")
    tax_rate: TaxRate | None = None


class OrderAsked(Asked):
    customer: Ref
    lines: list[ArticleAsked] = Field(min_length=1, max_length=LINES_MAX)
    number: Ref | None = Field(None, description="The seller's numbering gives one where it is left out.")
    purchase_order: Ref | None = None
    site: Ref | None = None
    ordered_on: Day | None = None
    expected_on: Day | None = None
    currency: Currency | None = None


class ConfirmAsked(Asked):
    despite: Prose | None = Field(None, description="Why it is confirmed above the credit limit or during a hold.")


class PartAsked(Asked):
    position: int = Field(ge=1, le=100_000)
    quantity: Quantity


class ShipmentAsked(Asked):
    tracking_number: Ref
    carrier: Line | None = None
    lines: list[PartAsked] | None = Field(None, max_length=LINES_MAX, description="Everything left, if left out.")
    shipped_on: Day | None = None
    expected_on: Day | None = None
    despite: Prose | None = Field(None, description="Why goods leave during a hold on deliveries.")


class DeliveryAsked(Asked):
    delivered_on: Day | None = None
    received_by: Line | None = None
    proof_kind: Literal["signature", "photo", "scan", "code"] | None = None
    proof_reference: Line | None = None
    proof_note: Line | None = None


class PartsAsked(Asked):
    why: Prose
    lines: list[PartAsked] | None = Field(None, max_length=LINES_MAX, description="Everything, if left out.")


@router.post("/orders", status_code=201, response_model=OrderTold, responses=_WRITES)
@needs("orders:write")
def post_order(asked: OrderAsked, write: WriteHere) -> Response:
    """Places an order. The same again, by its number, is the order that is there."""

    def act(store: Store) -> UUID:
        with write.store.session() as session:
            customer = customer_by(session, write.caller.seller_id, asked.customer)
        purchase = Purchase(
            customer_id=customer.id,
            articles=tuple(Article(**line.model_dump()) for line in asked.lines),
            number=asked.number,
            purchase_order=asked.purchase_order,
            site_ref=asked.site,
            ordered_on=asked.ordered_on,
            expected_on=asked.expected_on,
            currency=asked.currency,
        )
        return place_order(purchase, by=write.who, store=store).id

    return _told(write, act, 201)


@router.post("/orders/{number}/confirm", response_model=OrderTold, responses=_WRITES)
@needs("orders:write")
def post_confirm(number: Ref, asked: ConfirmAsked, write: WriteHere) -> Response:
    def act(store: Store) -> UUID:
        return confirm_order(_order(write, number).id, despite=asked.despite, by=write.who, store=store).id

    return _told(write, act, 200)


@router.post("/orders/{number}/shipments", status_code=201, response_model=OrderTold, responses=_WRITES)
@needs("orders:write")
def post_shipment(number: Ref, asked: ShipmentAsked, write: WriteHere) -> Response:
    """Ships of the order. The same tracking number again is the same shipment."""

    def act(store: Store) -> UUID:
        departure = Departure(
            order_id=_order(write, number).id,
            tracking_number=asked.tracking_number,
            carrier=asked.carrier,
            quantities=_quantities(asked.lines),
            shipped_on=asked.shipped_on,
            expected_on=asked.expected_on,
        )
        return ship_order(departure, despite=asked.despite, by=write.who, store=store).order_id

    return _told(write, act, 201)


@router.post("/orders/{number}/shipments/{tracking_number}/deliver", response_model=OrderTold, responses=_WRITES)
@needs("orders:write")
def post_delivery(number: Ref, tracking_number: Ref, asked: DeliveryAsked, write: WriteHere) -> Response:
    def act(store: Store) -> UUID:
        order = _order(write, number)
        with write.store.session() as session:
            shipment = shipment_by(session, order, tracking_number)
        return deliver_shipment(Arrival(shipment.id, **asked.model_dump()), by=write.who, store=store).order_id

    return _told(write, act, 200)


@router.post("/orders/{number}/cancel", response_model=OrderTold, responses=_WRITES)
@needs("orders:write")
def post_cancel(number: Ref, asked: PartsAsked, write: WriteHere) -> Response:
    def act(store: Store) -> UUID:
        order_id = _order(write, number).id
        return cancel_lines(order_id, _quantities(asked.lines), why=asked.why, by=write.who, store=store).id

    return _told(write, act, 200)


@router.post("/orders/{number}/return", response_model=OrderTold, responses=_WRITES)
@needs("orders:write")
def post_return(number: Ref, asked: PartsAsked, write: WriteHere) -> Response:
    def act(store: Store) -> UUID:
        order_id = _order(write, number).id
        return return_lines(order_id, _quantities(asked.lines), why=asked.why, by=write.who, store=store).id

    return _told(write, act, 200)


def shipment_by(session: Session, order: Order, tracking_number: str) -> Shipment:
    """Raises: NotFound."""
    query = select(Shipment).where(Shipment.order_id == order.id, Shipment.tracking_number == tracking_number)
    shipment = session.scalars(query).one_or_none()
    if shipment is None:
        raise NotFound
    return shipment


def _told(write: Write, act: Callable[[Store], UUID], status: int) -> Response:
    def carried(store: Store) -> OrderTold:
        order_id = act(store)
        with write.store.session() as session:
            return tell_order(session, order_id)

    return write.carry_out(carried, status)


def _order(write: Write, number: str) -> Order:
    with write.store.session() as session:
        return by_number(session, Order, write.caller.seller_id, number)


def _quantities(lines: Sequence[PartAsked] | None) -> Mapping[int, Decimal] | None:
    """Raises: SameLineTwice."""
    if lines is None:
        return None
    said = {line.position: line.quantity for line in lines}
    if len(said) < len(lines):
        raise SameLineTwice
    return said
