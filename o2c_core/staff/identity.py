"""Who the organisation's own sign-in says somebody is, and the role its groups give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from o2c_core.errors import Refused
from o2c_core.staff.user import ROLES

_MOST_FIRST = tuple(reversed(ROLES))


class RolesUnclear(Refused):
    """PARLEY_OIDC_ROLES names groups and roles: Parley-Agents=agent, Parley-Admins=admin."""


@dataclass(frozen=True)
class Identity:
    """Who signed in there. `subject` names them for good, with its issuer; `groups` are what the role claim says."""

    subject: str
    email: str
    is_email_verified: bool
    name: str
    groups: tuple[str, ...] = ()


def roles_of(written: str) -> dict[str, str]:
    """The role of each group, as the setting says it. Raises: RolesUnclear."""
    roles = {}
    for pair in filter(None, (one.strip() for one in written.split(","))):
        group, is_pair, role = pair.rpartition("=")
        if not is_pair or not group.strip() or role.strip() not in ROLES:
            raise RolesUnclear
        roles[group.strip()] = role.strip()
    return roles


def role_for(groups: Iterable[str], roles: Mapping[str, str]) -> str | None:
    """The role those groups give: the one with the most rights, as somebody in two groups has both."""
    given = {roles[group] for group in groups if group in roles}
    return next((role for role in _MOST_FIRST if role in given), None)
