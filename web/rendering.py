"""Templates into pages, each with the headers every page has."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

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


def written(template: str, /, **about: object) -> str:
    """What that template says, for a file and not for a browser that asked."""
    return _TEMPLATES.get_template(template).render(about)


def page(template: str, status: int = 200, headers: dict[str, str] | None = None, /, **about: object) -> HTMLResponse:
    """The page made of that template. It is never kept by a cache: it holds figures and a chat's token."""
    text = written(template, **about)
    return HTMLResponse(text, status, headers={**HEADERS, "Cache-Control": "no-store", **(headers or {})})
