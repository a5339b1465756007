"""Who is signed in: what the desk needs to know of the user behind a request, and the key their browser holds."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from o2c_core.errors import Refused
from o2c_core.staff.rights import authority_role, may
from o2c_core.staff.user import SignIn, User

# Who does nothing for that long signs in again, and so does everybody after a working day.
# Source: OWASP Session Management Cheat Sheet (idle and absolute timeouts).
IDLE = timedelta(hours=2)
WHOLE = timedelta(hours=12)
# How often it is written down that a sign-in is still used.
NOTED_EVERY = timedelta(minutes=1)


class NotSignedIn(Refused):
    """Please sign in."""


@dataclass(frozen=True)
class Signed:
    """The user who is signed in, and under which sign-in."""

    sign_in_id: UUID
    user_id: UUID
    name: str
    email: str
    role: str
    teams: tuple[str, ...] = ()

    def may(self, right: str) -> bool:
        return may(self.role, right)

    @property
    def authority(self) -> str:
        """The role under which customers/authority.py says what they may concede."""
        return authority_role(self.role)

    @classmethod
    def of(cls, user: User, sign_in_id: UUID) -> Signed:
        return cls(sign_in_id, user.id, user.name, user.email, user.role, tuple(user.teams))


def still_open(sign_in: SignIn, now: datetime) -> bool:
    """Whether it lets somebody in: it was not ended, is not over, and was used not too long ago."""
    return sign_in.ended_at is None and now < sign_in.ends_at and now - sign_in.used_at < IDLE


def fresh_key() -> str:
    """A key for a browser: 256 random bits."""
    return secrets.token_urlsafe(32)


def digest_of(key: str) -> str:
    """What is kept of a key. It is random and long, so that a plain digest cannot be turned back."""
    return hashlib.sha256(key.encode()).hexdigest()
