"""The seller's own people in the demo, one of each role, and their passwords.

A password follows from this installation's key, so that every installation has its own, the guide can say it each time,
and it is written down nowhere.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy import select

from o2c_core.actions.add_user import NewUser, add_user
from o2c_core.staff.passwords import LETTERS, hash_of, is_right
from o2c_core.staff.user import User
from o2c_core.store.store import Store


@dataclass(frozen=True)
class Colleague:
    """Somebody who works at the demo's seller, and what their role is for."""

    first_name: str
    name: str
    role: str
    team: str
    does: str

    @property
    def email(self) -> str:
        return f"{self.first_name.lower()}@vandijk.example"


COLLEAGUES = (
    Colleague("Anna", "Anna de Boer", "agent", "Support", "answers customers"),
    Colleague("Bram", "Bram Visser", "finance", "Finance", "approves reminders, matches money"),
    Colleague("Carla", "Carla Smit", "manager", "Support", "sees who saw and did what"),
    Colleague("Dirk", "Dirk van Dijk", "admin", "Systems", "adds users, changes their roles"),
)


def password_of(colleague: Colleague, key: str) -> str:
    """Their first password in the installation with that key: as good as 59 random bits."""
    digest = hmac.digest(key.encode(), f"password of {colleague.email}".encode(), hashlib.sha256)
    letters = "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:12])
    return "-".join(letters[start : start + 4] for start in (0, 4, 8))


def add_colleagues(key: str, *, store: Store) -> None:
    """Adds those who are not there yet."""
    with store.session() as session:
        there = set(session.scalars(select(User.email)))
    for one in COLLEAGUES:
        if one.email not in there:
            new = NewUser(one.email, one.name, one.role, (one.team,), hash_of(password_of(one, key)))
            add_user(new, by="system", store=store)


def sign_ins(key: str, *, store: Store) -> list[str]:
    """Lines for the guide: who may sign in, with which password unless they have chosen another."""
    with store.session() as session:
        kept = dict(session.execute(select(User.email, User.password)).all())
    lines = []
    for one in COLLEAGUES:
        password = password_of(one, key)
        shown = password if is_right(password, kept.get(one.email)) else "(changed)"
        lines.append(f"  {one.email:<24} {shown:<16} {one.role}: {one.does}")
    return lines
