"""End a sign-in: the browser's key opens nothing any more."""

from __future__ import annotations

from sqlalchemy import select

from o2c_core.staff.signed import digest_of
from o2c_core.staff.user import SignIn, User
from o2c_core.store.store import Store
from o2c_core.trail import note


def end_sign_in(key: str, *, store: Store) -> None:
    """Ends it where it is known and not over yet; otherwise there is nothing to do."""
    now = store.clock.now()
    with store.session() as session:
        row = session.scalar(select(SignIn).where(SignIn.digest == digest_of(key), SignIn.ended_at.is_(None)))
        if row is None:
            return
        row.ended_at = now
        note(session, "signed out", row, at=now, who=session.get_one(User, row.user_id).name)
        session.commit()
