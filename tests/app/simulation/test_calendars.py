"""The simulated calendar: Easter, holidays and working days, told apart from the rules that are tried."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import pytest
from dateutil.easter import easter

from app.simulation.calendars import is_holiday, is_working, moment, working_day, working_days_later


@pytest.mark.parametrize("year", range(2000, 2060))
def test_easter_monday_is_a_holiday_in_the_netherlands(year: int) -> None:
    assert is_holiday("NL", easter(year) + timedelta(days=1))
    assert not is_holiday("NL", easter(year) + timedelta(days=2)) or (easter(year) + timedelta(days=2)).month != 4


@pytest.mark.parametrize("country", ["NL", "BE", "DE", "FR", "GB", "US"])
def test_every_holiday_here_is_one_by_the_published_lists(country: str) -> None:
    published = holidays.country_holidays(country, years=[2025, 2026])
    ours = [day for day in _days(date(2025, 1, 1), 730) if is_holiday(country, day)]
    assert len(ours) >= 6
    assert [day for day in ours if day not in published] == []


def test_a_working_day_is_the_day_itself_or_the_next_one() -> None:
    assert working_day("NL", date(2026, 3, 16)) == date(2026, 3, 16)
    assert working_day("NL", date(2026, 3, 14)) == date(2026, 3, 16)
    assert working_days_later("NL", date(2026, 4, 2), 1) == date(2026, 4, 3)
    assert working_days_later("DE", date(2026, 4, 2), 1) == date(2026, 4, 7)
    assert not is_working("GB", date(2026, 4, 3))


def test_a_moment_is_told_in_utc() -> None:
    assert moment("Europe/Amsterdam", date(2026, 7, 1), 9).hour == 7
    assert moment("America/New_York", date(2026, 1, 5), 9).hour == 14


def _days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]
