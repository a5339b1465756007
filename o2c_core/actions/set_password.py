"""Give a user a new password, as an admin does for somebody who lost theirs."""

from __future__ import annotations

from uuid import UUID

from o2c_core.actions.end_sign_ins import ended
from o2c_core.errors import NotFound
from o2c_core.staff.passwords import check_password, hash_of
from o2c_core.staff.user import User
from o2c_core.store.store import Store
from o2c_core.trail import note


def set_password(user_id: UUID, new: str, *, by: str, store: Store) -> None:
    """Their sign-ins end, and a lock is taken off.

    Raises: NotFound; PasswordTooShort, PasswordTooLong, PasswordIsYou and PasswordCommon.
    """
    now = store.clock.now()
    with store.session() as session:
        found = session.get(User, user_id)
    if found is None:
        raise NotFound(user=str(user_id))
    check_password(new, email=found.email, name=found.name)
    fresh = hash_of(new)
    with store.session() as session:
        user = session.get_one(User, user_id, with_for_update=True)
        user.password, user.wrong_tries, user.locked_until = fresh, 0, None
        ended(session, user.id, now)
        note(session, "password set", user, at=now, who=by)
        session.commit()
