"""Make the key with which a seller's own site says who is signed in there; the one before it ends."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from o2c_core.conversations.host_token import OLD_KEY_HOLDS, SETTING
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.store.store import Store
from o2c_core.trail import note


def make_host_key(
    seller_ref: str, *, who: str = "system", store: Store, old_holds: timedelta = OLD_KEY_HOLDS
) -> tuple[UUID, int]:
    """The seller and the number of their new key. The key before it holds for a while longer; without time, no longer.

    Raises: NotFound.
    """
    now = store.clock.now()
    with store.session() as session:
        seller = session.scalars(select(Seller).where(Seller.ref == seller_ref).with_for_update()).one_or_none()
        if seller is None:
            raise NotFound(f"There is no seller '{seller_ref}' here.", seller=seller_ref)
        settings = seller.settings or {}
        number = int((settings.get(SETTING) or {}).get("number") or 0) + 1
        seller.settings = {**settings, SETTING: {"number": number, "old_until": (now + old_holds).isoformat()}}
        note(session, "host key made", seller, at=now, who=who, seller_id=seller.id, number=number)
        session.commit()
        return seller.id, number
