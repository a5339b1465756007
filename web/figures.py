"""What the page of figures shows: per currency the ageing, how fast sales become money, and what is expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from babel.dates import format_skeleton
from babel.numbers import format_compact_currency, format_decimal
from markupsafe import Markup
from sqlalchemy.orm import Session

from o2c_core.documents.table import Table, write_csv, write_xlsx
from o2c_core.figures.ageing import Ageing, ageing
from o2c_core.figures.agreements import Disputes, Promises, disputes, promises
from o2c_core.figures.awaited import expected
from o2c_core.figures.definitions import DEFINITIONS, EXPECTED, EXPECTED_SOURCE, Definition
from o2c_core.figures.dso import Figure
from o2c_core.figures.expected import Expected
from o2c_core.figures.reports import report_named
from o2c_core.figures.year import Year, years
from o2c_core.money import Money
from web.charts import bars, lines
from web.front import AGES
from web.reader import Reader

_SHORT_AGES = ("Not due", "1–30", "31–60", "61–90", "> 90")
MILESTONES = (2, 4, 8, 13)
FORMATS = {"csv": ("text/csv; charset=utf-8", write_csv),
           "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx)}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One figure as the page tells it, with what it was made of."""

    definition: Definition
    value: str
    why_not: str
    made_of: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Aged:
    """The ageing of one currency with its picture; `rows` say the same in words."""

    ageing: Ageing
    chart: Markup
    rows: Sequence[tuple[str, Money, str]]


@dataclass(frozen=True)
class Coming:
    """The cash expected in one currency with its picture; `rows` say the same: week, in that week, and by its end."""

    expected: Expected
    chart: Markup
    rows: Sequence[tuple[str, Money, Money, Money, Money]]
    milestones: Sequence[tuple[str, Money, Money, Money]]
    later: Money
    total: Money
    disputed: Money


@dataclass(frozen=True)
class InCurrency:
    """Everything there is about one currency."""

    currency: str
    aged: Aged | None
    figures: Sequence[Told]
    coming: Coming | None
    promises: Promises | None
    kept: Sequence[Told]
    disputes: Disputes | None
    cycle: Sequence[Told]


EXPLAINED = {"expected": EXPECTED, "expected_source": EXPECTED_SOURCE}


def figures(session: Session, seller_id: UUID, reader: Reader, on: date) -> list[InCurrency]:
    """The figures as of that day, per currency in order of code."""
    aged = {one.currency: one for one in ageing(session, seller_id, on)}
    year = {one.currency: one for one in years(session, seller_id, on)}
    coming = {one.currency: one for one in expected(session, seller_id, on)}
    promised = {one.currency: one for one in promises(session, seller_id, on)}
    disputed = {one.currency: one for one in disputes(session, seller_id, on)}
    currencies = sorted(aged.keys() | year.keys() | coming.keys() | promised.keys() | disputed.keys())
    return [
        InCurrency(
            currency,
            _aged(aged[currency], reader) if currency in aged else None,
            _of_year(year[currency], reader) if currency in year else (),
            _coming(coming[currency], reader) if currency in coming else None,
            promised.get(currency),
            _of_promises(promised[currency], reader) if currency in promised else (),
            disputed.get(currency),
            _of_disputes(disputed[currency], reader) if currency in disputed else (),
        )
        for currency in currencies
    ]


def file_of(session: Session, seller_id: UUID, name: str, form: str, on: date) -> tuple[bytes, str]:
    """A report as a file of that form, and its media type. Raises: UnknownReport."""
    report = report_named(name)
    media_type, write = FORMATS[form]
    return write(Table(f"{report.title}, {on}", report.columns, report.rows(session, seller_id, on))), media_type


def _aged(one: Ageing, reader: Reader) -> Aged:
    said = "; ".join(f"{age} {reader.money(minor)}" for age, minor in zip(AGES, one.buckets, strict=True))
    chart = bars(
        f"Open in {one.currency} by days past the due date: {said}",
        _SHORT_AGES,
        [float(bucket.major) for bucket in one.buckets],
        write=_axis(reader, one.currency),
        classes=[f"age-{number}" for number in range(len(AGES))],
    )
    whole = one.open.minor
    rows = [(age, bucket, _percent(bucket.minor, whole, reader)) for age, bucket in zip(AGES, one.buckets, strict=True)]
    return Aged(one, chart, rows)


