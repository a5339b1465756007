"""Payment terms: when an invoice is due, in what parts, and what paying early takes off."""

from __future__ import annotations

import calendar
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from o2c_core.errors import Refused

DAYS_MAX = 365
_TERMS = re.compile(
    r"(?:(?P<percent>\d+(?:[.,]\d{1,2})?)\s*%?\s*/\s*(?P<within>\d+)\s+)?"
    r"(?:(?P<parts>\d+(?:[.,]\d+)?%@\d+(?:\s*\+\s*\d+(?:[.,]\d+)?%@\d+)+)"
    r"|(?:net\s*)?(?P<days>\d+)\s*(?:days?)?\s*(?P<after>eom)?"
    r"|(?P<before>eom)\s*\+?\s*(?P<then>\d+)?)",
    re.IGNORECASE,
)


class TermsUnclear(Refused):
    """Payment terms are written as: net 30, net 30 eom, eom+15, 2/10 net 30, or 30%@0 + 70%@60."""


@dataclass(frozen=True)
class Part:
    """A share of the total in percent, due that many days after the day of issue."""

    percent: Decimal
    days: int


@dataclass(frozen=True)
class PaymentTerms:
    """How long a customer may take. Days are calendar days from the day of issue.

    `month_end` is None, "after" (the days run first, then to the end of that month) or "before" (the month ends
    first, then the days run). With `parts` the invoice is due in instalments and `days` is the last of them.
    `discount_percent` is taken off when everything is paid within `discount_days`.
    """

    days: int
    month_end: str | None = None
    discount_percent: Decimal | None = None
    discount_days: int | None = None
    parts: tuple[Part, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether it is a number of days and nothing else."""
        return self == PaymentTerms(self.days)

    def due_on(self, issued_on: date) -> date:
        """The last day on which paying is not late."""
        if self.month_end == "before":
            return _end_of_month(issued_on) + timedelta(days=self.days)
        due = issued_on + timedelta(days=self.days)
        return _end_of_month(due) if self.month_end == "after" else due

    def discount_until(self, issued_on: date) -> date | None:
        """The last day on which paying early takes something off; None without such terms."""
        return None if self.discount_days is None else issued_on + timedelta(days=self.discount_days)

    def discount_minor(self, total_minor: int) -> int:
        """What paying early takes off, in minor units, rounded half up."""
        if self.discount_percent is None:
            return 0
        return int((total_minor * self.discount_percent / 100).quantize(Decimal(1), ROUND_HALF_UP))

    def instalments(self, issued_on: date, total_minor: int) -> list[tuple[date, int]]:
        """Due day and minor units of each part; they sum to the total, the last takes what rounding leaves."""
        if not self.parts:
            return []
        amounts = [int(total_minor * part.percent / 100) for part in self.parts[:-1]]
        amounts.append(total_minor - sum(amounts))
        return [(issued_on + timedelta(days=part.days), minor) for part, minor in zip(self.parts, amounts, strict=True)]

    def __str__(self) -> str:
        if self.parts:
            said = " + ".join(f"{_plain(part.percent)}%@{part.days}" for part in self.parts)
        elif self.month_end == "before":
            said = f"eom+{self.days}"
        else:
            said = f"net {self.days} eom" if self.month_end else f"net {self.days}"
        if self.discount_percent is None:
            return said
        return f"{_plain(self.discount_percent)}/{self.discount_days} {said}"


def parse_terms(text: str) -> PaymentTerms:
    """The terms as written by `str(terms)`, and as people write them: "30", "Net 30", "30 days EOM", "2/10 net 30".

    Raises: TermsUnclear, also for shares that do not sum to 100, days beyond a year or a discount after the due day.
    """
    found = _TERMS.fullmatch(text.strip())
    if found is None:
        raise TermsUnclear(text=text)
    parts = _parts(found["parts"]) if found["parts"] else ()
    days = parts[-1].days if parts else int(found["days"] or found["then"] or 0)
    month_end = "before" if found["before"] else "after" if found["after"] else None
    percent = Decimal(found["percent"].replace(",", ".")) if found["percent"] else None
    within = int(found["within"]) if found["within"] else None
    terms = PaymentTerms(days, month_end, percent, within, parts)
    if days > DAYS_MAX or (within or 0) > DAYS_MAX or not all(0 < part.percent < 100 for part in parts):
        raise TermsUnclear(text=text)
    if percent is not None and not (0 < percent < 100 and (month_end or (within or 0) <= days)):
        raise TermsUnclear(text=text)
    return terms


def _parts(text: str) -> tuple[Part, ...]:
    said = [piece.split("%@") for piece in text.replace(",", ".").split("+")]
    parts = tuple(Part(Decimal(percent.strip()), int(days)) for percent, days in said)
    in_order = all(first.days < second.days for first, second in itertools.pairwise(parts))
    if sum(part.percent for part in parts) != 100 or not in_order:
        raise TermsUnclear(text=text)
    return parts


def stored_parts(rows: Sequence[dict[str, Any]] | None) -> tuple[Part, ...]:
    """The parts as a JSONB column keeps them: [{"percent": "30", "days": 0}, …]."""
    return tuple(Part(Decimal(str(row["percent"])), int(row["days"])) for row in rows or ())


def rows_of(parts: Sequence[Part]) -> list[dict[str, Any]] | None:
    """The parts for a JSONB column; None when there are none."""
    return [{"percent": _plain(part.percent), "days": part.days} for part in parts] or None


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _end_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
