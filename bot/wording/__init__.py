"""The approved sentences, per language, in files that translators and lawyers edit without touching code."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from o2c_core.customers.customer import LANGUAGES

_SLOT = re.compile(r"\{(\w+)\}")


@cache
def _sentences(language: str) -> dict[str, str]:
    tree = tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))
    return dict(_flat(tree, ""))


def _flat(tree: dict[str, Any], above: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in tree.items():
        if isinstance(value, dict):
            found += _flat(value, f"{above}{name}.")
        else:
            found.append((above + name, value))
    return found


def keys(language: str) -> frozenset[str]:
    """The names of all sentences there are in that language."""
    return frozenset(_sentences(language))


def slots(key: str, language: str) -> frozenset[str]:
    """The names a sentence needs filled."""
    return frozenset(_SLOT.findall(_sentences(language)[key]))


def sentence(key: str, language: str) -> str:
    """The sentence as it is kept, with its slots."""
    return _sentences(language)[key]


def say(key: str, language: str, /, **facts: str) -> str:
    """The approved sentence, with each `{slot}` turned into the place of the fact id given for it: "Order {f1} …".

    Languages we do not speak get English. Raises: KeyError for a sentence or a slot that is not there: our own mistake.
    """
    sentence = _sentences(language if language in LANGUAGES else "en")[key]
    return _SLOT.sub(lambda slot: "{" + facts[slot[1]] + "}", sentence)


@cache
def plain(language: str) -> frozenset[str]:
    """Every approved sentence of the language that needs no fact."""
    return frozenset(sentence for sentence in _sentences(language).values() if not _SLOT.search(sentence))
