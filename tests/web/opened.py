"""The pages over a test's ledger, and who is signed in on them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from o2c_core.actions.add_user import NewUser, add_user
from o2c_core.actions.begin_sign_in import begin_sign_in
from o2c_core.keys import new_key
from o2c_core.staff.user import User
from o2c_core.store.store import Store
from web.desk.door import COOKIE
from web.pages import pages
from web.static_files import static_files


@dataclass(frozen=True)
class Example:
    """A question to try."""

    customer_ref: str
    text: str


def open_pages(
    store: Store,
    *,
    is_demo: bool = True,
    role: str | None = "admin",
    name: str = "Eva",
    examples: Sequence[Example] = (),
    ask: Callable[[str, str], tuple[str, Sequence[Mapping[str, Any]]]] | None = None,
) -> TestClient:
    """A browser on the pages, signed in as somebody of that role; nobody is signed in for None."""

    def session_for(customer_id: UUID | None) -> str:
        return f"token of {customer_id or 'a stranger'}"

    app = FastAPI()
    app.include_router(
        pages(store=store, session_for=session_for, is_demo=is_demo, questions=lambda: examples, ask=ask)
    )
    app.mount("/static", static_files())
    client = TestClient(app)
    if role is not None:
        client.cookies.set(COOKIE, key_of_somebody(store, role, name))
        # What a browser says of a form that was sent from our own page.
        client.headers["sec-fetch-site"] = "same-origin"
    return client


def key_of_somebody(store: Store, role: str, name: str = "Eva") -> str:
    """The key of a browser in which somebody of that role is signed in; they are added for it, the first time.

    Names are one person's alone: the second role that a test signs in by the same name has its role behind its name.
    """
    with store.session() as session:
        roles = dict(session.execute(select(User.name, User.role)).all())
    known = next((one for one in (name, f"{name} {role}") if roles.get(one) == role), None)
    called = known or (f"{name} {role}" if name in roles else name)
    if known is None:
        email = f"{called.lower().replace(' ', '.')}.{new_key().hex}@vandijk.example"
        add_user(NewUser(email, called, role), by="test", store=store)
    with store.session() as session:
        user_id = session.scalars(select(User.id).where(User.name == called)).one()
    return begin_sign_in(user_id, by="password", browser="test", store=store)


def words(html: str) -> str:
    """What the page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\N{NO-BREAK SPACE}", " ").split())
