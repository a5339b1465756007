"""The orders: where each one is, its lines and parcels, what shows that it arrived, and asking to change or cancel it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from fastapi import APIRouter, Response
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from o2c_core.actions.ask_order_change import (
    NothingLeftToChange,
    OrderWish,
    answered_by,
    ask_order_change,
    open_request,
)
from o2c_core.actions.note_form_refused import note_form_refused
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.orders.order import Order, OrderLine, quantities_of
from o2c_core.orders.shipment import Shipment, days_delayed
from web.portal.chat import corner
from web.portal.door import Guest, NotHere, Portal, VisitHere, see_other
from web.portal.forms import Sent, SentHere, keep, quoted

ORDERS_SHOWN = 100
STEPS = ("ordered", "confirmed", "shipped", "delivered")
# How far an order is along those steps, by its state.
_REACHED = {
    "ordered": 1, "confirmed": 2, "part_shipped": 3, "shipped": 3, "part_delivered": 3, "delivered": 4, "returned": 4,
    "cancelled": 0,
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A line of the order with how much of it is where."""

    line: OrderLine
    amount: Money
    arrived: Decimal
    under_way: Decimal
    cancelled: Decimal


@dataclass(frozen=True)
class Parcel:
    """A shipment with what is in it, as far as anybody said."""

    shipment: Shipment
    inside: tuple[tuple[str, Decimal], ...]
    days_delayed: int


def order_pages(router: APIRouter, portal: Portal) -> None:
    """`/my/orders`, one of them, and what is asked about it."""

    @router.get("/my/orders")
    def the_orders(guest: VisitHere) -> Response:
        guest.require("orders")
        with portal.store.session() as session:
            orders = list(session.scalars(_theirs(guest).limit(ORDERS_SHOWN)))
        return guest.page("my_orders.html", here="orders", orders=orders)

    @router.get("/my/orders/{number:path}/change")
    def before_changing(guest: VisitHere, number: str) -> Response:
        with portal.store.session() as session:
            order = order_named(session, guest, number, "change_order")
            return _form(session, guest, order)

    @router.post("/my/orders/{number:path}/change")
    def changing(guest: VisitHere, number: str, sent: SentHere) -> Response:
        say = guest.words.say
        with portal.store.session() as session:
            order = order_named(session, guest, number, "change_order")
            wants = sent.one("wants")
            errors = {} if wants in ("cancel", "change") else {"wants": say("error.wants")}
            if not sent.words() and wants != "cancel":
                errors["words"] = say("error.words")
            if errors:
                return _form(session, guest, order, 422, sent=sent, errors=errors)
        text = say("said.change", number=order.number, wants=say(f"change.{wants}"), words=sent.words())
        kept = keep(portal, guest, sent, text, about=f"order {order.number}")
        wish = OrderWish(
            guest.customer.id, order.id, "cancel" if wants == "cancel" else "change", sent.words() or text,
            str(kept.message_id), message_id=kept.message_id,
        )  # fmt: skip
        try:
            ask_order_change(wish, store=portal.store, by=guest.who)
        except NothingLeftToChange as refused:
            told = say("error.nothing_left")
            note_form_refused(kept.message_id, refused, told, store=portal.store)
            with portal.store.session() as session:
                return _form(session, guest, order, 422, sent=sent, errors={"wants": told})
        return see_other(f"/my/orders/{quoted(order.number)}?recorded={wish.wants}")

    @router.get("/my/orders/{number:path}")
    def the_order(guest: VisitHere, number: str, recorded: str = "") -> Response:
        with portal.store.session() as session:
            order = order_named(session, guest, number)
            return _shown(session, portal, guest, order, recorded)


def order_named(session: Session, guest: Guest, number: str, what: str = "orders") -> Order:
    """The order of theirs with that number, where what they want with it opens for them.

    Raises: NotHere, also for somebody else's; ProofFirst, whether or not there is one.
    """
    order = session.scalars(_theirs(guest).where(Order.number == number)).one_or_none()
    guest.require(what, order.id if order else None)
    if order is None:
        raise NotHere
    return order


def _theirs(guest: Guest) -> Select[Order]:
    return (
        select(Order)
        .where(Order.customer_id == guest.customer.id)
        .options(selectinload(Order.lines), selectinload(Order.shipments).selectinload(Shipment.lines))
        .order_by(Order.ordered_on.desc().nulls_last(), Order.number.desc())
    )


def _shown(session: Session, portal: Portal, guest: Guest, order: Order, recorded: str) -> Response:
    lines = [_line(one, order) for one in order.lines]
    asked = [one for wants in ("cancel", "change") if (one := open_request(session, order, wants)) is not None]
    invoices: list[str] = []
    if guest.may("invoices"):
        query = select(Invoice.number).where(Invoice.order_id == order.id, Invoice.customer_id == guest.customer.id)
        invoices = list(session.scalars(query.order_by(Invoice.number)))
    return guest.page(
        "my_order.html", here="orders", order=order, lines=lines, parcels=_parcels(order, guest.today),
        steps=STEPS, reached=_REACHED[order.state], invoices=invoices,
        asked=[(one.details["wants"], answered_by(one)) for one in asked],
        told="placed" if recorded == "placed" and order.ordered_on == guest.today else "",
        can_change=guest.may("change_order", order.id) and _has_open(order),
        can_repeat=guest.word("repeat_order") != "no" and bool(order.lines),
        chat=corner(session, portal, guest, f"order {order.number}"),
    )  # fmt: skip


def _line(line: OrderLine, order: Order) -> Line:
    at = quantities_of(line, order.shipments)
    return Line(line, Money(line.amount_minor, order.currency), at.delivered, at.under_way, at.cancelled)


def _parcels(order: Order, today: date) -> list[Parcel]:
    names = {line.id: line.description or line.sku for line in order.lines}
    return [
        Parcel(
            one,
            tuple((names[part.order_line_id], part.quantity) for part in one.lines if part.order_line_id in names),
            days_delayed(one, today),
        )
        for one in order.shipments
    ]


def _has_open(order: Order) -> bool:
    return any(quantities_of(line, order.shipments).open > 0 for line in order.lines)


def _form(
    session: Session, guest: Guest, order: Order, status: int = 200, *, sent: Sent | None = None,
    errors: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    asked = {
        wants: answered_by(one)
        for wants in ("cancel", "change")
        if (one := open_request(session, order, wants)) is not None
    }
    return guest.page(
        "my_change.html", status, here="orders", order=order, asked=asked, has_open=_has_open(order),
        sent=sent.shown() if sent else {}, errors=errors or {},
    )  # fmt: skip
