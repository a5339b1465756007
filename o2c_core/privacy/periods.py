"""How long each kind of data is kept: `retention.toml`, as code reads it."""

from __future__ import annotations

import calendar
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

FROM = ("own day", "year end")


@dataclass(frozen=True)
class Period:
    """How long one kind of data is kept, in months or days, and what happens then."""

    kind: str
    covers: str
    then: str
    counted_from: str
    default: int
    unit: str = "months"
    countries: Mapping[str, int] = field(default_factory=dict)
    sources: tuple[str, ...] = ()

    def length(self, country: str) -> int:
        """In the period's unit; a country that is not named has the default."""
        return self.countries.get(country.upper(), self.default)

    def over_before(self, today: date, country: str) -> date:
        """What happened before this day has been kept long enough. A period counts its last day in full."""
        length = self.length(country)
        if self.unit == "days":
            return today - timedelta(days=length)
        if self.counted_from == "year end":
            # Something of any day in a year may go when as many whole years have passed after that year's last day.
            return date(_months_before(date(today.year, 1, 1), length).year, 1, 1)
        return _months_before(today, length)


@cache
def periods() -> Mapping[str, Period]:
    """Every kind, in the order of the file."""
    tree = tomllib.loads(files(__package__).joinpath("retention.toml").read_text("utf-8"))
    return {kind: _period(kind, said) for kind, said in tree["kinds"].items()}


def _period(kind: str, said: dict[str, Any]) -> Period:
    return Period(
        kind, said["covers"], said["then"], said["from"], said["default"], said.get("unit", "months"),
        said.get("months", {}), tuple(said["sources"]),
    )  # fmt: skip


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
