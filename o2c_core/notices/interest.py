"""Interest on what is late: day by day, by the rate of the law that governs the debt, rounded once at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from o2c_core.errors import Refused
from o2c_core.money import Money
from o2c_core.notices.tables import InterestRule, Tables, late_payment_tables

_DAY = timedelta(days=1)


class OtherMoney(Refused):
    """The law's rates and sums are in another currency than the debt; they are not converted."""


@dataclass(frozen=True, slots=True)
class Standing:
    """From that day on, until the next standing, so much is late. Units: minor units of the debt's currency."""

    from_on: date
    minor: int


@dataclass(frozen=True, slots=True)
class Segment:
    """Days in a row with one amount and one rate; both days count. Units: percent a year, days of the year."""

    from_on: date
    to_on: date
    minor: int
    percent: Decimal
    year_days: int

    @property
    def days(self) -> int:
        return (self.to_on - self.from_on).days + 1

    @property
    def exact(self) -> Fraction:
        """The interest of these days in minor units, not rounded."""
        return self.minor * Fraction(self.percent) / 100 * self.days / self.year_days


@dataclass(frozen=True)
class Interest:
    """What the days add up to. `exact` sums without rounding; `amount` is that, rounded half up to the minor unit."""

    currency: str
    segments: tuple[Segment, ...]

    @property
    def exact(self) -> Fraction:
        return sum((segment.exact for segment in self.segments), Fraction(0))

    @property
    def amount(self) -> Money:
        return Money(half_up(self.exact), self.currency)


def interest(
    standings: Sequence[Standing],
    currency: str,
    *,
    country: str,
    kind: str,
    from_on: date,
    to_on: date,
    started_on: date | None = None,
    tables: Tables | None = None,
) -> Interest:
    """The simple interest of the days `from_on` to `to_on`, both counted, on what was late on each of them.

    `started_on` is the day interest began to run (the day after the due day): where the law fixes the rate then, it is
    that day's. Left out, it is the first standing's.

    Raises: NotInTheTables for a day, a country or a kind of customer the tables leave out; OtherMoney.
    """
    tables = tables or late_payment_tables()
    began_on = started_on or (standings[0].from_on if standings else from_on)
    stretches = list(_stretches(standings, from_on, to_on))
    if not stretches:
        return Interest(currency, ())
    rule = tables.interest_rule(country, kind, began_on)
    _check_currency(rule.currency, currency)
    segments = []
    for first, last, minor in stretches:
        for begins, ends in _half_years(first, last):
            rate_on = began_on if rule.moves == "never" else begins
            percent = percent_on(country, kind, rate_on, tables=tables, rule=rule)
            segments.append(Segment(begins, ends, minor, percent, rule.days_in_year(begins.year)))
    return Interest(currency, tuple(_joined(segments)))


def percent_on(
    country: str, kind: str, on: date, *, tables: Tables | None = None, rule: InterestRule | None = None
) -> Decimal:
    """The yearly rate of that day's half-year in percent; where the law fixes it at the start, for what starts that day.

    Raises: NotInTheTables.
    """
    tables = tables or late_payment_tables()
    rule = rule or tables.interest_rule(country, kind, on)
    return max(Decimal(0), tables.reference(rule.reference, on).percent + rule.plus)


def half_up(exact: Fraction) -> int:
    """The whole number nearest to it; of two as near the larger one."""
    return (exact + Fraction(1, 2)).__floor__()


def _check_currency(known: str, currency: str) -> None:
    if known != currency:
        raise OtherMoney(
            f"The law's rates and sums are in {known} and the debt is in {currency}; nothing is converted."
        )


def _stretches(standings: Sequence[Standing], from_on: date, to_on: date) -> Iterator[tuple[date, date, int]]:
    """Days in a row on which the same amount was late, between the two days; nothing late gives no stretch."""
    in_order = sorted(standings, key=lambda standing: standing.from_on)
    for at, standing in enumerate(in_order):
        ends = in_order[at + 1].from_on - _DAY if at + 1 < len(in_order) else to_on
        first, last = max(standing.from_on, from_on), min(ends, to_on)
        if first <= last and standing.minor > 0:
            yield first, last, standing.minor


def _half_years(first: date, last: date) -> Iterator[tuple[date, date]]:
    while first <= last:
        ends = date(first.year, 6, 30) if first.month <= 6 else date(first.year, 12, 31)
        yield first, min(ends, last)
        first = ends + _DAY


def _joined(segments: Sequence[Segment]) -> Iterator[Segment]:
    """Neighbours with the same amount and rate as one, so that what people read is no longer than it has to be."""
    kept: Segment | None = None
    for segment in segments:
        same = kept is not None and (kept.minor, kept.percent, kept.year_days, kept.to_on + _DAY) == (
            segment.minor, segment.percent, segment.year_days, segment.from_on
        )  # fmt: skip
        if kept is not None and same:
            kept = Segment(kept.from_on, segment.to_on, kept.minor, kept.percent, kept.year_days)
            continue
        if kept is not None:
            yield kept
        kept = segment
    if kept is not None:
        yield kept
