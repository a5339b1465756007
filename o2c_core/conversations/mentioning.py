"""Whom a note calls: "@" and somebody's name or the first part of their address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from o2c_core.staff.user import User


def mentioned(text: str, users: Iterable[User]) -> list[UUID]:
    """The users called, in the order of the text. The longest name that fits counts, so "@Anna Bos" is not "@Anna".

    A first name calls whoever is the only one of that name.
    """
    calls: dict[str, set[UUID]] = {}
    for user in users:
        names = {user.name, user.email.split("@")[0], user.name.split()[0]} if user.name.strip() else set()
        for name in names:
            calls.setdefault(name.casefold(), set()).add(user.id)
    found: dict[UUID, None] = {}
    for at in re.finditer(r"(?<![\w.])@", text):
        rest = text[at.end() :].casefold()
        fitting = [
            name for name in calls if rest.startswith(name) and not re.match(r"[\w-]", rest[len(name) : len(name) + 1])
        ]
        called = calls[max(fitting, key=len)] if fitting else set()
        if len(called) == 1:
            found[next(iter(called))] = None
    return list(found)
