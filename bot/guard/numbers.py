"""Numbers in words, also run together: "vijfentwintig", "zweihundertste", "quatre-vingts"."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from bot.guard.words import ALL, entries

_SUFFIX = (
    r"(?:s|th|st|nd|rd|fold|some|de|ste|voud|voudig|maal|tal|te[nrms]?|ste[nrms]?|fach|mal|erlei|prozentig|i?[eè]mes?)?"
)


@cache
def _pattern(language: str) -> re.Pattern[str]:
    strong = sorted((re.escape(part) for part in entries(language, "numbers", "parts")), key=len, reverse=True)
    weak = sorted((re.escape(part) for part in entries(language, "numbers", "glue")), key=len, reverse=True)
    glue = f"(?:{'|'.join(weak)})" if weak else "(?:)"
    part = f"(?:{'|'.join(strong)})"
    return re.compile(rf"(?:{glue}*{part})+{_SUFFIX}")


@cache
def _whole(language: str) -> frozenset[str]:
    return frozenset(entries(language, "numbers", "whole"))


@cache
def _innocent(language: str) -> frozenset[str]:
    return frozenset(entries(language, "innocent"))


@lru_cache(maxsize=20_000)
def is_number_word(word: str, language: str) -> bool:
    """Whether the word, in small letters, is a number in that language, or in another one where it means nothing else
    here: "onze" is eleven in French and "our" in Dutch."""
    forms = {word, "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))}
    spoken = (language,) if word in _innocent(language) else ALL
    return any(form in _whole(one) or _pattern(one).fullmatch(form) is not None for one in spoken for form in forms)
