"""Which approved sentences a step may be written in, and on which days their words are true."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from jinja2.meta import find_undeclared_variables

from o2c_core.customers.customer import LANGUAGES
from o2c_core.reminders import wording

# What a step needs to be written as a mail, in every language.
_NEEDED = ("subject_one", "subject_many", "opening_one", "opening_many", "ask")
# Which words call the due date one still to come, and which fit any day; all others speak of one that has passed.
_BEFORE_DUE = ("courtesy", "plan_soon")
_ANY_DAY = ("due",)
_PARSER = Environment(autoescape=False)  # noqa: S701 (only asked which values a sentence names)


@dataclass(frozen=True)
class Sentences:
    """What the sentences of one name say: see `reading`, which holds a step against it."""

    name: str
    is_before_due: bool
    is_after_due: bool
    says_late: bool


@cache
def wordings() -> tuple[str, ...]:
    """The names of approved sentences that are there in every language."""
    files = [_file(language) for language in LANGUAGES]
    return tuple(
        name
        for name, of_name in files[0].items()
        if isinstance(of_name, dict) and all(set(_NEEDED) <= set(one.get(name, {})) for one in files)
    )


@cache
def sentences_named(name: str) -> Sentences | None:
    """None when they are not there in every language."""
    if name not in wordings():
        return None
    values: set[str] = set()
    for language in LANGUAGES:
        for sentence in _file(language)[name].values():
            values |= find_undeclared_variables(_PARSER.parse(sentence))
    is_after_due = name not in (*_BEFORE_DUE, *_ANY_DAY)
    return Sentences(name, name in _BEFORE_DUE, is_after_due, bool({"days", "late"} & values))


@cache
def _file(language: str) -> dict[str, Any]:
    assert wording.__file__ is not None
    return tomllib.loads((Path(wording.__file__).parent / f"{language}.toml").read_text(encoding="utf-8"))
