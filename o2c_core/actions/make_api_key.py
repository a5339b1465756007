"""Make a key for another system: it is shown once, and only its digest is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.integrations.api_key import ApiKey, check_scopes, digest_of, fresh_key, start_of
from o2c_core.store.store import Store
from o2c_core.trail import note


class KeyNeedsName(Refused):
    """A key needs a name by which people know whose it is."""


class AlreadyOver(Refused):
    """A key must expire in the future."""


@dataclass(frozen=True)
class MadeKey:
    """The key's row, and the key itself for the one time it is shown."""

    row: ApiKey
    key: str

    def __repr__(self) -> str:
        return f"MadeKey({self.row.start}…)"


def make_api_key(
    seller_ref: str,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime | None = None,
    *,
    who: str = "system",
    store: Store,
) -> MadeKey:
    """A key to that seller's ledger which may do what the scopes say, until it expires or is revoked.

    Raises: NotFound for an unknown seller; UnknownScope; NoScopes; KeyNeedsName; AlreadyOver.
    """
    now = store.clock.now()
    allowed = check_scopes(scopes)
    if not name.strip():
        raise KeyNeedsName
    if expires_at is not None and expires_at <= now:
        raise AlreadyOver
    key = fresh_key()
    with store.session() as session:
        seller = session.scalars(select(Seller).where(Seller.ref == seller_ref)).one_or_none()
        if seller is None:
            raise NotFound(f"There is no seller '{seller_ref}' here.", seller=seller_ref)
        row = ApiKey(
            seller_id=seller.id,
            name=name.strip()[:200],
            start=start_of(key),
            digest=digest_of(key),
            scopes=allowed,
            created_at=now,
            expires_at=expires_at,
        )
        session.add(row)
        session.flush()
        note(session, "key made", row, at=now, who=who, name=row.name, start=row.start, scopes=allowed)
        session.commit()
        return MadeKey(row, key)
