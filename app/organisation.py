"""The organisation's own sign-in, as the settings say it."""

from __future__ import annotations

from app.settings import BadSetting, Settings
from o2c_core.staff.identity import roles_of
from web.desk.oidc import OidcTerms


def oidc_terms(chosen: Settings) -> OidcTerms | None:
    """None where none is set.

    Raises: BadSetting where half of it is set, or there is no public address to come back to; RolesUnclear.
    """
    if not chosen.oidc_issuer and not chosen.oidc_client_id:
        return None
    if not chosen.oidc_issuer or not chosen.oidc_client_id:
        raise BadSetting("PARLEY_OIDC_ISSUER and PARLEY_OIDC_CLIENT_ID go together; one of them is missing.")
    if not chosen.base_url:
        raise BadSetting("PARLEY_OIDC_ISSUER needs PARLEY_BASE_URL: the address people come back to.")
    return OidcTerms(
        issuer=chosen.oidc_issuer,
        client_id=chosen.oidc_client_id,
        client_secret=chosen.oidc_client_secret.get_secret_value() if chosen.oidc_client_secret else None,
        role_claim=chosen.oidc_role_claim,
        roles=roles_of(chosen.oidc_roles or ""),
        trusts_email=chosen.oidc_trust_email,
    )
