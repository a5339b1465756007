"""End every sign-in of a user, or every one but the browser they are at."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from o2c_core.errors import NotFound
from o2c_core.staff.user import SignIn, User
from o2c_core.store.store import Store
from o2c_core.trail import note


def end_sign_ins(user_id: UUID, *, by: str, store: Store, but: UUID | None = None) -> int:
    """How many were ended. Raises: NotFound."""
    now = store.clock.now()
    with store.session() as session:
        user = session.get(User, user_id)
        if user is None:
            raise NotFound(user=str(user_id))
        many = ended(session, user_id, now, but=but)
        if many:
            note(session, "sign-ins ended", user, at=now, who=by, why=f"{many} of them")
        session.commit()
    return many


def ended(session: Session, user_id: UUID, now: datetime, *, but: UUID | None = None) -> int:
    """The same within a transaction that goes on."""
    theirs = update(SignIn).where(SignIn.user_id == user_id, SignIn.ended_at.is_(None)).values(ended_at=now)
    found = session.execute((theirs if but is None else theirs.where(SignIn.id != but)).returning(SignIn.ends_at))
    return sum(1 for ends_at in found.scalars() if ends_at > now)
