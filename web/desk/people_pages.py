"""The desk's pages about its own people: signing in, the account, the users and the audit."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.store.store import Store
from web.desk.account import account_pages
from web.desk.audit import audit_pages
from web.desk.oidc import Oidc, OidcTerms
from web.desk.signing_in import REFUSED_AFTER_SECONDS, sign_in_pages
from web.desk.users import user_pages


def people_pages(
    store: Store, doorplate: Doorplate | None, oidc: OidcTerms | None, *, refused_after: float = REFUSED_AFTER_SECONDS
) -> APIRouter:
    """The organisation's own sign-in needs a public address, for the way back."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    has_oidc = oidc is not None and doorplate is not None and doorplate.base_url is not None
    provider = Oidc(oidc, doorplate) if oidc is not None and doorplate is not None and has_oidc else None
    router.include_router(sign_in_pages(store, provider, refused_after=refused_after))
    router.include_router(account_pages(store))
    router.include_router(user_pages(store, has_oidc=has_oidc))
    router.include_router(audit_pages(store))
    return router
