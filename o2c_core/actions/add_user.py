"""Add one of the seller's own people, who may then sign in."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from o2c_core.customers.contact import NotAnAddress, tidy_email
from o2c_core.errors import Refused
from o2c_core.staff.rights import tidy_teams
from o2c_core.staff.user import NOBODYS_NAMES, ROLES, User
from o2c_core.store.store import Store
from o2c_core.trail import note

NAME_CHARACTERS_MAX = 80


class UserThere(Refused):
    """There is a user with that email address or that name already."""


class UserUnclear(Refused):
    """A user needs a name, an email address, and one of the roles agent, finance, manager and admin."""


class NameTaken(Refused):
    """The trail calls somebody else by that name; add a family name."""


@dataclass(frozen=True)
class NewUser:
    """Who is added. `password_hash` is Argon2's; without one they sign in through the organisation's own sign-in, as
    whose `subject` they may be known already."""

    email: str
    name: str
    role: str
    teams: tuple[str, ...] = ()
    password_hash: str | None = field(default=None, repr=False)
    subject: str | None = None


def add_user(new: NewUser, *, by: str, store: Store) -> User:
    """The user who was added. Their name is theirs alone, as the trail knows people by their names.

    Raises: UserUnclear; UserThere; NameTaken.
    """
    with store.session() as session:
        user = added(session, new, by=by, store=store)
        session.commit()
        return user


def added(session: Session, new: NewUser, *, by: str, store: Store) -> User:
    """The same within a transaction that goes on. Raises as `add_user` does."""
    name = " ".join(new.name.split())
    try:
        email = tidy_email(new.email)
    except NotAnAddress as odd:
        raise UserUnclear from odd
    if not name or len(name) > NAME_CHARACTERS_MAX or new.role not in ROLES:
        raise UserUnclear
    if name.lower() in NOBODYS_NAMES:
        raise NameTaken
    if session.scalar(select(User.id).where(or_(User.email == email, func.lower(User.name) == name.lower())).limit(1)):
        raise UserThere
    now = store.clock.now()
    user = User(
        email=email, name=name, role=new.role, teams=tidy_teams(new.teams), password=new.password_hash,
        subject=new.subject, created_at=now,
    )  # fmt: skip
    session.add(user)
    session.flush()
    note(session, "user added", user, at=now, who=by, email=email, role=new.role)
    return user
