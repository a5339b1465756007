"""Sign somebody in by their password, and count the wrong ones."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from o2c_core.actions.begin_sign_in import begin_sign_in
from o2c_core.customers.contact import NotAnAddress, tidy_email
from o2c_core.errors import NotFound, Refused
from o2c_core.staff.lockout import locked_for
from o2c_core.staff.passwords import hash_of, is_outdated, is_right
from o2c_core.staff.user import User
from o2c_core.store.store import Store
from o2c_core.trail import note


class SignInRefused(Refused):
    """That email address and password do not belong together, or were tried wrongly too often. Try again in a while, or ask an admin."""  # noqa: E501 (one sentence)


def sign_in(email: str, password: str, *, browser: str, store: Store) -> str:
    """The key of the new sign-in, for the browser alone.

    Whether there is such a user, whether they are locked or disabled, or the password is wrong: all of it is refused in
    the same words, and after the same work.

    Raises: SignInRefused.
    """
    try:
        address = tidy_email(email)
    except NotAnAddress:
        address = ""  # nobody's
    with store.session() as session:
        user = session.scalar(select(User).where(User.email == address))
    kept = user.password if user else None
    # Working out the hash takes a while, and nobody's row is held meanwhile.
    right = is_right(password, kept)
    if user is None or kept is None or not heard(user.id, kept, right, password, store=store):
        raise SignInRefused
    try:
        return begin_sign_in(user.id, by="password", browser=browser, store=store)
    except NotFound as gone:
        raise SignInRefused from gone


def heard(user_id: UUID, kept: str, right: bool, password: str, *, store: Store) -> bool:
    """Whether that password lets them in: it is right, and the account is neither disabled nor locked.

    Wrong ones are counted under the row's lock, so that tries made side by side are as many as they are.
    """
    now = store.clock.now()
    fresh = hash_of(password) if right and is_outdated(kept) else None
    with store.session() as session:
        user = session.get_one(User, user_id, with_for_update=True, populate_existing=True)
        if user.disabled_at is not None or user.password != kept:
            return False
        if user.locked_until is not None and now < user.locked_until:
            return False
        if right:
            user.wrong_tries, user.locked_until = 0, None
            user.password = fresh or kept
        else:
            user.wrong_tries += 1
            lock = locked_for(user.wrong_tries)
            user.locked_until = now + lock if lock else None
            what = "account locked" if lock else "wrong password"
            note(session, what, user, at=now, who=user.name, why=f"{user.wrong_tries} in a row")
        session.commit()
    return right
