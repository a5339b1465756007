"""Open a link to a customer's own pages: the visit it begins, and nothing else, since mail programs open links too."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy.orm import Session

from o2c_core.conversations.access_link import AccessLink, Visit
from o2c_core.conversations.access_links import VISIT_MAX, digest_of, opened
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.contact import Contact
from o2c_core.errors import NotFound
from o2c_core.invoices.invoice import Invoice
from o2c_core.keys import new_key
from o2c_core.orders.order import Order
from o2c_core.store.store import Store
from o2c_core.trail import note

KEY_BYTES = 32


class LinkOver(NotFound):
    """That link opens nothing."""


@dataclass(frozen=True)
class Opened:
    """The visit that began: the key its browser keeps, and the number of the document the link was made for."""

    key: str
    scope: str
    number: str | None = None


def open_link(token: str, *, doorplate: Doorplate, store: Store) -> Opened:
    """A visit of at most twelve hours, or as long as the link is good.

    Raises: LinkOver, whatever the reason is.
    """
    now = store.clock.now()
    with store.session() as session:
        link = opened(session, doorplate, token, now)
        if link is None:
            raise LinkOver
        number = _number(session, link)
        if link.scope != "account" and number is None:
            raise LinkOver
        key = secrets.token_urlsafe(KEY_BYTES)
        visit = Visit(
            id=new_key(),
            link_id=link.id,
            customer_id=link.customer_id,
            contact_id=link.contact_id,
            digest=digest_of(key),
            made_at=now,
            used_at=now,
            ends_at=min(now + VISIT_MAX, link.expires_at),
        )
        session.add(visit)
        link.used_at = link.used_at or now
        session.flush()
        contact = session.get(Contact, link.contact_id) if link.contact_id else None
        note(
            session, "visit begun", visit, at=now, who=contact.name if contact else "customer", why="opened a link",
            seller_id=link.seller_id, scope=link.scope, number=number,
        )  # fmt: skip
        session.commit()
        return Opened(key, link.scope, number)


def _number(session: Session, link: AccessLink) -> str | None:
    if link.scope == "account":
        return None
    subject: Invoice | Order | None = (
        session.get(Invoice, link.subject_id) if link.scope == "invoice" else session.get(Order, link.subject_id)
    )
    return subject.number if subject is not None and subject.customer_id == link.customer_id else None
