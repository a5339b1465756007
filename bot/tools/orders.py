"""Where orders are."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from bot.desk import Desk
from bot.embedded.follow_ups import describes_one
from bot.tools.articles import article_named, article_rows
from bot.tools.deliveries import order_state, proof_document, proofs, shipments_told
from bot.tools.documents import find_invoice, find_order, latest_order
from bot.tools.products import lines_meant
from bot.tools.tool import LAST, OfDocument, Tool
from bot.tools.tracking import track
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment

# Among how many of the latest orders a product is looked for that is named in the place of a number.
ORDERS_SEARCHED = 20
_UNDER_WAY = ("ordered", "confirmed", "shipped", "part_shipped", "part_delivered")


def order_status(desk: Desk, number: str | None) -> str:
    """The state of the order, its articles where they differ, and its shipments; a late one is said to be late first.

    Who is not proven is told where a parcel is when they know its order number and the postcode it goes to.
    """
    if desk.customer is None:
        return track(desk, number, None)
    with desk.store.session() as session:
        if number is None and desk.words:
            named = _by_product(desk, session)
            if named is not None:
                return named
            if describes_one(desk.words):
                # Which one it is we cannot tell, and the latest need not be it.
                return list_orders(desk)
        order = _meant(desk, session, number)
        if order is None:
            return desk.say("order.none" if number in (None, LAST) else "not_on_account")
        return told(desk, order)


def told(desk: Desk, order: Order) -> str:
    """Everything about where one order is."""
    lines = [order_state(desk, order)]
    rows = article_rows(desk, order)
    shipments = " ".join(shipments_told(desk, order))
    if not rows:
        return " ".join(part for part in (*lines, shipments) if part)
    return "\n".join(part for part in (*lines, *rows, shipments) if part)


def proof_of_delivery(desk: Desk, number: str | None) -> str:
    """Who received which shipment of the order and when, and how that was shown."""
    with desk.store.session() as session:
        order = _meant(desk, session, number)
        if order is None:
            return desk.say("order.none" if number in (None, LAST) else "not_on_account")
        found = proofs(desk, order)
        if not found:
            return " ".join([order_state(desk, order), *shipments_told(desk, order)])
        return " ".join([order_state(desk, order), *found, *proof_document(desk, order)])


def list_orders(desk: Desk) -> str:
    """The latest orders, newest first, each with its state."""
    customer_id = _customer(desk)
    with desk.store.session() as session:
        orders = _latest(session, customer_id, desk.rows_max)
        if not orders:
            return desk.say("order.none")
        rows = [_row(desk, order) for order in orders]
        if len(orders) == desk.rows_max:
            counted = select(func.count()).select_from(Order).where(Order.customer_id == customer_id)
            left = session.execute(counted).scalar_one() - desk.rows_max
            if left:
                rows.append(desk.say("order.more", count=desk.facts.count(left, "orders on the account")))
        return "\n".join([desk.say("order.list"), *rows])


def _customer(desk: Desk) -> UUID:
    assert desk.customer is not None  # strangers were turned away before
    return desk.customer.id


def _meant(desk: Desk, session: Session, number: str | None) -> Order | None:
    """The order with that number, or the one that the invoice with that number is for; without one the latest."""
    customer_id = _customer(desk)
    if number is None or number == LAST:
        return latest_order(session, customer_id)
    order = find_order(session, customer_id, number)
    if order is not None:
        return order
    invoice = find_invoice(session, customer_id, number)
    return session.get_one(Order, invoice.order_id) if invoice is not None and invoice.order_id else None


def _latest(session: Session, customer_id: UUID, limit: int) -> Sequence[Order]:
    query = (
        select(Order)
        .where(Order.customer_id == customer_id)
        .order_by(Order.ordered_on.desc().nulls_last(), Order.number.desc())
        .options(selectinload(Order.lines), selectinload(Order.shipments).selectinload(Shipment.lines))
        .limit(limit)
    )
    return session.scalars(query).all()


def _by_product(desk: Desk, session: Session) -> str | None:
    """The answer to "where are my baking tins": the orders that product is on; None when no product is named."""
    found = []
    for order in _latest(session, _customer(desk), ORDERS_SEARCHED):
        places = lines_meant(
            [line.description for line in order.lines], desk.words, skus=[line.sku for line in order.lines]
        )
        # Whoever names everything on an order names nothing in particular.
        if places and (len(places) < len(order.lines) or len(order.lines) == 1):
            found.append((order, [order.lines[place] for place in places]))
    if not found:
        return None
    wanted = [one for one in found if one[0].state in _UNDER_WAY] or found[:1]
    if len(wanted) > 1:
        rows = [_row(desk, order) for order, _ in wanted[: desk.rows_max]]
        return "\n".join([desk.say("order.several_contain"), *rows])
    ((order, lines),) = wanted
    said = [article_named(desk, order, line) for line in lines[: desk.rows_max]]
    return " ".join([*said, order_state(desk, order), *shipments_told(desk, order)])


def _row(desk: Desk, order: Order) -> str:
    source = f"order {order.number}"
    number = desk.facts.text(order.number, source)
    state = desk.facts.text(desk.word(f"order.states.{order.state}"), f"{source} state")
    if order.ordered_on is None:
        return desk.say("order.row", number=number, state=state)
    ordered_on = desk.facts.day(order.ordered_on, f"{source} date")
    return desk.say("order.row_dated", number=number, state=state, ordered_on=ordered_on)


TOOLS = (
    Tool(
        "order_status",
        "State and shipment of one order. Without a number: the latest, or the one with the product they name.",
        order_status,
        OfDocument,
        needs="stranger",
    ),
    Tool("list_orders", "The customer's most recent orders.", list_orders),
    Tool("proof_of_delivery", "Who received an order and when.", proof_of_delivery, OfDocument),
)
