"""Change one's own password, with the one there was."""

from __future__ import annotations

from o2c_core.actions.end_sign_ins import ended
from o2c_core.actions.sign_in import heard
from o2c_core.errors import Refused
from o2c_core.staff.passwords import check_password, hash_of, is_right
from o2c_core.staff.signed import Signed
from o2c_core.staff.user import User
from o2c_core.store.store import Store
from o2c_core.trail import note


class OldPasswordWrong(Refused):
    """That is not your password now, or it was tried wrongly too often; nothing was changed."""


def change_password(who: Signed, old: str, new: str, *, store: Store) -> int:
    """How many other sign-ins of theirs ended by it; this browser stays signed in.

    Raises: OldPasswordWrong, which counts as a wrong try; PasswordTooShort, PasswordTooLong, PasswordIsYou and
    PasswordCommon.
    """
    check_password(new, email=who.email, name=who.name)
    with store.session() as session:
        kept = session.get_one(User, who.user_id).password
    if kept is None or not heard(who.user_id, kept, is_right(old, kept), old, store=store):
        raise OldPasswordWrong
    fresh, now = hash_of(new), store.clock.now()
    with store.session() as session:
        user = session.get_one(User, who.user_id, with_for_update=True, populate_existing=True)
        user.password = fresh
        many = ended(session, user.id, now, but=who.sign_in_id)
        note(session, "password changed", user, at=now, who=user.name)
        session.commit()
    return many