def _percent(part: int, whole: int, reader: Reader) -> str:
    return f"{_number(Decimal(part * 100) / whole, reader, 0)}\N{NO-BREAK SPACE}%" if whole > 0 else "–"


def _coming(one: Expected, reader: Reader) -> Coming:
    by_then = one.by_then

    def money(minor: int) -> Money:
        return Money(minor, one.currency)

    last = by_then[-1]
    chart = lines(
        f"Expected in {one.currency} by the end of each week, from {reader.money(money(by_then[0].likely))} in the first to "
        f"{reader.money(money(last.likely))} in the last, between {reader.money(money(last.low))} and "
        f"{reader.money(money(last.high))}",
        [_week(week.starts_on, reader) if not at % 3 else "" for at, week in enumerate(by_then)],
        [
            ("Low", [float(money(week.low).major) for week in by_then]),
            ("Likely", [float(money(week.likely).major) for week in by_then]),
            ("High", [float(money(week.high).major) for week in by_then]),
        ],
        write=_axis(reader, one.currency),
    )
    rows = [
        (_week(week.starts_on, reader), money(week.likely), money(sums.low), money(sums.likely), money(sums.high))
        for week, sums in zip(one.weeks, by_then, strict=True)
    ]
    milestones = [
        (f"{weeks} weeks", money(sums.low), money(sums.likely), money(sums.high))
        for weeks, sums in enumerate(by_then, 1)
        if weeks in MILESTONES
    ]
    return Coming(one, chart, rows, milestones, money(one.later.likely), money(one.total), money(one.disputed))


def _week(starts_on: date | None, reader: Reader) -> str:
    return "" if starts_on is None else str(format_skeleton("MMMd", starts_on, locale=reader.locale))


def _axis(reader: Reader, currency: str) -> _Axis:
    return _Axis(reader.locale, currency)


@dataclass(frozen=True)
class _Axis:
    """Writes an amount in few letters, as that locale does: "€ 12K", "12.000 €"."""

    locale: str
    currency: str

    def __call__(self, value: float) -> str:
        return str(format_compact_currency(value, self.currency, locale=self.locale, fraction_digits=0))


def _told(name: str, figure: Figure, reader: Reader, *made_of: tuple[str, str]) -> Told:
    known, value = DEFINITIONS[name], figure.rounded(1)
    shown = "–" if value is None else f"{_number(value, reader, 1)}\N{NO-BREAK SPACE}{known.unit}"
    return Told(known, shown, figure.why_not, made_of)


def _number(value: Decimal, reader: Reader, places: int) -> str:
    return str(
        format_decimal(
            round(value, places), format="#,##0." + "0" * places if places else "#,##0", locale=reader.locale
        )
    )


def _of_year(year: Year, reader: Reader) -> list[Told]:
    def amount(name: str, minor: int) -> tuple[str, str]:
        return name, reader.money(year.money(minor))

    end, current = amount("Open on invoices", year.open), amount("Of that not yet due", year.current)
    sales = amount("Credit sales of the year, with tax", year.sales)
    made_of: dict[str, tuple[tuple[str, str], ...]] = {
        "dso": (end, sales),
        "best_possible_dso": (current, sales),
        "average_days_delinquent": (),
        "count_back_dso": (
            end,
            *(amount(f"Sold in month {at}", sold) for at, (sold, _) in enumerate(year.months[:3], 1)),
        ),
        "collection_effectiveness": (
            amount("Open 30 days before", year.open_before),
            amount("Sold since", year.lately),
            end,
            current,
        ),
        "average_days_to_pay": (("Invoices paid in full", str(year.paid_invoices)),),
        "percent_current": (current, end),
        "at_risk": (amount("Billed", year.due), amount("Still open", year.due_unpaid)),
    }
    return [_told(name, figure, reader, *made_of[name]) for name, figure in year.figures.items()]


def _of_promises(one: Promises, reader: Reader) -> list[Told]:
    return [
        _told("promises_kept", one.rate, reader, ("Kept", str(one.kept)), ("Broken", str(one.broken))),
        _told(
            "promised_amounts_kept",
            one.amount_rate,
            reader,
            ("Kept", reader.minor(one.kept_minor, one.currency)),
            ("Broken", reader.minor(one.broken_minor, one.currency)),
        ),
    ]


def _of_disputes(one: Disputes, reader: Reader) -> list[Told]:
    resolved = ("Resolved", str(len(one.days)))
    return [_told("dispute_median", one.median, reader, resolved), _told("dispute_mean", one.mean, reader, resolved)]
