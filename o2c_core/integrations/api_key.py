"""The key another system comes with, what it may do, and what it already asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row


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
