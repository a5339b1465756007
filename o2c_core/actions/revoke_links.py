"""Revoke links to a customer's own pages: one, or all of that customer's at once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from o2c_core.conversations.access_link import AccessLink, Visit
from o2c_core.conversations.conversation import Conversation
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound
from o2c_core.store.store import Store
from o2c_core.trail import note


def revoke_links(customer_id: UUID, by: str, store: Store, *, why: str = "") -> int:
    """Nothing that was handed out to that customer until now opens anything any more, pay links included; how many links
    to their pages that ended.

    Raises: NotFound.
    """
    now = store.clock.now()
    with store.session() as session:
        customer = session.get(Customer, customer_id, with_for_update={"key_share": True})
        if customer is None:
            raise NotFound(customer=str(customer_id))
        customer.links_revoked_at = now
        query = select(AccessLink).where(
            AccessLink.customer_id == customer_id, AccessLink.revoked_at.is_(None), AccessLink.expires_at > now
        )
        links = list(session.scalars(query.order_by(AccessLink.id).with_for_update()))
        for link in links:
            _revoke(session, link, now, by, why)
        _end_visits(session, Visit.customer_id == customer_id, now)
        note(
            session, "links revoked", customer, at=now, who=by, why=why, customer_id=customer_id, links=len(links)
        )  # fmt: skip
        session.commit()
        return len(links)


def revoke_link(link_id: UUID, by: str, store: Store, *, why: str = "") -> None:
    """That one link, and the visits it began. Revoking it twice changes nothing.

    Raises: NotFound.
    """
    now = store.clock.now()
    with store.session() as session:
        link = session.get(AccessLink, link_id, with_for_update=True)
        if link is None:
            raise NotFound(link=str(link_id))
        if link.revoked_at is not None:
            return
        _revoke(session, link, now, by, why)
        _end_visits(session, Visit.link_id == link_id, now)
        session.commit()


def _revoke(session: Session, link: AccessLink, now: datetime, by: str, why: str) -> None:
    link.revoked_at, link.revoked_by = now, by
    note(session, "link revoked", link, at=now, who=by, why=why, scope=link.scope)


def _end_visits(session: Session, which: ColumnElement[bool], now: datetime) -> None:
    """The visits end, and in their chats nobody is sure any more who writes."""
    chats = select(Visit.conversation_id).where(which, Visit.conversation_id.is_not(None))
    session.execute(
        update(Conversation)
        .where(Conversation.id.in_(chats), Conversation.identity == "proven")
        .values(identity="known", proven_until=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Visit)
        .where(which, Visit.ended_at.is_(None))
        .values(ended_at=now, proven_until=None)
        .execution_options(synchronize_session=False)
    )
