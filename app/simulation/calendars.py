"""Working days of the simulated places: plain tables, kept apart from the rules that are tried."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

# Fixed days (month, day) and days after Easter Sunday on which offices are shut. Only days that are free in the whole
# country are here, so that the auditor never blames what the law of one region forbids.
_FIXED: dict[str, tuple[tuple[int, int], ...]] = {
    "NL": ((1, 1), (12, 25), (12, 26)),
    "BE": ((1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)),
    "DE": ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26)),
    "FR": ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)),
    "GB": ((1, 1), (12, 25), (12, 26)),
    "US": ((1, 1), (7, 4), (12, 25)),
}
_AFTER_EASTER: dict[str, tuple[int, ...]] = {
    "NL": (1, 39, 50), "BE": (1, 39, 50), "DE": (-2, 1, 39, 50), "FR": (1, 39, 50), "GB": (-2,), "US": (),
}  # fmt: skip


def is_holiday(country: str, day: date) -> bool:
    return (day.month, day.day) in _FIXED[country] or day in _around_easter(country, day.year)


def is_working(country: str, day: date) -> bool:
    """Monday to Friday and no holiday."""
    return day.weekday() < 5 and not is_holiday(country, day)


def working_day(country: str, day: date) -> date:
    """The day itself, or the next one that is worked."""
    while not is_working(country, day):
        day += timedelta(days=1)
    return day


def working_days_later(country: str, day: date, count: int) -> date:
    for _ in range(count):
        day = working_day(country, day + timedelta(days=1))
    return day


def moment(zone: str, day: date, hour: int, minute: int = 0) -> datetime:
    """That time of the clock on the wall there, in UTC."""
    return datetime.combine(day, time(hour, minute), ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))


@lru_cache(maxsize=64)
def _around_easter(country: str, year: int) -> frozenset[date]:
    return frozenset(_easter(year) + timedelta(days=days) for days in _AFTER_EASTER[country])


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar. Source: the anonymous algorithm in Meeus, Astronomical Algorithms, ch. 8."""
    golden, century, in_century = year % 19, *divmod(year, 100)
    leaps, rest = divmod(century, 4)
    moon = (19 * golden + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    quarter, odd = divmod(in_century, 4)
    weekday = (32 + 2 * rest + 2 * quarter - moon - odd) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
