"""Use a token of the seller's own site: once, by one page, and only for a customer who is on the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2c_core.conversations.host_token import SKEW, HostToken, HostTokenNotValid, HostTokenUse
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.keys import new_key
from o2c_core.store.store import Store


@dataclass(frozen=True)
class Guest:
    """Who the site says is there: the customer and, where it named one we know, the person."""

    customer_id: UUID
    contact_id: UUID | None = None


def use_host_token(token: HostToken, visit: UUID, *, store: Store) -> Guest:
    """Who it is. The same page may use its token again (its answer may have been lost); to another it is worth nothing.

    Raises: HostTokenNotValid, for a customer who is not there or was erased, and for a token another page has used.
    """
    now = store.clock.now()
    with store.session() as session:
        guest = _guest(session, token)
        if guest is None:
            raise HostTokenNotValid(why="unknown customer")
        until = token.expires_at + SKEW
        session.execute(delete(HostTokenUse).where(HostTokenUse.expires_at < now))
        kept = insert(HostTokenUse).values(
            id=new_key(), seller_id=token.seller_id, digest=token.digest, visit=visit, expires_at=until
        )
        session.execute(kept.on_conflict_do_nothing(index_elements=["seller_id", "digest"]))
        first = session.scalars(
            select(HostTokenUse.visit).where(
                HostTokenUse.seller_id == token.seller_id, HostTokenUse.digest == token.digest
            )
        ).one()
        if first != visit:
            raise HostTokenNotValid(why="used before")
        session.commit()
        return guest


def _guest(session: Session, token: HostToken) -> Guest | None:
    customer_id = session.scalar(
        select(Customer.id).where(
            Customer.seller_id == token.seller_id,
            Customer.ref == token.customer_ref,
            Customer.erased_at.is_(None),
            Customer.is_walk_in.is_(False),
        )
    )
    if customer_id is None or token.email is None:
        return None if customer_id is None else Guest(customer_id)
    named = (
        select(Contact.id)
        .join(Address, Address.contact_id == Contact.id)
        .where(Contact.customer_id == customer_id, Address.channel == "email")
        .where(func.lower(Address.value) == token.email.strip().lower())
        .order_by(Contact.id)
        .limit(1)
    )
    return Guest(customer_id, session.scalar(named))
