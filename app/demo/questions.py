"""What to ask the demo first, with the answers that the ledger holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.demo import cast
from o2c_core import days, money
from o2c_core.customers.customer import Customer, locale_for
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.invoices.account import OpenInvoice, balances, invoices_of
from o2c_core.invoices.invoice import Invoice
from o2c_core.orders.order import Order
from o2c_core.store.store import Store


class NoDemoHere(NotFound):
    """This ledger does not hold the demo company."""


@dataclass(frozen=True)
class Question:
    """Something to ask as one customer; `expected` says which figures the answer must hold, written as that customer
    reads them."""

    customer_ref: str
    text: str
    expected: str


def questions(store: Store, today: date) -> list[Question]:
    """Five things to try, with their answers read from the ledger as it is now.

    Raises: NoDemoHere.
    """
    with store.session() as session:
        seller = session.scalar(select(Seller).where(Seller.ref == cast.SELLER))
        if seller is None:
            raise NoDemoHere
        jansen = _customer(session, seller, cast.BAKKERIJ_JANSEN)
        hart = _customer(session, seller, cast.HART_AND_SONS)
        theirs = invoices_of(session, hart.id, today)
        asked = next((one for one in theirs if one.open.minor > 0), theirs[-1])
        foreign = invoices_of(session, jansen.id, today)[-1].invoice.number
        return [
            Question(jansen.ref, "Waar is mijn laatste bestelling?", _last_order(session, jansen)),
            Question(jansen.ref, "Wat moet ik nog betalen?", _what_is_owed(session, jansen, today)),
            Question(hart.ref, f"Is invoice {asked.invoice.number} paid?", _is_paid(asked, _locale(hart))),
            Question(hart.ref, "What are your payment terms?", _terms(hart, seller)),
            Question(hart.ref, f"Is invoice {foreign} paid?", _not_yours(session, jansen, hart, foreign)),
        ]


def _customer(session: Session, seller: Seller, ref: str) -> Customer:
    customer = session.scalar(select(Customer).where(Customer.seller_id == seller.id, Customer.ref == ref))
    if customer is None:
        raise NoDemoHere(customer=ref)
    return customer


def _locale(customer: Customer) -> str:
    return locale_for(customer.language, customer.country)


def _last_order(session: Session, customer: Customer) -> str:
    locale = _locale(customer)
    newest = (
        select(Order).where(Order.customer_id == customer.id).order_by(Order.ordered_on.desc(), Order.number.desc())
    )
    order = session.scalars(newest.limit(1)).one()
    if not order.shipments:
        expected = f", expected on {days.show(order.expected_on, locale)}" if order.expected_on else ""
        return f"Order {order.number} has not been sent{expected}."
    shipment = order.shipments[-1]
    sent = f"Order {order.number}, sent with {shipment.carrier} as {shipment.tracking_number}"
    if shipment.delivered_on is not None:
        return f"{sent}, came on {days.show(shipment.delivered_on, locale)} ({shipment.received_by} took it in)."
    assert shipment.expected_on is not None
    return f"{sent}, is expected on {days.show(shipment.expected_on, locale)}."


def _what_is_owed(session: Session, customer: Customer, today: date) -> str:
    locale = _locale(customer)
    owed = invoices_of(session, customer.id, today, only_open=True)
    if not owed:
        return "Nothing is open."
    each = "; ".join(f"{one.invoice.number} with {money.show(one.open, locale)}, {_due(one, locale)}" for one in owed)
    sums = " and ".join(
        f"{money.show(balance.open, locale)} in all, of which {money.show(balance.overdue, locale)} is late"
        for balance in balances(session, customer.id, today)
    )
    return f"{each}: {sums}."


def _due(one: OpenInvoice, locale: str) -> str:
    day = days.show(one.invoice.due_on, locale)
    return f"due on {day} and {one.days_late} days late" if one.days_late else f"due on {day}"


def _is_paid(one: OpenInvoice, locale: str) -> str:
    total = money.show(one.invoice.total, locale)
    if one.state == "paid":
        return f"Yes: the {total} of {one.invoice.number} has been paid."
    arrived = money.show(one.invoice.total - one.open, locale)
    left = money.show(one.open, locale)
    return f"No: {arrived} of {total} has arrived, {left} is open, {_due(one, locale)}."


def _terms(customer: Customer, seller: Seller) -> str:
    terms_days = customer.payment_terms_days or seller.payment_terms_days
    return (
        f"What the library's page on payment terms says, with that page as the source; "
        f"for {customer.name} the ledger has {terms_days} days."
    )


def _not_yours(session: Session, owner: Customer, asker: Customer, number: str) -> str:
    nothing = _number_of_nothing(session, number)
    return (
        f"The same sentence as for {nothing}, which does not exist: that number is not on the account of {asker.name}. "
        f"Not a word about {owner.name}, whose invoice it is."
    )


def _number_of_nothing(session: Session, like: str) -> str:
    """An invoice number of the same shape that no invoice has."""
    year = like.rsplit("-", 1)[0]
    written = session.scalar(select(func.count()).select_from(Invoice)) or 0
    candidates = (f"{year}-{number:04}" for number in count(written + 100))
    return next(
        number for number in candidates if session.scalar(select(Invoice.id).where(Invoice.number == number)) is None
    )
