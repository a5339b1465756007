"""The hours in which somebody may be written to: when they are open, when they open next and when they close."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from o2c_core.customers.free_days import is_holiday
from o2c_core.reminders.contact_rules import HoursRule, contact_rules
from o2c_core.reminders.zones import country_of, zones_of

# Far enough to leave any row of holidays behind; who has no open hour in that time has none at all.
DAYS_LOOKED_AHEAD = 21
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Opening:
    """Where and by which rules the hours are kept. It is open when every rule allows it in every one of the zones.

    Without rules there are no hours to keep; with rules and without zones nobody can tell, and it is never open.
    """

    rules: tuple[HoursRule, ...]
    zones: tuple[str, ...]
    country: str

    def is_open(self, at: datetime) -> bool:
        if not self.rules:
            return True
        return bool(self.zones) and all(self._allows(at.astimezone(ZoneInfo(zone))) for zone in self.zones)

    def opens_at(self, now: datetime) -> datetime | None:
        """The first moment from `now` on at which it is open; None when there is none within three weeks."""
        return _first(self, now, now + timedelta(days=DAYS_LOOKED_AHEAD), is_open=True)

    def closes_at(self, now: datetime) -> datetime | None:
        """The first moment from `now` on at which it is not open; None when it never closes."""
        return _first(self, now, now + timedelta(days=DAYS_LOOKED_AHEAD), is_open=False) if self.rules else None

    def is_rest_day(self, on: date) -> bool:
        """Whether nobody is written to there on that whole day."""
        return any(not _is_day(rule, self.country, on) for rule in self.rules)

    def next_day(self, on: date) -> date | None:
        """The first day from that one on which is not one of rest."""
        coming = (on + timedelta(days=days) for days in range(DAYS_LOOKED_AHEAD))
        return next((day for day in coming if not self.is_rest_day(day)), None)

    def start_of(self, on: date) -> datetime:
        """The moment by which that day has begun in every zone."""
        return max(
            (_instant(on, 0, ZoneInfo(zone), fold=0) for zone in self.zones),
            default=datetime.combine(on, time(), UTC),
        )

    def _allows(self, local: datetime) -> bool:
        minute = 60 * local.hour + local.minute
        return all(
            rule.from_minute <= minute < rule.to_minute and _is_day(rule, self.country, local.date())
            for rule in self.rules
        )


@lru_cache(maxsize=8192)
def opening_for(country: str, time_zone: str | None, channel: str, address: str | None, on: date) -> Opening:
    """The hours for somebody in that country who is written to at that address, by the rules of that day.

    A number of another country brings that country's rules and zones along: it is open when both are.
    """
    phone = address if channel in ("sms", "whatsapp") else None
    countries = dict.fromkeys((country.upper(), (country_of(phone) if phone else None) or country.upper()))
    rules = {contact_rules().hours_for(one, channel, on): None for one in countries}
    return Opening(tuple(rule for rule in rules if rule), zones_of(country, time_zone, phone), country.upper())


@lru_cache(maxsize=8192)
def _first(opening: Opening, now: datetime, end: datetime, *, is_open: bool) -> datetime | None:
    if opening.is_open(now) is is_open:
        return now
    day = now.astimezone(UTC)
    while day < end:
        # Only at these moments can the answer change, so the first of them that fits is exactly the one.
        changes = sorted({at for zone in opening.zones for at in _changes(opening, ZoneInfo(zone), day)})
        until = min(day + timedelta(days=1), end)
        for at in changes:
            if day < at <= until and opening.is_open(at) is is_open:
                return at
        day += timedelta(days=1)
    return None


def _changes(opening: Opening, zone: ZoneInfo, day: datetime) -> Iterator[datetime]:
    """The moments around one UTC day at which a local clock reads the start or end of hours, or is itself moved."""
    minutes = {0, *(minute for rule in opening.rules for minute in (rule.from_minute, rule.to_minute))}
    for offset in (-1, 0, 1, 2):
        local = day.date() + timedelta(days=offset)
        for minute in minutes:
            for fold in (0, 1):
                yield _instant(local, minute, zone, fold=fold)
    for hours in range(25):
        at = day.replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)
        if _offset(zone, at) != _offset(zone, at + timedelta(hours=1)):
            yield _moved_at(zone, at, at + timedelta(hours=1))


def _instant(on: date, minute: int, zone: ZoneInfo, *, fold: int) -> datetime:
    """When the clock there reads that minute of that day; of two such moments the one named by `fold`."""
    local = datetime.combine(on, time(), zone) + timedelta(minutes=minute)
    return local.replace(fold=fold).astimezone(UTC)


def _moved_at(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second at which the clock there was moved between the two moments."""
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // (2 * _SECOND))
        if _offset(zone, middle) == _offset(zone, before):
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, at: datetime) -> timedelta | None:
    return at.astimezone(zone).utcoffset()


def _is_day(rule: HoursRule, country: str, on: date) -> bool:
    return on.weekday() in rule.weekdays and (rule.on_holidays or not is_holiday(country, on))
