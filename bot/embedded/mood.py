"""Whether a message is angry, or speaks of lawyers and courts, or of a death, illness or insolvency."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.embedded.language import OURS
from bot.embedded.words import words

_LOUD_LETTERS_MIN = 12


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """A star at the end of a phrase stands for any ending."""
    patterns = [re.escape(phrase).replace(r"\*", r"\w*") for phrase in phrases]
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)


# All languages at once: people who are angry in Dutch do it with English words as well.
_ANGRY = _any_of(phrase for language in OURS for phrase in words(language).angry)
_LEGAL = _any_of(phrase for language in OURS for phrase in words(language).legal)
_GRAVE = _any_of(phrase for language in OURS for phrase in words(language).grave)
_SHOUTED = re.compile(r"!{3,}|\?![?!]+|!\?[?!]*!")


def is_angry(text: str) -> bool:
    """A word of anger, a row of exclamation marks, or a whole message in capitals."""
    if _ANGRY.search(text) or _SHOUTED.search(text):
        return True
    letters = [character for character in text if character.isalpha()]
    return len(letters) >= _LOUD_LETTERS_MIN and len(text.split()) > 2 and all(letter.isupper() for letter in letters)


def is_legal_threat(text: str) -> bool:
    """A word of lawyers or courts. It says that a person should read this, not that it is a threat."""
    return _LEGAL.search(text) is not None


def is_grave(text: str) -> bool:
    """A word of death, illness or insolvency: a person should read this, whatever else it asks."""
    return _GRAVE.search(text) is not None
