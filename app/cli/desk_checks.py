"""What `parley doctor` says about the desk: whether there is an admin, and whether the organisation's sign-in answers."""

from __future__ import annotations

from sqlalchemy import func, select

from app.installation import opened_engine
from app.organisation import oidc_terms
from app.settings import Settings
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.errors import Failure
from o2c_core.staff.user import User
from o2c_core.store.schema import schema_is_current
from web.desk.oidc import Oidc, OidcRefused

ADD_ONE = "run `parley user add EMAIL --name NAME --role admin`"


def admins(chosen: Settings) -> tuple[str, str]:
    """The state and what it would take. A ledger nobody began is not begun for this."""
    if chosen.database_url is None and not (chosen.data / "postgres").exists():
        return "missing", f"nobody can sign in yet; {ADD_ONE}"
    try:
        with opened_engine(chosen) as engine:
            if not schema_is_current(engine):
                return "behind", "run `parley migrate`"
            with engine.connect() as connection:
                good = select(User.role, func.count()).where(User.disabled_at.is_(None)).group_by(User.role)
                found = dict(connection.execute(good).all())
    except Failure as failure:
        return "broken", failure.sentence
    many = sum(found.values())
    if not found.get("admin"):
        return "missing", f"no admin among {many} users; {ADD_ONE}"
    return "ok", f"{many} users, {found['admin']} of them admin"


def organisation(chosen: Settings) -> tuple[str, str]:
    """The state of the organisation's own sign-in and what it would take."""
    try:
        terms = oidc_terms(chosen)
        if terms is None:
            return (
                "ok",
                "by password; with PARLEY_OIDC_ISSUER and PARLEY_OIDC_CLIENT_ID also by your organisation's own",
            )
        Oidc(terms, Doorplate("", chosen.base_url)).discover()
    except OidcRefused as odd:
        return "broken", f"PARLEY_OIDC_ISSUER: {odd.fields.get('why')}"
    except Failure as failure:
        return "broken", f"{chosen.oidc_issuer}: {failure.sentence}" if chosen.oidc_issuer else failure.sentence
    return "ok", f"by password, and by {terms.issuer}"
