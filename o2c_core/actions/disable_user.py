"""Shut a user out: they are signed out everywhere and cannot sign in any more."""

from __future__ import annotations

from uuid import UUID

from o2c_core.actions.change_user import taken
from o2c_core.actions.end_sign_ins import ended
from o2c_core.staff.user import User
from o2c_core.store.store import Store
from o2c_core.trail import note


def disable_user(user_id: UUID, *, by: str, store: Store) -> User:
    """The user, who stays: the trail speaks of them. Doing it again changes nothing.

    Raises: NotFound; LastAdmin.
    """
    now = store.clock.now()
    with store.session() as session:
        user = taken(session, user_id, is_staying_admin=False)
        if user.disabled_at is None:
            user.disabled_at = now
            ended(session, user.id, now)
            note(session, "user disabled", user, at=now, who=by)
        session.commit()
        return user
