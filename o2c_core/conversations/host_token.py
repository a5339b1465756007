"""The token of a seller's own site: how that site says which of the seller's customers is signed in there."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.errors import Refused
from o2c_core.store.rows import Keyed, Row

# A page asks for a token when it needs one; what lies about longer is somebody else's chance.
LIFE_MAX = timedelta(minutes=10)
# How far the clock of the seller's site may be from ours.
SKEW = timedelta(seconds=60)
# How long the key before the newest still holds, so that a site can be changed without a gap.
OLD_KEY_HOLDS = timedelta(hours=24)
SETTING = "host_key"


class HostTokenNotValid(Refused):
    """That token of the site does not say who is signed in there; go on without it, or with a fresh one."""


class HostTokenUse(Keyed, Row):
    """That a token was used, by the page with that `visit`; `digest` is its id's. It is kept until the token has ended."""

    __tablename__ = "host_token_use"
    __table_args__ = (UniqueConstraint("seller_id", "digest"),)

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    digest: Mapped[str]
    visit: Mapped[UUID]
    expires_at: Mapped[datetime]


@dataclass(frozen=True)
class HostToken:
    """What a token says, once its signature was found to be good: the customer's number, who of them, and its own id."""

    seller_id: UUID
    customer_ref: str
    id: str
    expires_at: datetime
    email: str | None = None

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.id.encode()).hexdigest()


def host_key(secret: str, seller_id: UUID, number: int) -> str:
    """The key with which that seller's site signs; it follows from this installation's secret and is kept nowhere."""
    raw = hmac.new(secret.encode(), f"parley-host-token:{seller_id.hex}:{number}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def audience(seller_ref: str) -> str:
    """Whom a token is meant for: one seller of this house, so that no other's tokens are taken for it."""
    return f"parley:{seller_ref}"


def numbers_good(settings: Mapping[str, Any] | None, now: datetime) -> tuple[int, ...]:
    """The numbers of the keys that hold now, the newest first; none where no key was ever made."""
    said: Mapping[str, Any] = (settings or {}).get(SETTING) or {}
    newest = int(said.get("number") or 0)
    until = datetime.fromisoformat(said["old_until"]) if said.get("old_until") else None
    is_old_good = newest > 1 and until is not None and now < until
    return ((newest, newest - 1) if is_old_good else (newest,)) if newest else ()
