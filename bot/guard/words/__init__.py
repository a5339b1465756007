"""The words the guard looks for, per language, in files that translators and lawyers edit without touching code."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from o2c_core.customers.customer import LANGUAGES


@cache
def words(language: str) -> dict[str, Any]:
    """The file of that language. An entry is a word, a stem ("refund*") or a phrase; ".." stands for a few words between."""
    return tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))


def entries(language: str, *path: str) -> list[str]:
    """The entries under that heading: one a line, or several with commas between."""
    found: Any = words(language)
    for step in path:
        found = found.get(step, {})
    return [entry.strip() for entry in str(found or "").replace("\n", ",").split(",") if entry.strip()]


def headings(language: str, path: str) -> list[str]:
    return list(words(language).get(path, {}))


ALL = tuple(LANGUAGES)
