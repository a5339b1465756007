"""Lists of words per language, which people who speak it can edit without touching code."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Words:
    """The files say what each list is for."""

    telltale: str
    angry: tuple[str, ...] = ()
    legal: tuple[str, ...] = ()
    person: tuple[str, ...] = ()
    bereaved: tuple[str, ...] = ()
    insolvent: tuple[str, ...] = ()
    worried: tuple[str, ...] = ()
    vulnerable: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    please: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    after_no: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


@cache
def words(language: str) -> Words:
    """The lists of one language, or of "other": all those we do not speak."""
    listed = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    lists = {name.name: tuple(listed.get(name.name, ())) for name in fields(Words) if name.name != "telltale"}
    return Words(listed["telltale"], **lists)
