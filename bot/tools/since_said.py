"""From which day on a statement is wanted: a day, a month, a quarter or a year that the customer's words name."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from babel.dates import get_month_names

from bot.embedded.days_said import days_said
from o2c_core.customers.customer import LANGUAGES

# "This" and "last", by what they are of.
_PERIODS: dict[str, tuple[str, str]] = {
    "year": (
        r"this year|dit jaar|(?:dieses|diesem) jahr|cette ann[ée]e",
        r"last year|(?:vorig|afgelopen) jaar|letzte[sn]? jahr|l'ann[ée]e (?:derni[èe]re|pass[ée]e)",
    ),
    "quarter": (
        r"this quarter|dit kwartaal|(?:dieses|diesem) quartal|ce trimestre",
        r"last quarter|(?:vorig|afgelopen) kwartaal|letzte[sn]? quartal|trimestre (?:dernier|pass[ée])",
    ),
    "month": (
        r"this month|deze maand|diese[nm] monat|ce mois(?:-ci)?",
        r"last month|(?:vorige|afgelopen) maand|letzte[nm]? monat|mois (?:dernier|pass[ée])",
    ),
}
_YEAR = re.compile(r"(?<![\w/.-])((?:19|20)\d\d)(?![\w/-]|[.,]\d)")
_DAY_BEFORE = re.compile(r"\d(?:st|nd|rd|th|er|e|\.)?\s(?:of\s)?$")
_MONTH_ENDS = r"(?![\w-])(?!\.?\s\d{1,2}(?:st|nd|rd|th)?(?!\d))\.?(?:\s(?P<year>(?:19|20)\d\d)\b)?"


def since_said(words: str, *, language: str, today: date, country: str) -> date | None:
    """The first day that is meant, never one to come; None where the words name none.

    Of "from January to March" it is the first of January, and a month without its year is the last one there was.
    """
    named = [match for match in _months().finditer(words) if _DAY_BEFORE.search(words[: match.start()]) is None]
    # "January to March 2025": the year stands once, behind the last of them.
    years = [match["year"] for match in named]
    months = [
        _month_of(match, today, next((year for year in years[place:] if year), None))
        for place, match in enumerate(named)
    ]
    days = [
        said.on
        for said in days_said(words, language=language, today=today, country=country, prefer="past")
        if said.is_sure and not _is_only_a_month(said.text)
    ]
    found = [day for day in (*months, *days, *_periods(words, today)) if day <= today]
    if found:
        return min(found)
    whole = [date(int(match[1]), 1, 1) for match in _YEAR.finditer(words)]
    return min((day for day in whole if day <= today), default=None)


def _periods(words: str, today: date) -> list[date]:
    found = []
    for period, (this, last) in _PERIODS.items():
        for pattern, back in ((this, 0), (last, 1)):
            if re.search(rf"\b(?:{pattern})\b", words, re.IGNORECASE):
                found.append(_first_of(period, today, back))
    return found


def _first_of(period: str, today: date, back: int) -> date:
    if period == "year":
        return date(today.year - back, 1, 1)
    months = today.year * 12 + today.month - 1
    months = months - months % 3 - 3 * back if period == "quarter" else months - back
    return date(months // 12, months % 12 + 1, 1)


def _month_of(match: re.Match[str], today: date, year: str | None) -> date:
    number = _month_numbers()[match["month"].lower()]
    if year is not None:
        return date(int(year), number, 1)
    return date(today.year - (number > today.month), number, 1)


@cache
def _month_numbers() -> dict[str, int]:
    return {
        name.lower(): number
        for language in LANGUAGES
        for number, name in get_month_names("wide", locale=language).items()
    }


@cache
def _months() -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, _month_numbers()), key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?P<month>{names}){_MONTH_ENDS}", re.IGNORECASE)


def _is_only_a_month(text: str) -> bool:
    return _months().fullmatch(text.strip()) is not None
