"""Days as spreadsheets and ERPs write them, read without a doubt or refused by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from o2c_core.imports.cells import CellRefused
from o2c_core.imports.report import ImportReport

_TIME = r"(?:[ T]+[0-9]{1,2}[:.][0-9]{2}.*)?"
_ISO = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})" + _TIME)
_SOLID = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
_PARTS = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{2}|[0-9]{4})" + _TIME)
_SERIAL = re.compile(r"([0-9]{5})(?:[.,][0-9]+)?")
# Excel counts days from here (its own first two months are one off, and lie before every date we believe).
_EXCEL_START = date(1899, 12, 30)
_FIRST, _LAST = date(1990, 1, 1), date(2100, 1, 1)
_REMEMBERED_MAX = 50_000


class Days:
    """Reads days in one file. `days` is "day first", "month first", a format of strptime's, or None: as the file shows."""

    def __init__(self, days: str | None, time_zone: str, report: ImportReport) -> None:
        self.order = days if days is not None and "%" not in days else None
        self._format = days if days is not None and "%" in days else None
        self._zone = ZoneInfo(time_zone)
        self._report = report
        self._remembered: dict[str, date] = {}

    def learn(self, samples: Iterable[object]) -> None:
        """Takes over the order of day and month that the samples show, when they all show the same one."""
        if self.order is None and self._format is None:
            shown = {
                order for raw in samples if isinstance(raw, str) and (order := _order_shown(raw.strip())) is not None
            }
            if len(shown) == 1:
                self.order = shown.pop()
                if self.order == "month first":
                    self._report.remarks.append("dates are read with the month first, as the file writes them")

    def read(self, raw: object) -> date:
        """The day, in the seller's time zone where the cell names one.

        Raises: CellRefused: not a day, ambiguous, of a year with two digits, or outside 1990 to 2099.
        """
        if type(raw) is str:
            known = self._remembered.get(raw)
            if known is None:
                known = self._believed(raw, self._written(raw.strip()))
                if len(self._remembered) < _REMEMBERED_MAX and not _SERIAL.fullmatch(raw.strip()):
                    self._remembered[raw] = known
            return known
        if isinstance(raw, datetime):
            return self._believed(raw, (raw.astimezone(self._zone) if raw.tzinfo else raw).date())
        if isinstance(raw, date):
            return self._believed(raw, raw)
        if isinstance(raw, (int, float, Decimal)) and not isinstance(raw, bool) and 20_000 <= raw < 80_000:
            return self._serial(raw, int(raw))
        raise CellRefused(f"'{raw}' is not a day")

    def _believed(self, raw: object, day: date) -> date:
        if not _FIRST <= day < _LAST:
            raise CellRefused(f"'{raw}' is a day in the year {day.year}, which cannot be")
        return day

    def _serial(self, raw: object, days: int) -> date:
        day = _EXCEL_START + timedelta(days=days)
        self._report.say("a day written as Excel's serial number was read as that day", f"{raw}' as '{day}")
        return self._believed(raw, day)

    def _written(self, text: str) -> date:
        try:
            if self._format is not None:
                return datetime.strptime(text, self._format).date()  # noqa: DTZ007 (only the day is kept)
            if iso := _ISO.fullmatch(text):
                return self._iso(text, iso)
            if solid := _SOLID.fullmatch(text):
                return date(int(solid[1]), int(solid[2]), int(solid[3]))
            if parts := _PARTS.fullmatch(text):
                return self._parts(text, int(parts[1]), parts[2], int(parts[3]), parts[4])
        except ValueError as odd:
            if self._format is None or not _SERIAL.fullmatch(text):
                expected = f", written as {self._format}" if self._format else ""
                raise CellRefused(f"'{text}' is not a day{expected}") from odd
        if serial := _SERIAL.fullmatch(text):
            return self._serial(text, int(serial[1]))
        raise CellRefused(f"'{text}' is not a day")

    def _iso(self, text: str, parts: re.Match[str]) -> date:
        if len(text) > 19:
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                moment = None
            if moment is not None and moment.tzinfo is not None:
                return moment.astimezone(self._zone).date()
        return date(int(parts[1]), int(parts[2]), int(parts[3]))

    def _parts(self, text: str, first: int, mark: str, second: int, year: str) -> date:
        if len(year) == 2:
            raise CellRefused(f"'{text}' has a year of two digits; say how days are written in the profile")
        order = "day first" if mark == "." else self.order or _order_of(first, second)
        if order is None:
            raise CellRefused(f'\'{text}\' is ambiguous: say days = "day first" or days = "month first" in the profile')
        day, month = (first, second) if order == "day first" else (second, first)
        if month > 12 >= day:
            raise CellRefused(f"'{text}' is not a day with the {order}, as this file writes them")
        return date(int(year), month, day)


def _order_shown(text: str) -> str | None:
    parts = _PARTS.fullmatch(text)
    if parts is None or parts[2] == "." or parts[1] == parts[3]:
        return None
    return _order_of(int(parts[1]), int(parts[3]))


def _order_of(first: int, second: int) -> str | None:
    if first > 12 or first == second:
        return "day first"
    return "month first" if second > 12 else None
