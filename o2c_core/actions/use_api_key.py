"""Let another system in by its key, and note when it was last here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from o2c_core.errors import Refused
from o2c_core.integrations.api_key import ApiKey, digest_of
from o2c_core.store.store import Store

KEY_CHARACTERS_MAX = 200
# Writing the moment at every call would make every read a write.
_NOTED_EVERY = timedelta(minutes=5)


class NotLetIn(Refused):
    """A valid key is needed."""


@dataclass(frozen=True)
class Caller:
    """The system that called: its key, whose ledger that opens, and what it may do there."""

    key_id: UUID
    seller_id: UUID
    name: str
    scopes: frozenset[str]


def use_api_key(key: str, *, store: Store) -> Caller:
    """Who comes with that key.

    Raises: NotLetIn, the same for a key that is unknown, expired or revoked.
    """
    now = store.clock.now()
    if not key or len(key) > KEY_CHARACTERS_MAX or not key.isascii():
        raise NotLetIn
    with store.session() as session:
        row = session.scalars(select(ApiKey).where(ApiKey.digest == digest_of(key))).one_or_none()
        if row is None or not row.is_good(now):
            raise NotLetIn
        if row.last_used_at is None or now - row.last_used_at > _NOTED_EVERY:
            session.execute(update(ApiKey).where(ApiKey.id == row.id).values(last_used_at=now))
            session.commit()
        return Caller(row.id, row.seller_id, row.name, frozenset(row.scopes))
