"""Calendar days: how late something is and how a day is written for its reader."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from babel.dates import format_date


def days_late(due_on: date, today: date) -> int:
    """How many days after its due date something is; 0 on the day itself and before it.

    The due date itself is not late. Source: Directive 2011/7/EU art. 3: interest runs from the day after it.
    """
    return max(0, (today - due_on).days)


@lru_cache(maxsize=4096)
def show(day: date, locale: str) -> str:
    """The day in words, as that locale writes it: "3 maart 2026", "3. März 2026", "3 March 2026", "1er mars 2026"."""
    return _first(day, locale, str(format_date(day, format="long", locale=locale)))


@lru_cache(maxsize=4096)
def show_short(day: date, locale: str) -> str:
    """The day for lists: "3 mrt 2026", "3 Mar 2026"."""
    return _first(day, locale, str(format_date(day, format="medium", locale=locale)))


def _first(day: date, locale: str, written: str) -> str:
    """French says "1er" for the first of a month, which CLDR's date formats leave out."""
    return written.replace("1", "1er", 1) if day.day == 1 and locale.startswith("fr") else written
