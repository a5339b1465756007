"""What the chat page itself says, in the customer's language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from o2c_core.customers.customer import LANGUAGES


@cache
def words_in(language: str) -> Mapping[str, Any]:
    """The page's words in that language; English where there are none. The file is read once."""
    known = language if language in LANGUAGES else "en"
    return tomllib.loads(Path(__file__).with_name(f"{known}.toml").read_text(encoding="utf-8"))


def preferred(accept_language: str | None, otherwise: str) -> str:
    """The first of our languages that a browser asks for ("de-CH, de;q=0.9, en;q=0.8" is de), else the other one."""
    wishes: list[tuple[float, str]] = []
    for wish in (accept_language or "").split(",")[:20]:
        tag, _, quality = wish.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            continue
        language = tag.split("-")[0].lower()
        if language in LANGUAGES and weight > 0:
            wishes.append((weight, language))
    return max(wishes, key=lambda wish: wish[0])[1] if wishes else otherwise
