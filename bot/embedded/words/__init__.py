"""Lists of words per language, which people who speak it can edit without touching code."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Words:
    telltale: str
    angry: tuple[str, ...] = ()
    legal: tuple[str, ...] = ()
    grave: tuple[str, ...] = ()


@cache
def words(language: str) -> Words:
    """The lists of one language, or of "other": all those we do not speak."""
    listed = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return Words(listed["telltale"], *(tuple(listed.get(name, ())) for name in ("angry", "legal", "grave")))
