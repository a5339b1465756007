"""Begin to keep a seller's customers informed from now on: what happened so far is no news."""

from __future__ import annotations

from sqlalchemy import select

from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.informing.happened import begin_now
from o2c_core.store.store import Store


def begin_informing(seller_ref: str, *, store: Store) -> None:
    """For after books were taken over: nobody is told of an event of before.

    Raises: NotFound.
    """
    with store.session() as session:
        seller_id = session.scalar(select(Seller.id).where(Seller.ref == seller_ref))
        if seller_id is None:
            raise NotFound(f"There is no seller {seller_ref!r} here.")
        begin_now(session, seller_id)
        session.commit()
