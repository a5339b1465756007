"""What a person sees when a page cannot be shown: what happened and what to do, in their language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from o2c_core.customers.customer import LANGUAGES
from web.rendering import page
from web.wording import preferred

_WORDS = Path(__file__).parent / "error_wording"
# Each status that has a page of its own; any other is told as the nearest of its kind.
_KINDS = {404: "missing", 405: "missing", 401: "not_let_in", 403: "not_let_in", 413: "too_much", 429: "too_often"}


def wants_page(request: Request) -> bool:
    """Whether a browser asks for a page; programs, which ask for JSON or do not say, get their answer as JSON."""
    return "text/html" in request.headers.get("accept", "")


def error_page(request: Request, status: int, sentence: str = "") -> HTMLResponse:
    """The page for that status. `sentence` says more where we know more; it is English, and stands below our own."""
    language = preferred(request.headers.get("accept-language"), "en")
    kind = _KINDS.get(status) or ("broken" if status >= 500 else "refused")
    words = words_in(language)
    return page("error.html", status, words=words, said=words[kind], language=language, sentence=sentence, seller=None)


@cache
def words_in(language: str) -> Mapping[str, Any]:
    """The words of these pages in that language; English where there are none."""
    known = language if language in LANGUAGES else "en"
    return tomllib.loads((_WORDS / f"{known}.toml").read_text(encoding="utf-8"))
