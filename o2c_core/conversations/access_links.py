"""Links to a customer's own pages: how they are made, how long they and the visits they begin are good, what ends them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.access_link import AccessLink, Visit
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.errors import Refused
from o2c_core.invoices.invoice import Invoice
from o2c_core.keys import new_key
from o2c_core.orders.order import Order
from o2c_core.store.many import is_one_of
from o2c_core.trail import note

PURPOSE = "my"
GOOD_FOR = {"invoice": timedelta(days=14), "order": timedelta(days=14), "account": timedelta(days=3)}
# Who asks for a link opens it now.
ASKED_GOOD_FOR = timedelta(hours=1)
VISIT_IDLE_MAX = timedelta(minutes=30)
VISIT_MAX = timedelta(hours=12)
PROVEN_FOR = timedelta(minutes=30)
# A visit is noted as used no more often than this, so that looking at pages hardly writes.
USED_EVERY = timedelta(minutes=1)
# A link that was made before is given again while so much of its time is left.
LEFT_MIN = 0.5


class NobodyToLink(Refused):
    """A link to the whole account is made for a contact of the customer, whose role says what it opens."""


@dataclass(frozen=True)
class LinkWish:
    """For whom and how far: with neither an invoice nor an order it is a link to the account."""

    customer: Customer
    contact: Contact | None = None
    invoice: Invoice | None = None
    order: Order | None = None

    @property
    def scope(self) -> str:
        return "invoice" if self.invoice else "order" if self.order else "account"

    @property
    def subject_id(self) -> UUID | None:
        subject = self.invoice or self.order
        return subject.id if subject else None


def make_link(
    session: Session, wish: LinkWish, *, now: datetime, by: str, why: str = "", good_for: timedelta | None = None
) -> AccessLink:
    """A new link, in the session's transaction.

    Raises: NobodyToLink for the account without a contact, and where a document or a contact is another customer's.
    """
    subject = wish.invoice or wish.order
    theirs = [one.customer_id for one in (subject, wish.contact) if one is not None]
    if wish.customer.erased_at is not None or any(one != wish.customer.id for one in theirs):
        raise NobodyToLink(customer=str(wish.customer.id))
    if wish.scope == "account" and wish.contact is None:
        raise NobodyToLink(customer=wish.customer.ref)
    link = AccessLink(
        id=new_key(),
        seller_id=wish.customer.seller_id,
        customer_id=wish.customer.id,
        contact_id=wish.contact.id if wish.contact else None,
        scope=wish.scope,
        subject_id=wish.subject_id,
        made_at=now,
        expires_at=now + (good_for or GOOD_FOR[wish.scope]),
    )
    session.add(link)
    note(session, "link made", link, at=now, who=by, why=why, scope=wish.scope)
    return link


def link_again(session: Session, wish: LinkWish, *, now: datetime, by: str, why: str = "") -> AccessLink:
    """A link made before for the same, while at least half of its time is left; else a new one."""
    return links_again(session, [wish], now=now, by=by, why=why)[0]


def links_again(
    session: Session, wishes: Sequence[LinkWish], *, now: datetime, by: str, why: str = ""
) -> list[AccessLink]:
    """The same for many: what is written anew before it leaves has the same link in it as before."""
    query = select(AccessLink).where(
        is_one_of(AccessLink.customer_id, {wish.customer.id for wish in wishes}), AccessLink.expires_at > now
    )
    before: dict[tuple[object, ...], list[AccessLink]] = {}
    for link in session.scalars(query.order_by(AccessLink.id.desc())):
        before.setdefault((link.customer_id, link.contact_id, link.scope, link.subject_id), []).append(link)
    found = []
    for wish in wishes:
        key = (wish.customer.id, wish.contact.id if wish.contact else None, wish.scope, wish.subject_id)
        long_enough = now + GOOD_FOR[wish.scope] * LEFT_MIN
        good = (
            one for one in before.get(key, ()) if one.expires_at >= long_enough and is_good(one, wish.customer, now)
        )
        link = next(good, None) or make_link(session, wish, now=now, by=by, why=why)
        before.setdefault(key, []).append(link)
        found.append(link)
    return found


def token_of(doorplate: Doorplate, link: AccessLink) -> str:
    return doorplate.seal(PURPOSE, link.id.bytes)


def link_url(doorplate: Doorplate, link: AccessLink) -> str | None:
    """The address to give out; None where this house has no public address."""
    return doorplate.url(f"/my/in/{token_of(doorplate, link)}")


def opened(session: Session, doorplate: Doorplate, token: str, now: datetime) -> AccessLink | None:
    """The link behind that token; None when it is not ours, was changed, is over, was revoked, or its customer is gone."""
    raw = doorplate.unseal(PURPOSE, token)
    if raw is None or len(raw) != 16:
        return None
    link = session.get(AccessLink, UUID(bytes=raw))
    customer = session.get(Customer, link.customer_id) if link else None
    return link if link is not None and customer is not None and is_good(link, customer, now) else None


def is_good(link: AccessLink, customer: Customer, now: datetime) -> bool:
    """Whether the link opens anything now. One to the account needs the contact it was made for."""
    if customer.erased_at is not None or link.revoked_at is not None or now >= link.expires_at:
        return False
    if customer.links_revoked_at is not None and link.made_at <= customer.links_revoked_at:
        return False
    return link.scope != "account" or link.contact_id is not None


def is_running(visit: Visit, now: datetime) -> bool:
    """Whether the visit goes on: not ended, not left alone for too long, and not longer than any may be."""
    return visit.ended_at is None and now < min(visit.ends_at, visit.used_at + VISIT_IDLE_MAX)


def is_proven(visit: Visit, now: datetime) -> bool:
    """Whether a code was written in this visit, not long ago."""
    return visit.proven_until is not None and now < visit.proven_until


def digest_of(key: str) -> str:
    """What is kept of a visit's key, which is long enough that nobody finds it from its digest."""
    return hashlib.sha256(f"parley-visit:{key}".encode()).hexdigest()
