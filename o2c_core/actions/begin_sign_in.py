"""Begin a sign-in for a user whose identity was proven: by their password, or by the organisation's own sign-in."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete

from o2c_core.errors import NotFound
from o2c_core.staff.signed import WHOLE, digest_of, fresh_key
from o2c_core.staff.user import SignIn, User
from o2c_core.store.store import Store
from o2c_core.trail import note

BROWSER_CHARACTERS_MAX = 200
# For so long somebody sees on their account where they were signed in; the trail has it for good.
KEPT = timedelta(days=90)


def begin_sign_in(user_id: UUID, *, by: str, browser: str, store: Store) -> str:
    """The key of the new sign-in, for the browser alone: only its digest is kept. `by` is password or oidc.

    Raises: NotFound for a user who is not there or was disabled.
    """
    now = store.clock.now()
    key = fresh_key()
    with store.session() as session:
        user = session.get(User, user_id, with_for_update=True)
        if user is None or user.disabled_at is not None:
            raise NotFound(user=str(user_id))
        user.signed_in_at = now
        session.execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.ends_at < now - KEPT))
        row = SignIn(
            user_id=user.id, digest=digest_of(key), by=by, browser=browser[:BROWSER_CHARACTERS_MAX].replace("\x00", ""),
            created_at=now, used_at=now, ends_at=now + WHOLE,
        )  # fmt: skip
        session.add(row)
        session.flush()
        note(session, "signed in", row, at=now, who=user.name, why=f"by {by}")
        session.commit()
    return key
