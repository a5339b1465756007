"""The organisation's own sign-in: OpenID Connect, authorization code with PKCE.

Source: OpenID Connect Core 1.0 sections 3.1.2, 3.1.3.7 and 5.3; RFC 7636 (PKCE); RFC 9207 (who answered); RFC 9700
(best practice). What is believed is only what the provider signed, for us, now, in answer to this browser's question.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.errors import Outage, Refused
from o2c_core.staff.identity import Identity

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]

log = logging.getLogger("parley.oidc")
BACK = "/sign-in/oidc/back"
# As long as somebody may take at their organisation's page, with a second factor and a telephone call.
GOOD_FOR = timedelta(minutes=10)
LEEWAY_SECONDS = 60
SECONDS_MAX = 8
# Signed with a key only the provider has. "none", and keys both sides know, are not.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_PURPOSE = "oidc"


class OidcRefused(Refused):
    """Your organisation did not sign you in, or its answer could not be trusted. Please try once more."""


class OidcSilent(Outage):
    """Your organisation's sign-in does not answer right now; try again in a minute, or use a password."""


@dataclass(frozen=True)
class OidcTerms:
    """What the provider knows us by, and what its words mean here. `roles` are those of groups in `role_claim`."""

    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    role_claim: str = "groups"
    roles: Mapping[str, str] = field(default_factory=dict)
    trusts_email: bool = False


@dataclass(frozen=True)
class Leaving:
    """A browser that is sent to the provider: where to, and what it keeps to be known again when it comes back."""

    url: str
    kept: str


class Oidc:
    """The provider, asked anew each time: staff sign in a few times a day, and keys are changed without a word."""

    def __init__(self, terms: OidcTerms, doorplate: Doorplate) -> None:
        self.terms, self._doorplate = terms, doorplate

    def leave(self, next_path: str, now: datetime) -> Leaving:
        """Raises: OidcSilent; OidcRefused for a provider that is not what was set."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        found = self.discover()
        with self._session() as session:
            url, _ = session.create_authorization_url(
                _safe(found.get("authorization_endpoint")), state=state, nonce=nonce, code_verifier=verifier
            )
        kept = self._doorplate.sign(_PURPOSE, state, nonce, verifier, next_path, str(int(now.timestamp())))
        return Leaving(str(url), kept)

    def come_back(self, said: Mapping[str, str], kept: str, now: datetime) -> tuple[Identity, str]:
        """Who they are, and where they were going. Raises: OidcSilent; OidcRefused, whose reason is in the log."""
        parts = self._doorplate.read(_PURPOSE, kept)
        if parts is None or len(parts) != 5 or now.timestamp() - int(parts[4]) > GOOD_FOR.total_seconds():
            raise _refused("not begun in this browser, or too long ago")
        state, nonce, verifier, next_path = parts[:4]
        if not secrets.compare_digest(said.get("state", "").encode(), state.encode()):
            raise _refused("another state")
        if said.get("iss", self.terms.issuer) != self.terms.issuer:
            raise _refused("answered by another issuer")
        if "error" in said or not said.get("code"):
            raise _refused(f"provider said {said.get('error', 'nothing')[:60]}")
        found = self.discover()
        tokens = self._redeem(found, said["code"], verifier)
        claims = self._believed(found, str(tokens.get("id_token") or ""), nonce, now)
        if "email" not in claims and found.get("userinfo_endpoint") and tokens.get("access_token"):
            claims = self._told_apart(found, str(tokens["access_token"]), claims)
        return self._identity(claims), next_path

    def discover(self) -> Mapping[str, Any]:
        """What the provider says of itself. Raises: OidcSilent; OidcRefused."""
        found = _json(f"{self.terms.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.terms.issuer:
            raise _refused(f"PARLEY_OIDC_ISSUER is {self.terms.issuer}, and it calls itself {found.get('issuer')}")
        return found

    def _redeem(self, found: Mapping[str, Any], code: str, verifier: str) -> Mapping[str, Any]:
        from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
        from requests import RequestException

        ways = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        way = "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
        with self._session(way if self.terms.client_secret else "none") as session:
            try:
                return dict(
                    session.fetch_token(
                        _safe(found.get("token_endpoint")), code=code, code_verifier=verifier, timeout=SECONDS_MAX
                    )
                )
            except OAuthError as no:
                raise _refused(f"code not taken: {no.error}") from no
            except (RequestException, ValueError) as silence:
                raise OidcSilent from silence

    def _believed(self, found: Mapping[str, Any], token: str, nonce: str, now: datetime) -> Mapping[str, Any]:
        """The claims of a token that the provider signed, for us, in answer to this nonce, and that still holds."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet
        from joserfc.jwt import JWTClaimsRegistry

        try:
            keys = KeySet.import_key_set(_json(_safe(found.get("jwks_uri"))))  # type: ignore[arg-type]
            claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
            JWTClaimsRegistry(
                now=int(now.timestamp()), leeway=LEEWAY_SECONDS,
                iss={"essential": True, "value": self.terms.issuer}, sub={"essential": True},
                aud={"essential": True, "value": self.terms.client_id}, exp={"essential": True},
                iat={"essential": True}, nonce={"essential": True, "value": nonce},
            ).validate(claims)  # fmt: skip
        except (JoseError, ValueError, TypeError, KeyError) as odd:
            raise _refused(f"token not believed: {type(odd).__name__}") from odd
        whose = claims.get("azp", self.terms.client_id)
        if whose != self.terms.client_id or (
            isinstance(claims["aud"], list) and claims["aud"] != [self.terms.client_id]
        ):
            raise _refused("token for somebody else too")
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise _refused("token of nobody")
        return claims

    def _told_apart(self, found: Mapping[str, Any], access: str, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        """Many providers tell the address not in the token but where it is asked for with it."""
        more = _json(_safe(found["userinfo_endpoint"]), {"Authorization": f"Bearer {access}"})
        if more.get("sub") != claims["sub"]:
            raise _refused("another subject when asked about them")
        return {**more, **claims}

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        verified = claims.get("email_verified", self.terms.trusts_email)
        groups = claims.get(self.terms.role_claim) or []
        return Identity(
            subject=f"{self.terms.issuer} {claims['sub']}",
            email=str(claims.get("email") or ""),
            is_email_verified=verified in (True, "true"),
            name=str(claims.get("name") or "").strip(),
            groups=(groups,) if isinstance(groups, str) else tuple(str(one) for one in groups),
        )

    def _session(self, way: str = "client_secret_basic") -> OAuth2Session:
        # It takes a third of a second to load, and only installations that use it need it.
        from authlib.integrations.requests_client import OAuth2Session

        return OAuth2Session(
            self.terms.client_id, self.terms.client_secret, token_endpoint_auth_method=way,
            scope="openid email profile", redirect_uri=self._doorplate.url(BACK), code_challenge_method="S256",
        )  # fmt: skip


def _refused(why: str) -> OidcRefused:
    log.warning("sign-in by oidc refused: %s", why)
    return OidcRefused(why=why)


def _safe(address: object) -> str:
    """An address of the provider's that is on https, or on this machine. Raises: OidcRefused."""
    parts = urlsplit(str(address or ""))
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")):
        raise _refused(f"not on https: {parts.hostname}")
    return str(address)


def _json(address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    import requests

    try:
        answer = requests.get(_safe(address), headers=headers, timeout=SECONDS_MAX, allow_redirects=False)
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError) as silence:
        raise OidcSilent from silence
    if not isinstance(found, dict):
        raise OidcSilent
    return found
