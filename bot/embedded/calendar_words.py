"""Which day of the calendar a saying means, seen from today: the next Friday, the 15th, the end of next month."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Prefer = Literal["future", "past"]
Said = tuple[date, bool]  # the day, and whether it can be no other

_FRIDAY = 4
_FAR_DAYS = 183  # a day without a year that is further away than this is perhaps one that just went by


@dataclass(frozen=True)
class Calendar:
    today: date
    prefer: Prefer

    def day(self, year: int, month: int, day: int) -> date | None:
        try:
            return date(year, month, day)
        except (ValueError, OverflowError):
            return None

    def is_preferred(self, on: date) -> bool:
        """Whether the day is on the side of today that is spoken of; today itself always is."""
        return on >= self.today if self.prefer == "future" else on <= self.today

    def after(self, days: int) -> date | None:
        try:
            return self.today + timedelta(days=days)
        except OverflowError:
            return None

    def day_and_month(self, day: int, month: int) -> Said | None:
        """The next (or last) such day; today itself counts."""
        step = 1 if self.prefer == "future" else -1
        for years in range(9):  # a leap day may be eight years away
            on = self.day(self.today.year + step * years, month, day)
            if on is not None and (on - self.today).days * step >= 0:
                return on, abs((on - self.today).days) <= _FAR_DAYS
        return None

    def day_of_month(self, day: int) -> Said | None:
        """The next (or last) 15th; today itself counts. Months without such a day are passed over."""
        step = 1 if self.prefer == "future" else -1
        for months in range(4):
            first = self.month(step * months)
            on = first and self.day(first.year, first.month, day)
            if on and (on - self.today).days * step >= 0:
                return on, True
        return None

    def month(self, months: int) -> date | None:
        """The first day of the month so many months away."""
        count = self.today.year * 12 + self.today.month - 1 + months
        return self.day(count // 12, count % 12 + 1, 1)

    def later(self, months: int) -> date | None:
        """The same day so many months away, or the last day of that month."""
        first = self.month(months)
        return first and first.replace(day=min(self.today.day, monthrange(first.year, first.month)[1]))

    def part_of_month(self, first: date | None, part: str) -> Said | None:
        """Its end ("e"), which is one day, or its start or middle, which are not."""
        if first is None:
            return None
        day = {"e": monthrange(first.year, first.month)[1], "s": 1, "h": 15}[part]
        return first.replace(day=day), part == "e"

    def of_week(self, weeks: int, weekday: int) -> date | None:
        """That day of the week so many weeks from this one; weeks begin on Monday."""
        return self.after(7 * weeks + weekday - self.today.weekday())

    def nearest(self, weekday: int, direction: int = 0) -> date | None:
        """The next (or last) such weekday that is not today."""
        step = direction or (1 if self.prefer == "future" else -1)
        return self.after(step * ((step * (weekday - self.today.weekday()) - 1) % 7 + 1))

    def weekday(self, weekday: int, said: str) -> Said | None:
        """ "Friday", and with the words next ("n"), coming ("c"), this ("t") and last ("l") at it.

        "Next Friday" is that of next week where that is not simply the coming one, and then nobody is sure.
        """
        if said in ("n", "c"):
            coming, of_next = self.nearest(weekday, 1), self.of_week(1, weekday)
            on, is_sure = (of_next if said == "n" else coming), said == "c" or coming == of_next
        elif said == "l":
            on = self.nearest(weekday, -1)
            is_sure = on == self.of_week(-1, weekday)
        elif said == "t":
            on = self.of_week(0, weekday)
            is_sure = on is not None and self.is_preferred(on)
        else:
            on, is_sure = self.nearest(weekday), weekday != self.today.weekday()
        return (on, is_sure) if on else None

    def working_days(self, days: int) -> date | None:
        """So many working days on; weekends do not count, holidays are not known here."""
        on = self.today
        for _ in range(days):
            if on.year > 9000:
                return None
            on += timedelta(days=3 if on.weekday() == _FRIDAY else 2 if on.weekday() == _FRIDAY + 1 else 1)
        return on

    def week_numbered(self, number: int) -> date | None:
        """The Friday of that week by its number."""
        step = 1 if self.prefer == "future" else -1
        for years in range(2):
            try:
                on = date.fromisocalendar(self.today.isocalendar().year + step * years, number, _FRIDAY + 1)
            except ValueError:
                return None
            if (on - self.of_monday()).days * step >= 0:
                return on
        return None

    def of_monday(self) -> date:
        return self.today - timedelta(days=min(self.today.weekday(), self.today.toordinal() - 1))
