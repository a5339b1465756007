"""Let a user in again: who was disabled, or locked by wrong passwords."""

from __future__ import annotations

from uuid import UUID

from o2c_core.actions.change_user import taken
from o2c_core.staff.user import User
from o2c_core.store.store import Store
from o2c_core.trail import note


def enable_user(user_id: UUID, *, by: str, store: Store) -> User:
    """The user, whose password is still theirs. Raises: NotFound."""
    with store.session() as session:
        user = taken(session, user_id, is_staying_admin=True)
        was = {"disabled": user.disabled_at is not None, "locked": user.locked_until is not None}
        if any(was.values()):
            user.disabled_at, user.locked_until, user.wrong_tries = None, None, 0
            note(session, "user let in again", user, at=store.clock.now(), who=by, was=was)
        session.commit()
        return user
