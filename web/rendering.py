"""Templates into pages, each with the headers every page has."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from o2c_core.staff.signed import Signed
from web.headers import HEADERS

_HERE = Path(__file__).parent
STATIC = _HERE / "static"


@lru_cache
def asset(name: str) -> str:
    """The address of a file in static/, with a mark that changes when the file does."""
    mark = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={mark}"


# Everything that is put into a page is escaped, and a name that was not given is an error and never a blank.
_TEMPLATES = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals["asset"] = asset
# The pages of the desk: what `here` calls them, where they are, their title, and the right it takes to see them.
_TEMPLATES.globals["tabs"] = (
    ("inbox", "/inbox", "Inbox", "see_desk"),
    ("cases", "/cases", "Cases", "see_desk"),
    ("finance", "/finance", "Finance", "see_finance"),
    ("reminders", "/reminders", "Reminders", "see_finance"),
    ("rules", "/rules", "Rules", "see_finance"),
    ("ledger", "/ledger", "Ledger", "see_desk"),
    ("figures", "/figures", "Figures", "see_finance"),
    ("outbox", "/outbox", "Outbox", "see_outbox"),
    ("audit", "/audit", "Audit", "see_audit"),
    ("users", "/users", "Users", "manage_users"),
)
# Who looks at the page; nobody on the pages that are everybody's.
_VIEWER: ContextVar[Signed | None] = ContextVar("viewer", default=None)


@contextmanager
def viewed_by(who: Signed) -> Iterator[None]:
    """Within it, pages are made for that user: their name stands on them, and they lead where that user may go."""
    token = _VIEWER.set(who)
    try:
        yield
    finally:
        _VIEWER.reset(token)


def written(template: str, /, **about: object) -> str:
    """What that template says, for a file and not for a browser that asked."""
    return _TEMPLATES.get_template(template).render({"viewer": _VIEWER.get()} | about)


def page(template: str, status: int = 200, headers: dict[str, str] | None = None, /, **about: object) -> HTMLResponse:
    """The page made of that template. It is never kept by a cache: it holds figures and a chat's token."""
    text = written(template, **about)
    return HTMLResponse(text, status, headers={**HEADERS, "Cache-Control": "no-store", **(headers or {})})
