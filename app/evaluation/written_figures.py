"""Figures and days as they stand in a text, by the habits of our four languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel import Locale

from o2c_core.customers.customer import LANGUAGES

_FIGURE = re.compile(
    r"(?P<before>(?:€|\$|£|EUR|USD|GBP)[\s\u00a0\u202f]?)?(?P<figure>\d[\d.,\u00a0\u202f' ]*\d|\d)"
    r"(?P<after>[\s\u00a0\u202f]?(?:€|\$|£|EUR\b|USD\b|GBP\b|euros?\b))?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"[^\W_]*\d[\w-]*(?:[-/]\w+)*")


def figures_in(text: str) -> Iterator[tuple[str, bool]]:
    """Every figure, and whether a currency stands beside it."""
    for found in _FIGURE.finditer(text):
        yield found["figure"], bool(found["before"] or found["after"])


def numbered(text: str) -> list[str]:
    """Words with digits in them: numbers of documents, postcodes, codes."""
    return _NUMBERED.findall(text)


def candidates(figure: str) -> set[Decimal]:
    """What a written figure can mean, by either habit of commas and points."""
    plain = re.sub(r"[\u00a0\u202f' ]", "", figure)
    found: set[Decimal] = set()
    for written in (plain.replace(".", "").replace(",", "."), plain.replace(",", "")):
        try:
            found.add(Decimal(written))
        except InvalidOperation:
            continue
    return found


def shown(amount: Decimal) -> list[str]:
    """An amount in the ways it may be written, where it is long enough to be known again."""
    english = f"{amount:,.2f}"
    dutch = english.translate(str.maketrans(",.", ".,"))
    forms = {english, dutch, english.replace(",", ""), dutch.replace(".", ""), dutch.replace(".", "\u202f")}
    return [one for one in forms if len(one) >= len("10.00")]


def days_in(text: str) -> tuple[str, list[date]]:
    """The text without the days that are written out in it, and those days."""
    found: list[date] = []

    def take(match: re.Match[str]) -> str:
        found.append(date(int(match["year"]), _months()[match["month"].lower()], int(match["day"])))
        return " "

    return _written_day().sub(take, text), found


@lru_cache
def _months() -> dict[str, int]:
    return {
        name.rstrip(".").lower(): number
        for language in LANGUAGES
        for width in ("wide", "abbreviated")
        for number, name in Locale(language).months["format"][width].items()
    }


@lru_cache
def _written_day() -> re.Pattern[str]:
    months = "|".join(sorted(map(re.escape, _months()), key=len, reverse=True))
    return re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:er|\.)?[\s\u00a0](?P<month>{months})\.?[\s\u00a0](?P<year>\d{{4}})\b", re.IGNORECASE
    )
