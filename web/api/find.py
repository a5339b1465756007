"""Finding what a request names: only ever among the things of the caller's seller."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.interfaces import ORMOption

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.hold import Hold
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.clock import today
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.integrations.webhook import WebhookEndpoint
from o2c_core.invoices.bank import BankTransaction
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Payment, PaymentReturn
from o2c_core.orders.order import Order
from o2c_core.store.store import Store
from web.api.shapes import Day

Numbered = TypeVar("Numbered", Order, Invoice, CreditNote, Dispute, Complaint, PaymentPlan)
Owned = TypeVar("Owned", Payment, PaymentReturn, Promise, Hold, BankTransaction, WebhookEndpoint)


def seller_of(session: Session, seller_id: UUID) -> Seller:
    return session.get_one(Seller, seller_id)


def day_here(session: Session, seller_id: UUID, store: Store) -> Day:
    """Today, where the seller is."""
    return today(store.clock, seller_of(session, seller_id).time_zone)


def customer_by(session: Session, seller_id: UUID, ref: str) -> Customer:
    """Raises: NotFound."""
    return _one(
        session.scalars(select(Customer).where(Customer.seller_id == seller_id, Customer.ref == ref)).one_or_none()
    )


def by_number(session: Session, noun: type[Numbered], seller_id: UUID, number: str, *options: ORMOption) -> Numbered:
    """Raises: NotFound."""
    query = select(noun).where(noun.seller_id == seller_id, noun.number == number).options(*options)
    return _one(session.scalars(query).one_or_none())


def by_id(session: Session, noun: type[Owned], seller_id: UUID, key: UUID) -> Owned:
    """Raises: NotFound."""
    return _one(session.scalars(select(noun).where(noun.seller_id == seller_id, noun.id == key)).one_or_none())


def contact_by(session: Session, customer: Customer, key: UUID) -> Contact:
    """Raises: NotFound."""
    query = select(Contact).where(Contact.customer_id == customer.id, Contact.id == key)
    return _one(session.scalars(query).one_or_none())


def refs_of(session: Session, ids: Collection[UUID | None]) -> dict[UUID | None, str]:
    """The references of those customers, by id."""
    wanted = {id_ for id_ in ids if id_ is not None}
    if not wanted:
        return {}
    rows = session.execute(select(Customer.id, Customer.ref).where(Customer.id.in_(wanted)))
    return {row.id: row.ref for row in rows}


def numbers_of(session: Session, noun: type[Numbered], ids: Collection[UUID | None]) -> dict[UUID | None, str]:
    """The numbers of those documents, by id."""
    wanted = {id_ for id_ in ids if id_ is not None}
    if not wanted:
        return {}
    rows = session.execute(select(noun.id, noun.number).where(noun.id.in_(wanted)))
    return {row.id: row.number for row in rows}


def ids_by_number(session: Session, seller_id: UUID, numbers: Sequence[str]) -> dict[str, UUID]:
    """The ids of those invoices, by number.

    Raises: NotFound when any of them is not there.
    """
    if not numbers:
        return {}
    query = select(Invoice.number, Invoice.id).where(Invoice.seller_id == seller_id, Invoice.number.in_(numbers))
    found = {row.number: row.id for row in session.execute(query)}
    if len(found) < len(set(numbers)):
        raise NotFound
    return found


Found = TypeVar("Found")


def _one(found: Found | None) -> Found:
    if found is None:
        raise NotFound
    return found
