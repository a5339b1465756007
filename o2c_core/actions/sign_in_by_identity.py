"""Sign somebody in whom the organisation's own sign-in (OpenID Connect) has let in."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.add_user import NewUser, UserThere, added
from o2c_core.actions.begin_sign_in import begin_sign_in
from o2c_core.actions.change_user import LastAdmin, taken
from o2c_core.customers.contact import NotAnAddress, tidy_email
from o2c_core.errors import NotFound, Refused
from o2c_core.staff.identity import Identity, role_for
from o2c_core.staff.user import User
from o2c_core.store.store import Store
from o2c_core.trail import note

BY = "organisation's sign-in"


class NotInvited(Refused):
    """You are known to your organisation but not to Parley; ask an admin to add you with the same email address."""


class EmailUnproven(Refused):
    """Your organisation does not say that your email address is really yours, so nobody here can be sure it is you."""


class NoRoleThere(Refused):
    """None of your groups at your organisation has a role here; ask whoever looks after them."""


def sign_in_by_identity(identity: Identity, roles: Mapping[str, str], *, browser: str, store: Store) -> str:
    """The key of the new sign-in, for the browser alone.

    They are known by their subject; the first time by a verified email address, to which the subject is bound for good.
    With `roles` the organisation's groups decide who comes in and as what, at every sign-in; without, only who was added
    here comes in. Source: docs/decisions/0037-who-comes-in-to-the-desk.md

    Raises: NotInvited; EmailUnproven; NoRoleThere.
    """
    role = role_for(identity.groups, roles)
    if roles and role is None:
        raise NoRoleThere
    with store.session() as session:
        user = _known(session, identity, role, store)
        if user.disabled_at is not None:
            raise NotInvited
        if role is not None and role != user.role:
            _follow(session, user, role, store)
        session.commit()
    try:
        return begin_sign_in(user.id, by="oidc", browser=browser, store=store)
    except NotFound as gone:
        raise NotInvited from gone


def _known(session: Session, identity: Identity, role: str | None, store: Store) -> User:
    """Whoever has that subject; else who has that address, or is added with the role their groups give them."""
    user = session.scalar(select(User).where(User.subject == identity.subject))
    if user is not None:
        return user
    if not identity.is_email_verified:
        raise EmailUnproven
    try:
        email = tidy_email(identity.email)
    except NotAnAddress as odd:
        raise EmailUnproven from odd
    user = session.scalar(select(User).where(User.email == email).with_for_update())
    if user is None:
        if role is None:
            raise NotInvited
        return _added(session, identity, email, role, store)
    if user.subject is not None:
        # Somebody else there has the address now. Who had it before is not theirs to be.
        raise NotInvited
    user.subject = identity.subject
    note(session, "user bound", user, at=store.clock.now(), who=user.name, why=f"by the {BY}")
    return user


def _added(session: Session, identity: Identity, email: str, role: str, store: Store) -> User:
    for name in (identity.name or email, f"{identity.name} ({email})"):
        try:
            return added(session, NewUser(email, name, role, subject=identity.subject), by=BY, store=store)
        except UserThere:
            continue
    raise NotInvited


def _follow(session: Session, user: User, role: str, store: Store) -> None:
    """Their groups give them another role now. The last admin stays one: nobody else could mend the groups' roles."""
    try:
        held = taken(session, user.id, is_staying_admin=role == "admin")
    except LastAdmin:
        return
    was, held.role = held.role, role
    note(session, "user changed", held, at=store.clock.now(), who=BY, was={"role": was}, now={"role": role})
