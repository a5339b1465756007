"""The key another system comes with, what it may do, and what it already asked for."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.errors import Refused
from o2c_core.store.rows import Keyed, Row

# What a key may be allowed, with what that lets its holder do. A key may do what its scopes say and nothing else.
SCOPES = {
    "customers:read": "read customers, their contacts, balance, statement and timeline",
    "customers:write": "add and change customers and contacts",
    "orders:read": "read orders and shipments",
    "orders:write": "place, confirm, ship, deliver, cancel and take back",
    "invoices:read": "read invoices and credit notes",
    "invoices:write": "issue invoices and credit notes, write off",
    "payments:read": "read payments, their allocations, and what the bank reported",
    "payments:write": "record, allocate, return and refund money, and match what the bank reported",
    "cases:read": "read disputes, complaints, promises, plans and holds",
    "cases:write": "open and resolve disputes and complaints, record promises, plans and holds",
    "reports:read": "read the figures",
    "imports:write": "import files: ledger, bank, e-invoices",
    "webhooks:manage": "say who is told of what happens",
    "trail:read": "read who did what and when",
    "privacy:manage": "export and erase what is known of a person",
}
PREFIX = "parley_"
_START_LETTERS = len(PREFIX) + 6


class UnknownScope(Refused):
    """There is no such scope."""


class NoScopes(Refused):
    """A key needs at least one scope; without one it could do nothing."""


class ApiKey(Keyed, Row):
    """Lets a system in for one seller. The key itself is shown once; here is its digest and its first letters."""

    __tablename__ = "api_key"
    __table_args__ = (UniqueConstraint("digest"),)

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    name: Mapped[str]
    start: Mapped[str]
    digest: Mapped[str]
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything at that moment: neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class IdempotentCall(Keyed, Row):
    """One write asked for under an idempotency key: written in the transaction of the write, answered afterwards."""

    __tablename__ = "idempotent_call"
    __table_args__ = (UniqueConstraint("api_key_id", "key"),)

    api_key_id: Mapped[UUID] = mapped_column(ForeignKey("api_key.id"))
    key: Mapped[str]
    fingerprint: Mapped[str]
    at: Mapped[datetime]
    status: Mapped[int | None]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


def fresh_key() -> str:
    """A key nobody can guess: 256 random bits behind a prefix by which a scanner for leaked keys knows it."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(key: str) -> str:
    """What is stored of a key. It is random and long, so a plain hash is as good as a slow one."""
    return hashlib.sha256(key.encode()).hexdigest()


def start_of(key: str) -> str:
    """The first letters, by which people tell their keys apart."""
    return key[:_START_LETTERS]


def check_scopes(scopes: Iterable[str]) -> list[str]:
    """The scopes in the table's order, each once.

    Raises: UnknownScope; NoScopes.
    """
    asked = set(scopes)
    for name in sorted(asked - SCOPES.keys()):
        raise UnknownScope(f"There is no scope '{name}'; there are: {', '.join(SCOPES)}.", scope=name)
    if not asked:
        raise NoScopes
    return [name for name in SCOPES if name in asked]
