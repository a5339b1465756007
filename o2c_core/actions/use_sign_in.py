"""Look who a browser's key belongs to, as every page of the desk does before anything else."""

from __future__ import annotations

from sqlalchemy import select

from o2c_core.staff.signed import NOTED_EVERY, NotSignedIn, Signed, digest_of, still_open
from o2c_core.staff.user import SignIn, User
from o2c_core.store.store import Store


def use_sign_in(key: str, *, store: Store, touches: bool = True) -> Signed:
    """Who is signed in with that key. That it is in use is written down once a minute; what a page that is open asks by
    itself (`touches` is False) is no use of it.

    Raises: NotSignedIn when there is no such sign-in, it ended, nobody used it for too long, or its user was disabled.
    """
    now = store.clock.now()
    query = select(SignIn, User).join(User, User.id == SignIn.user_id).where(SignIn.digest == digest_of(key))
    with store.session() as session:
        found = session.execute(query).one_or_none()
        if found is None:
            raise NotSignedIn
        sign_in, user = found.SignIn, found.User
        if not still_open(sign_in, now) or user.disabled_at is not None:
            raise NotSignedIn
        signed = Signed.of(user, sign_in.id)
        if touches and now - sign_in.used_at >= NOTED_EVERY:
            sign_in.used_at = now
            session.commit()
    return signed
