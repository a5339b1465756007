"""The token of a seller's own site, read: a JWT that the site signs with the key it was given.

Source: RFC 7519 (JWT), RFC 8725 (best current practices: one algorithm, an audience, a short life).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from sqlalchemy import select

from o2c_core.actions.use_host_token import Guest, use_host_token
from o2c_core.conversations.host_token import (
    LIFE_MAX,
    SKEW,
    HostToken,
    HostTokenNotValid,
    audience,
    host_key,
    numbers_good,
)
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store

log = logging.getLogger("parley.chat")
ALGORITHM = "HS256"
TOKEN_CHARACTERS_MAX = 4_000
TEXT_CHARACTERS_MAX = 200


@dataclass(frozen=True)
class HostTokens:
    """Who a seller's own site says is signed in there. `secret` is this installation's; each seller's key follows from it."""

    secret: str
    store: Store

    def guest(self, seller_id: UUID, token: str, page: UUID) -> Guest:
        """Who it is. Why a token was refused is for our log; whoever sent it is only told that it was.

        Raises: HostTokenNotValid.
        """
        try:
            return use_host_token(self._read(seller_id, token), page, store=self.store)
        except HostTokenNotValid as refused:
            log.info("host token refused seller=%s why=%s", seller_id, refused.fields.get("why"))
            raise

    def _read(self, seller_id: UUID, token: str) -> HostToken:
        with self.store.session() as session:
            seller = session.scalars(select(Seller).where(Seller.id == seller_id)).one()
            ref, numbers = seller.ref, numbers_good(seller.settings, self.store.clock.now())
        if len(token) > TOKEN_CHARACTERS_MAX or not token.isascii():
            raise HostTokenNotValid(why="too long")
        for number in numbers:
            claims = self._signed(token, host_key(self.secret, seller_id, number))
            if claims is not None:
                return self._checked(seller_id, ref, claims)
        raise HostTokenNotValid(why="signature" if numbers else "no key was made")

    def _signed(self, token: str, key: str) -> dict[str, Any] | None:
        """What it claims, where that key signed it and in no other way than ours."""
        try:
            return jwt.decode(token, OctKey.import_key(key), algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError, TypeError):
            return None

    def _checked(self, seller_id: UUID, ref: str, claims: dict[str, Any]) -> HostToken:
        now = self.store.clock.now()
        if claims.get("aud") not in (audience(ref), [audience(ref)]):
            raise HostTokenNotValid(why="audience")
        until, begins = _moment(claims.get("exp")), _moment(claims.get("nbf"))
        if until is None or until + SKEW <= now:
            raise HostTokenNotValid(why="expired" if until else "no exp")
        if until > now + LIFE_MAX + SKEW:
            raise HostTokenNotValid(why="lives too long")
        if begins is not None and begins > now + SKEW:
            raise HostTokenNotValid(why="not yet")
        customer, own_id, email = (_text(claims.get(name)) for name in ("sub", "jti", "email"))
        if customer is None or own_id is None:
            raise HostTokenNotValid(why="no sub or jti")
        return HostToken(seller_id, customer, own_id, until, email)


def _moment(claim: object) -> datetime | None:
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        return None
    try:
        return datetime.fromtimestamp(claim, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _text(claim: object) -> str | None:
    if not isinstance(claim, str) or not claim.isprintable():
        return None
    return claim if 0 < len(claim) <= TEXT_CHARACTERS_MAX else None
