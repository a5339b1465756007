"""Place an order: what a customer asks for, with a number, confirmed at once where the seller has set that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.confirm_order import confirm, customer_to_sell_to, why_it_waits, worth
from o2c_core.cases.numbers import next_number
from o2c_core.clock import today
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.customers.site import Site
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.tax import TaxRateWrong, check_tax
from o2c_core.money import Money
from o2c_core.orders.flow import OrderFlow, flow_of
from o2c_core.orders.order import Order, OrderLine
from o2c_core.orders.states import check_quantity
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine, note

PRICE_PLACES = 6
PRICE_MAX = Decimal(10) ** 11
NUMBER_CHARACTERS_MAX = 100


class NothingOrdered(Refused):
    """An order has at least one line."""


class NoSuchSite(NotFound):
    """The customer has no site by that reference."""


class NotAPrice(Refused):
    """A price is not below zero and has at most six decimals."""


class NotANumber(Refused):
    """A document's number has at least one character and at most a hundred."""


class OrderNumberTaken(Refused):
    """There is another order with that number."""


@dataclass(frozen=True)
class Article:
    """One line of an order. The price is in major units and without tax; a tax category may wait until the invoice."""

    sku: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    tax_category: str | None = None
    tax_rate: Decimal | None = None


@dataclass(frozen=True)
class Purchase:
    """What a customer orders. Without a number the seller's own numbering gives one; without a day it is today.

    `site_ref` is where the goods go, `currency` the customer's own unless said.
    """

    customer_id: UUID
    articles: tuple[Article, ...]
    number: str | None = None
    purchase_order: str | None = None
    site_ref: str | None = None
    ordered_on: date | None = None
    expected_on: date | None = None
    currency: str | None = None


def place_order(purchase: Purchase, *, store: Store, by: str, why: str = "", message_id: UUID | None = None) -> Order:
    """The placed order. The same again (by its number, or from the same message) is the order that is there.

    Raises: NotFound for the customer; NothingOrdered; NoSuchSite; NotAQuantity; NotAPrice; NotANumber; OrderNumberTaken;
    FlowUnclear; NumberingUnclear; and what tax or currency refuse.
    """
    now = store.clock.now()
    with store.session() as session:
        if session.get(Customer, purchase.customer_id) is None:
            raise NotFound(customer=str(purchase.customer_id))
        customer = customer_to_sell_to(session, purchase.customer_id)
        seller = session.get_one(Seller, customer.seller_id)
        day = today(store.clock, seller.time_zone)
        flow = flow_of(seller)
        order = _order(session, purchase, customer)
        before = _placed_before(session, order, purchase, message_id)
        if before is not None:
            return before
        order.ordered_on = purchase.ordered_on or day
        order.number = order.number or next_number(session, seller, "order", order.ordered_on)
        session.add(order)
        session.flush()
        note(
            session, "order placed", order, at=now, who=by, why=why, message_id=message_id,
            number=order.number, amount=str(worth(order)),
        )  # fmt: skip
        # The reason is asked for while the order is not yet confirmed, and so not yet part of what is on order.
        waits = _waits(session, flow, order, customer, day)
        if waits is None:
            reason = "the seller confirms orders automatically"
            confirm(session, order, day, at=now, by="system", why=reason, message_id=message_id)
        else:
            note(session, "order waits", order, at=now, who="system", why=waits, number=order.number)
        session.commit()
        return order


def _waits(session: Session, flow: OrderFlow, order: Order, customer: Customer, day: date) -> str | None:
    if not flow.is_confirmed_at_once:
        return "the seller confirms orders by hand"
    return why_it_waits(session, order, customer, day)


def _order(session: Session, purchase: Purchase, customer: Customer) -> Order:
    """The order as asked for, not yet part of the ledger."""
    if not purchase.articles:
        raise NothingOrdered
    number = (purchase.number or "").strip()
    if purchase.number is not None and not 0 < len(number) <= NUMBER_CHARACTERS_MAX:
        raise NotANumber(number=purchase.number)
    site_id = None
    if purchase.site_ref is not None:
        sites = select(Site.id).where(Site.customer_id == customer.id, Site.ref == purchase.site_ref)
        site_id = session.scalars(sites).one_or_none()
        if site_id is None:
            raise NoSuchSite(site=purchase.site_ref)
    currency = purchase.currency or customer.currency
    return Order(
        seller_id=customer.seller_id,
        customer_id=customer.id,
        number=number,
        ordered_on=purchase.ordered_on,
        expected_on=purchase.expected_on,
        currency=currency,
        purchase_order=(purchase.purchase_order or "").strip() or None,
        site_id=site_id,
        lines=[_line(position, article, currency) for position, article in enumerate(purchase.articles, 1)],
    )


def _line(position: int, article: Article, currency: str) -> OrderLine:
    check_quantity(article.quantity)
    check_price(article.unit_price)
    category, rate = article.tax_category, article.tax_rate
    if category is not None:
        category, rate = check_tax(category, rate)
    elif rate is not None:
        raise TaxRateWrong("A tax rate needs its tax category.", rate=str(rate))
    return OrderLine(
        position=position,
        sku=article.sku,
        description=article.description or article.sku,
        quantity=article.quantity,
        unit_price=article.unit_price,
        amount_minor=Money.rounded(article.quantity * article.unit_price, currency).minor,
        state="ordered",
        tax_category=category,
        tax_rate=rate,
        cancelled_quantity=Decimal(0),
        returned_quantity=Decimal(0),
    )


def check_price(price: Decimal) -> None:
    """Raises: NotAPrice."""
    if not price.is_finite() or not 0 <= price <= PRICE_MAX or price != round(price, PRICE_PLACES):
        raise NotAPrice(price=str(price))


def _placed_before(session: Session, order: Order, purchase: Purchase, message_id: UUID | None) -> Order | None:
    """The same order, where it was placed already. Raises: OrderNumberTaken when only the number is the same."""
    if order.number:
        query = select(Order).where(Order.seller_id == order.seller_id, Order.number == order.number)
        before = session.scalars(query).one_or_none()
        if before is not None and not _is_same(before, order, purchase):
            raise OrderNumberTaken(f"There is another order with the number {order.number}.", number=order.number)
        return before
    if message_id is None:
        return None
    placed = select(TrailLine.subject_id).where(
        TrailLine.customer_id == order.customer_id, TrailLine.what == "order placed", TrailLine.message_id == message_id
    )
    earlier = session.scalars(select(Order).where(Order.id.in_(placed)))
    return next((before for before in earlier if _is_same(before, order, purchase)), None)


def _is_same(before: Order, order: Order, purchase: Purchase) -> bool:
    return _content(before) == _content(order) and purchase.ordered_on in (None, before.ordered_on)


def _content(order: Order) -> tuple[object, ...]:
    lines = [
        (line.sku, line.description, line.quantity, line.unit_price, line.tax_category, line.tax_rate)
        for line in order.lines
    ]
    return order.customer_id, order.currency, order.purchase_order, order.site_id, order.expected_on, lines
