"""Go on with a visit to a customer's own pages: whose it is, how far it sees, and that somebody is still there."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from o2c_core.conversations.access_link import AccessLink, Visit
from o2c_core.conversations.access_links import USED_EVERY, digest_of, is_good, is_proven, is_running
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.store.store import Store


class VisitOver(NotFound):
    """That visit is over; open the link again or ask for a new one."""


@dataclass(frozen=True)
class Visiting:
    """A visit that goes on, with everything that decides what it sees."""

    visit: Visit
    link: AccessLink
    seller: Seller
    customer: Customer
    contact: Contact | None
    is_proven: bool


def use_visit(key: str, *, store: Store) -> Visiting:
    """Raises: VisitOver, also where its link was revoked since, or the customer was forgotten."""
    if not key:
        raise VisitOver
    now = store.clock.now()
    with store.session() as session:
        visit = session.scalars(select(Visit).where(Visit.digest == digest_of(key))).one_or_none()
        if visit is None or not is_running(visit, now):
            raise VisitOver
        link = session.get_one(AccessLink, visit.link_id)
        customer = session.get_one(Customer, visit.customer_id)
        contact = _contact(session, visit.contact_id)
        if not is_good(link, customer, now) or (link.contact_id is not None and contact is None):
            raise VisitOver
        found = Visiting(
            visit, link, session.get_one(Seller, customer.seller_id), customer, contact, is_proven(visit, now)
        )
        if now - visit.used_at >= USED_EVERY:
            visit.used_at = now
            session.commit()
        return found


def _contact(session: Session, contact_id: UUID | None) -> Contact | None:
    query = select(Contact).where(Contact.id == contact_id).options(selectinload(Contact.addresses))
    return session.scalars(query).one_or_none() if contact_id else None
