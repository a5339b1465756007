"""Make a link to a customer's own pages: to one invoice, one order, or the account."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.access_link import AccessLink
from o2c_core.conversations.access_links import LinkWish, make_link
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound
from o2c_core.invoices.invoice import Invoice
from o2c_core.orders.order import Order
from o2c_core.store.store import Store

# Of several people at a customer, whom a link is for that names nobody.
FIRST = ("accounts_payable", "owner", "general", "operations")
FIRST_FOR_ORDERS = ("operations", "owner", "general", "accounts_payable")


class NoSuchContact(NotFound):
    """The customer has no contact with that address."""


@dataclass(frozen=True)
class Linked:
    """What the link opens, by the numbers people use; without either it is the account. `contact` is an email or phone."""

    customer_id: UUID
    invoice: str | None = None
    order: str | None = None
    contact: str | None = None


def make_access_link(linked: Linked, *, store: Store, by: str) -> AccessLink:
    """The new link. Without a contact it is for whom such documents are meant: accounts payable, or of an order operations.

    Raises: NotFound for a customer, an invoice or an order of theirs that is not there; NoSuchContact; NobodyToLink.
    """
    now = store.clock.now()
    with store.session() as session:
        customer = session.get(Customer, linked.customer_id)
        if customer is None:
            raise NotFound(customer=str(linked.customer_id))
        wish = LinkWish(
            customer,
            _contact(session, customer, linked),
            _invoice(session, customer, linked.invoice) if linked.invoice else None,
            _order(session, customer, linked.order) if linked.order else None,
        )
        link = make_link(session, wish, now=now, by=by, why="asked for")
        session.commit()
        return link


def _contact(session: Session, customer: Customer, linked: Linked) -> Contact | None:
    if linked.contact is not None:
        query = select(Contact).join(Address, Address.contact_id == Contact.id)
        value = linked.contact.strip().lower()
        found = session.scalars(
            query.where(Contact.customer_id == customer.id, Address.value == value).limit(1)
        ).first()
        if found is None:
            raise NoSuchContact(customer=customer.ref)
        return found
    order = FIRST_FOR_ORDERS if linked.order else FIRST
    return min(customer.contacts, key=lambda one: order.index(one.role), default=None)


def _invoice(session: Session, customer: Customer, number: str) -> Invoice:
    query = select(Invoice).where(Invoice.customer_id == customer.id, Invoice.number == number)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(f"{customer.name} has no invoice {number}.", number=number)
    return found


def _order(session: Session, customer: Customer, number: str) -> Order:
    query = select(Order).where(Order.customer_id == customer.id, Order.number == number)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(f"{customer.name} has no order {number}.", number=number)
    return found
