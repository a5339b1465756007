"""Revoke a key: from the next call on it opens nothing."""

from __future__ import annotations

from sqlalchemy import select

from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.integrations.api_key import ApiKey
from o2c_core.store.store import Store
from o2c_core.trail import note


class KeyUnknown(NotFound):
    """There is no such key here."""


class KeyUnclear(Refused):
    """More than one key starts with these letters; give more of them."""


def revoke_api_key(seller_ref: str, start: str, *, who: str = "system", store: Store) -> ApiKey:
    """The revoked key, named by its first letters as `parley key list` shows them. Revoking it again changes nothing.

    Raises: KeyUnknown; KeyUnclear.
    """
    now = store.clock.now()
    with store.session() as session:
        query = (
            select(ApiKey)
            .join(Seller, Seller.id == ApiKey.seller_id)
            .where(Seller.ref == seller_ref, ApiKey.start.startswith(start, autoescape=True))
            .with_for_update(of=ApiKey)
        )
        found = list(session.scalars(query)) if start else []
        if not found:
            raise KeyUnknown
        if len(found) > 1:
            raise KeyUnclear
        (row,) = found
        if row.revoked_at is None:
            row.revoked_at = now
            note(session, "key revoked", row, at=now, who=who, name=row.name, start=row.start)
            session.commit()
        return row
