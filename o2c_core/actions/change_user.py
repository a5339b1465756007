"""Give a user another role or other teams; it holds from their next click on."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.add_user import UserUnclear
from o2c_core.errors import NotFound, Refused
from o2c_core.staff.rights import tidy_teams
from o2c_core.staff.user import ROLES, User
from o2c_core.store.store import Store
from o2c_core.trail import note


class LastAdmin(Refused):
    """Nobody else here is an admin; make somebody else one first."""


def change_user(
    user_id: UUID, *, by: str, store: Store, role: str | None = None, teams: Sequence[str] | None = None
) -> User:
    """The user as they are now; what is None stays as it is.

    Raises: NotFound; UserUnclear for a role there is not; LastAdmin.
    """
    if role is not None and role not in ROLES:
        raise UserUnclear
    with store.session() as session:
        user = taken(session, user_id, is_staying_admin=role in (None, "admin"))
        was: dict[str, object] = {}
        if role is not None and role != user.role:
            was["role"], user.role = user.role, role
        tidied = tidy_teams(teams) if teams is not None else user.teams
        if tidied != user.teams:
            was["teams"], user.teams = user.teams, tidied
        if was:
            now = {name: getattr(user, name) for name in was}
            note(session, "user changed", user, at=store.clock.now(), who=by, was=was, now=now)
        session.commit()
        return user


def taken(session: Session, user_id: UUID, *, is_staying_admin: bool) -> User:
    """The user, for a change. Admins are locked together, so that two cannot make an end of each other at once.

    Raises: NotFound; LastAdmin.
    """
    if not is_staying_admin:
        admins = select(User.id).where(User.role == "admin", User.disabled_at.is_(None)).order_by(User.id)
        if list(session.scalars(admins.with_for_update())) == [user_id]:
            raise LastAdmin
    user = session.get(User, user_id, with_for_update=True, populate_existing=True)
    if user is None:
        raise NotFound(user=str(user_id))
    return user
