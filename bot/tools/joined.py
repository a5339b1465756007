"""What the ledger says for this customer about the matter a policy speaks of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bot.desk import Desk
from bot.tools.documents import find_order
from bot.tools.orders import order_status
from knowledge.search import Found
from o2c_core.customers.customer import Customer
from o2c_core.invoices.account import balances, invoices_of
from o2c_core.money import Money
from o2c_core.orders.order import Order

_ORDERS_LOOKED_AT = 20
_UNDER_WAY = ("ordered", "confirmed", "shipped", "part_shipped", "part_delivered")


def own_terms(desk: Desk, customer: Customer) -> list[str]:
    """Within how many days this customer's invoices are due."""
    days = desk.seller.payment_terms_days if customer.payment_terms_days is None else customer.payment_terms_days
    return [desk.say("payment.terms", days=desk.facts.count(days, f"customer {customer.ref} terms"))]


def _own_overdue(desk: Desk, customer: Customer, _found: Found) -> list[str]:
    """The invoice that is longest past its due day, and how many others are."""
    with desk.store.session() as session:
        late = [one for one in invoices_of(session, customer.id, desk.today, only_open=True) if one.days_late]
        late.sort(key=lambda one: (-one.days_late, one.invoice.number))
        if not late:
            return [desk.say("policy.none_overdue")]
        worst, facts = late[0], desk.facts
        source = f"invoice {worst.invoice.number}"
        number = facts.text(worst.invoice.number, source)
        overdue = facts.money(worst.overdue, f"{source} overdue")
        if worst.days_late == 1:
            said = [desk.say("policy.overdue_one_day", number=number, overdue=overdue)]
        else:
            days = facts.count(worst.days_late, f"{source} days late")
            said = [desk.say("policy.overdue", number=number, overdue=overdue, days_late=days)]
    if len(late) > 1:
        said.append(
            desk.say("policy.overdue_more", count=facts.count(len(late) - 1, "overdue invoices on the account"))
        )
    return said


def _own_under_way(desk: Desk, customer: Customer, _found: Found) -> list[str]:
    """Where the newest order is that has not wholly arrived."""
    with desk.store.session() as session:
        under_way = [order.number for order in _latest_orders(session, customer) if order.state in _UNDER_WAY]
    return [order_status(desk, under_way[0])] if under_way else []


def _own_delivery(desk: Desk, customer: Customer, found: Found) -> list[str]:
    """When the order meant, or the one delivered last, arrived; and until when a period in the policy runs from there."""
    with desk.store.session() as session:
        orders = list(_named(desk, session, customer)) or list(_latest_orders(session, customer))
        arrived = [
            (shipment.delivered_on, order.number)
            for order in orders
            for shipment in order.shipments
            if shipment.delivered_on is not None
        ]
    if not arrived:
        return []
    delivered_on, number = max(arrived)
    facts, source = desk.facts, f"order {number}"
    places = {"number": facts.text(number, source), "delivered_on": facts.day(delivered_on, f"{source} delivered")}
    days = found.facts.get("return_days")
    if days is None:
        return [desk.say("policy.delivered", **places)]
    until = delivered_on + timedelta(days=days)
    written = f"{found.document} § {found.section}"
    places["days"] = facts.count(days, f"{written} return_days")
    places["until"] = facts.day(until, f"{source} delivered, and {written} return_days")
    return [desk.say("policy.returnable" if desk.today <= until else "policy.return_over", **places)]


def _own_limit(desk: Desk, customer: Customer, _found: Found) -> list[str]:
    """The credit limit that was agreed, and what is open of it."""
    if customer.credit_limit_minor is None:
        return []
    facts, source = desk.facts, f"customer {customer.ref}"
    limit = facts.money(Money(customer.credit_limit_minor, customer.currency), f"{source} credit limit")
    with desk.store.session() as session:
        own = [one for one in balances(session, customer.id, desk.today) if one.open.currency == customer.currency]
    open_ = facts.money(own[0].open if own else Money(0, customer.currency), f"account balance in {customer.currency}")
    return [desk.say("policy.credit_limit", limit=limit, open=open_)]


def _named(desk: Desk, session: Session, customer: Customer) -> list[Order]:
    found = [find_order(session, customer.id, one.text) for one in desk.mentions.references.numbers]
    return [order for order in found if order is not None]


def _latest_orders(session: Session, customer: Customer) -> list[Order]:
    query = (
        select(Order)
        .where(Order.customer_id == customer.id)
        .order_by(Order.ordered_on.desc().nulls_last(), Order.number.desc())
        .options(selectinload(Order.lines), selectinload(Order.shipments))
        .limit(_ORDERS_LOOKED_AT)
    )
    return list(session.scalars(query))


# By the name a section has in every language; docs/knowledge.md tells writers of documents about them.
BY_SECTION: Mapping[str, Callable[[Desk, Customer, Found], list[str]]] = {
    "payment-term": lambda desk, customer, _found: own_terms(desk, customer),
    "late-payment-interest-and-reminder-fees": _own_overdue,
    "delivery-times": _own_under_way,
    "returning-goods": _own_delivery,
    "credit-limit": _own_limit,
}
