"""The time in which somebody can be expected to act: hours of working days, where the seller is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from o2c_core.customers.free_days import is_holiday
from o2c_core.errors import Refused

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? ([0-2]\d):([0-5]\d)-([0-2]\d):([0-5]\d)")
_SPAN = re.compile(r"([1-9]\d{0,2}) (hour|day)s?")
# Beyond this many days there is a mistake in the hours, not a long holiday.
_DAYS_LOOKED_AHEAD = 800


class HoursUnclear(Refused):
    """Working hours are written as "mon-fri 09:00-17:00", and a time within them as "4 hours" or "2 days"."""


@dataclass(frozen=True)
class Span:
    """So many working hours, or so many working days."""

    count: int
    unit: Literal["hour", "day"]

    def __str__(self) -> str:
        return f"{self.count} working {self.unit}{'' if self.count == 1 else 's'}"


@dataclass(frozen=True)
class WorkingHours:
    """When people work. Units: minutes of the local day; `weekdays` are 0 (Monday) to 6."""

    weekdays: frozenset[int]
    from_minute: int
    to_minute: int

    def is_working(self, at: datetime, zone: ZoneInfo, country: str) -> bool:
        local = at.astimezone(zone)
        minute = 60 * local.hour + local.minute
        return self.is_day(local.date(), country) and self.from_minute <= minute < self.to_minute

    def is_day(self, on: date, country: str) -> bool:
        return on.weekday() in self.weekdays and not is_holiday(country, on)

    def later(self, at: datetime, span: Span, zone: ZoneInfo, country: str) -> datetime:
        """The moment by which so much working time has gone by since `at`.

        Hours are counted only while people work. A day ends at the same time of a working day as it began; what begins
        outside the hours begins when they next open.
        """
        if span.unit == "hour":
            return self.after(at, timedelta(hours=span.count), zone, country)
        local = self._begin(at.astimezone(zone), country)
        for _ in range(span.count):
            local = self.opening(local.date() + timedelta(days=1), zone, country).replace(
                hour=local.hour, minute=local.minute, second=local.second, microsecond=local.microsecond
            )
        return local.astimezone(UTC)

    def after(self, at: datetime, left: timedelta, zone: ZoneInfo, country: str) -> datetime:
        """The moment by which people have worked for so long since `at`."""
        local = self._begin(at.astimezone(zone), country)
        while True:
            # Hours that go by, and not hands of a clock: a day on which the clock is put forward or back has them as well.
            begun = local.astimezone(UTC)
            room = self._at(local.date(), self.to_minute, zone).astimezone(UTC) - begun
            if left <= room:
                return begun + left
            left -= room
            local = self.opening(local.date() + timedelta(days=1), zone, country)

    def opening(self, on: date, zone: ZoneInfo, country: str) -> datetime:
        """When people begin on that day, or on the first after it on which they work."""
        for days in range(_DAYS_LOOKED_AHEAD):
            day = on + timedelta(days=days)
            if self.is_day(day, country):
                return self._at(day, self.from_minute, zone)
        raise HoursUnclear

    def _begin(self, local: datetime, country: str) -> datetime:
        """That moment where people work then, else the next at which they begin."""
        zone = local.tzinfo
        assert isinstance(zone, ZoneInfo)
        if self.is_day(local.date(), country):
            opens = self._at(local.date(), self.from_minute, zone)
            if local < opens:
                return opens
            if local < self._at(local.date(), self.to_minute, zone):
                return local
        return self.opening(local.date() + timedelta(days=1), zone, country)

    def _at(self, on: date, minute: int, zone: ZoneInfo) -> datetime:
        # An hour before midnight is the latest end that is written, so the day has that minute.
        return datetime.combine(on, time(minute // 60, minute % 60), zone)

    def __str__(self) -> str:
        days = sorted(self.weekdays)
        named = _DAYS[days[0]] if len(days) == 1 else f"{_DAYS[days[0]]}-{_DAYS[days[-1]]}"
        return f"{named} {_clock(self.from_minute)}-{_clock(self.to_minute)}"


def read_hours(text: str) -> WorkingHours:
    """Raises: HoursUnclear."""
    found = _HOURS.fullmatch(text.strip().lower())
    if found is None:
        raise HoursUnclear(text=text)
    first, last, from_hour, from_minute, to_hour, to_minute = found.groups()
    last = last or first
    begin, end = 60 * int(from_hour) + int(from_minute), 60 * int(to_hour) + int(to_minute)
    is_week = first in _DAYS and last in _DAYS and _DAYS.index(first) <= _DAYS.index(last)
    if not is_week or not begin < end < 24 * 60:
        raise HoursUnclear(text=text)
    return WorkingHours(frozenset(range(_DAYS.index(first), _DAYS.index(last) + 1)), begin, end)


def read_span(text: str) -> Span:
    """Raises: HoursUnclear."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        raise HoursUnclear(text=text)
    return Span(int(found[1]), "hour" if found[2] == "hour" else "day")


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
