"""Who a reminder greets: a person by the name on record where it is one, and never a guess."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

NAME_CHARACTERS_MAX = 50
_WORDS = {
    name: frozenset(words.split())
    for name, words in tomllib.loads(Path(__file__).with_name("salutation.toml").read_text(encoding="utf-8")).items()
}
_LETTERS = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'’ -])*")

Title = Literal["ms", "mr"]


@dataclass(frozen=True, slots=True)
class Greeted:
    """Whom a greeting names: `title` only where it is known, which never follows from a first name."""

    name: str
    title: Title | None = None


@lru_cache(maxsize=8192)
def greeted(name: str | None, company: str, language: str, *, is_informal: bool = False) -> Greeted | None:
    """Whom to greet, from the contact's name as it is on record; None when it is no person's, or may not be.

    Formally it is the whole name, or title and surname where a title stands before it; by first name only informally.
    """
    words = (name or "").split()
    whole = " ".join(words)
    if not words or len(whole) > NAME_CHARACTERS_MAX or not _LETTERS.fullmatch(whole):
        return None
    if any(part in _WORDS["nobody"] for word in words for part in (word.lower(), *re.split(r"[-/&.]", word.lower()))):
        return None
    title = _title(words[0], language)
    rest = words[1:] if title else words
    if not rest:
        return None
    if is_informal:
        return _first_name(rest, title)
    if title is not None:
        return Greeted(_surname(rest, language), title)
    # One word may be a first name, a surname or a department, and a company's own name is nobody's.
    if len(words) == 1 or whole.casefold() == company.casefold():
        return None
    return Greeted(whole)


def _title(word: str, language: str) -> Title | None:
    low = word.lower()
    if low in _WORDS["ms"]:
        return "ms"
    is_mr = low in _WORDS["mr"] or (low in _WORDS["mr_not_in_dutch"] and language != "nl")
    return "mr" if is_mr else None


def _first_name(words: list[str], title: Title | None) -> Greeted | None:
    first = words[0]
    # "Ms Jansen" and "A. Jansen" have no first name to be called by.
    is_name = title is None and len(first) > 1 and not first.endswith(".") and first[0].isupper()
    return Greeted(first) if is_name and first.lower() not in _WORDS["degrees"] else None


def _surname(words: list[str], language: str) -> str:
    """ "Anna van der Berg" is Van der Berg in Dutch and van der Berg elsewhere; a degree stays before it."""
    at = 0
    while at < len(words) - 1 and words[at].lower() in _WORDS["degrees"]:
        at += 1
    degrees, names = words[:at], words[at:]
    begins = _WORDS["particles"]
    particle = next((place for place, word in enumerate(names[:-1]) if word.lower() in begins), len(names) - 1)
    surname = names[particle:]
    if language == "nl" and not degrees:
        surname = [surname[0][0].upper() + surname[0][1:], *surname[1:]]
    return " ".join([*degrees, *surname])
