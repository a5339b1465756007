"""In what mood a message is written: angry, worried, threatening with a court, or by somebody in need of care."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.embedded.language import OURS
from bot.embedded.words import words

_LOUD_LETTERS_MIN = 12
_BETWEEN = r"\W+(?:[\w'’-]+\W+){0,3}?"  # what "…" stands for


def _any_of(phrases: Iterable[str], people: Iterable[str] = ()) -> re.Pattern[str]:
    """A star at the end of a phrase stands for any ending, "…" for up to three words, {person} for a person."""
    somebody = rf"(?:{'|'.join(re.escape(one) for one in people)})"
    patterns = [
        re.escape(phrase)
        .replace("'", "['’]")
        .replace(r"\{person\}", somebody)
        .replace(r"\ …\ ", _BETWEEN)
        .replace(r"\*", r"\w*")
        for phrase in phrases
    ]
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)


def _grave(name: str) -> re.Pattern[str]:
    """Phrases of one list; "father" of one language and "died" of another are not put together."""
    parts = [_any_of(getattr(words(language), name), words(language).person).pattern for language in OURS]
    return re.compile("|".join(parts), re.IGNORECASE)


# All languages at once: people who are angry in Dutch do it with English words as well.
_ANGRY = _any_of(phrase for language in OURS for phrase in words(language).angry)
_LEGAL = _any_of(phrase for language in OURS for phrase in words(language).legal)
_WORRIED = _any_of(phrase for language in OURS for phrase in words(language).worried)
_HARMLESS = _any_of(phrase for language in OURS for phrase in words(language).harmless)
_BEREAVED, _INSOLVENT, _VULNERABLE = _grave("bereaved"), _grave("insolvent"), _grave("vulnerable")
_SHOUTED = re.compile(r"!{3,}|\?![?!]+|!\?[?!]*!")


def is_angry(text: str) -> bool:
    """A word of anger, a row of exclamation marks, or a whole message in capitals."""
    if _says(_ANGRY, text) or _SHOUTED.search(text):
        return True
    letters = [character for character in text if character.isalpha()]
    return len(letters) >= _LOUD_LETTERS_MIN and len(text.split()) > 2 and all(letter.isupper() for letter in letters)


def is_legal_threat(text: str) -> bool:
    """A word of lawyers or courts. It says that a person should read this, not that it is a threat."""
    return _says(_LEGAL, text)


def is_bereaved(text: str) -> bool:
    """A word of death or grave illness."""
    return _says(_BEREAVED, text)


def is_insolvent(text: str) -> bool:
    """A word of bankruptcy, winding up or help with debts."""
    return _says(_INSOLVENT, text)


def is_grave(text: str) -> bool:
    """A word of death, illness or insolvency: a person should read this, whatever else it asks."""
    return is_bereaved(text) or is_insolvent(text)


def is_worried(text: str) -> bool:
    return _says(_WORRIED, text)


def is_vulnerable(text: str) -> bool:
    """A word of hunger, of losing a home, of self-harm, of violence, of mental strain or of confusion in old age."""
    return _says(_VULNERABLE, text)


def _says(phrases: re.Pattern[str], text: str) -> bool:
    if not phrases.search(text):  # nearly always, and then there is nothing to take out
        return False
    return phrases.search(_HARMLESS.sub(" | ", text)) is not None
