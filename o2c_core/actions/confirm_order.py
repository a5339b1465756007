"""Confirm an order: its goods may leave from now on."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.hold import Hold, running
from o2c_core.clock import today
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.invoices.account import balances
from o2c_core.invoices.billed import on_order
from o2c_core.invoices.tax import RATED, Taxed, tax_per_category
from o2c_core.money import Money
from o2c_core.orders.flow import why_waiting
from o2c_core.orders.order import NoSuchOrder, Order, order_to_change
from o2c_core.store.store import Store
from o2c_core.trail import note


class OrderIsOver(Refused):
    """Every line of that order was cancelled, so there is nothing to confirm."""


class NotWithinCredit(Refused):
    """The order is not within what the customer may owe; say why to confirm it nevertheless."""


def confirm_order(
    order_id: UUID, *, store: Store, by: str, why: str = "", despite: str | None = None, message_id: UUID | None = None
) -> Order:
    """The confirmed order; one that is confirmed or further already is left as it is.

    With `despite` it is confirmed above the credit limit or during a credit hold, for that reason.

    Raises: NoSuchOrder; OrderIsOver; NotWithinCredit.
    """
    now = store.clock.now()
    with store.session() as session:
        customer_id = session.execute(select(Order.customer_id).where(Order.id == order_id)).scalar_one_or_none()
        if customer_id is None:
            raise NoSuchOrder(order=str(order_id))
        customer = customer_to_sell_to(session, customer_id)
        order = order_to_change(session, order_id)
        if order.lines and all(line.state == "cancelled" for line in order.lines):
            raise OrderIsOver(order=order.number)
        if all(line.state != "ordered" for line in order.lines):
            return order
        day = today(store.clock, session.get_one(Seller, order.seller_id).time_zone)
        reason = why_it_waits(session, order, customer, day)
        if reason is not None and not (despite or "").strip():
            raise NotWithinCredit(f"The order cannot be confirmed, as {reason}.", order=order.number)
        confirm(session, order, day, at=now, by=by, why=why, message_id=message_id, despite=despite, against=reason)
        session.commit()
        return order


def customer_to_sell_to(session: Session, customer_id: UUID) -> Customer:
    """The customer; two orders of theirs are judged one after the other, so that both cannot use the same credit."""
    query = select(Customer).where(Customer.id == customer_id).with_for_update(key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def why_it_waits(session: Session, order: Order, customer: Customer, day: date) -> str | None:
    """What speaks against confirming the order by itself that day; None when nothing does."""
    holds = select(Hold.reason).where(
        Hold.customer_id == customer.id, Hold.invoice_id.is_(None), running("credit", day)
    )
    hold = session.scalars(holds.order_by(Hold.from_on).limit(1)).one_or_none()
    if customer.credit_limit_minor is None:
        return why_waiting(worth(order), None, None, hold)
    owed = [each.owed for each in balances(session, customer.id, day) if each.open.currency == customer.currency]
    used = on_order(session, customer.id, customer.currency) + sum_of(owed, customer.currency)
    return why_waiting(worth(order), used, Money(customer.credit_limit_minor, customer.currency), hold)


def sum_of(owed: list[Money], currency: str) -> Money:
    return Money(sum(each.minor for each in owed), currency)


def worth(order: Order) -> Money:
    """What the order comes to with its tax, as far as its tax is known and its lines are not cancelled."""
    net = 0
    taxed = []
    for line in order.lines:
        left = 0 if line.state == "cancelled" else line.amount_of(Decimal(0), line.quantity - line.cancelled_quantity)
        net += left
        if line.tax_category == RATED and line.tax_rate:
            taxed.append(Taxed(RATED, line.tax_rate, Money(left, order.currency)))
    tax = sum(part.tax_minor for part in tax_per_category(taxed, order.currency))
    return Money(net + tax, order.currency)


def confirm(
    session: Session,
    order: Order,
    day: date,
    *,
    at: datetime,
    by: str,
    why: str,
    message_id: UUID | None,
    despite: str | None = None,
    against: str | None = None,
) -> None:
    """Moves the lines that were only ordered, in the transaction of whoever decided it, despite what spoke against it."""
    nevertheless = {"despite": despite, "against": against} if against is not None else {}
    for line in order.lines:
        if line.state == "ordered":
            line.state = "confirmed"
    order.confirmed_on = order.confirmed_on or day
    session.flush()
    note(
        session, "order confirmed", order, at=at, who=by, why=why, message_id=message_id,
        number=order.number, amount=str(worth(order)), nevertheless=nevertheless,
    )  # fmt: skip
