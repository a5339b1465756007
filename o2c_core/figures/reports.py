"""Every report by its name: a table of a seller's figures or cases on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2c_core.documents.table import Cell
from o2c_core.errors import Refused
from o2c_core.figures import lists
from o2c_core.figures.ageing import BUCKETS, Ageing, ageing, ageing_by_customer, ageing_by_segment
from o2c_core.figures.agreements import disputes, promises
from o2c_core.figures.awaited import expected
from o2c_core.figures.causes import COLUMNS as CAUSE_COLUMNS
from o2c_core.figures.causes import causes_on
from o2c_core.figures.definitions import DEFINITIONS
from o2c_core.figures.dso import Figure
from o2c_core.figures.informed import COLUMNS, informed_on
from o2c_core.figures.lift import lift
from o2c_core.figures.year import years
from o2c_core.money import Money

Rows = Iterable[Sequence[Cell]]


class UnknownReport(Refused):
    """There is no report of that name."""


@dataclass(frozen=True)
class Report:
    """What it is called, its columns, and the rows of one seller as of a day."""

    title: str
    columns: tuple[str, ...]
    rows: Callable[[Session, UUID, date], Rows]


def report_named(name: str) -> Report:
    """Raises: UnknownReport, naming those there are."""
    if name not in REPORTS:
        raise UnknownReport(f"There is no report of that name; there are: {', '.join(REPORTS)}.", name=name)
    return REPORTS[name]


def _aged(one: Ageing) -> list[Cell]:
    return [one.currency, *one.buckets, one.unapplied, one.balance]


def _ageing(session: Session, seller_id: UUID, on: date) -> Rows:
    return [_aged(one) for one in ageing(session, seller_id, on)]


def _customers(session: Session, seller_id: UUID, on: date) -> Rows:
    return [[one.ref, one.name, *_aged(one.ageing)] for one in ageing_by_customer(session, seller_id, on)]


def _segments(session: Session, seller_id: UUID, on: date) -> Rows:
    return [[segment, *_aged(one)] for segment, one in ageing_by_segment(session, seller_id, on)]


def _figures(session: Session, seller_id: UUID, on: date) -> Rows:
    found: list[list[Cell]] = []

    def add(currency: str, name: str, figure: Figure) -> None:
        known = DEFINITIONS[name]
        found.append([currency, known.title, figure.rounded(), known.unit, known.formula, figure.why_not or None])

    for year in years(session, seller_id, on):
        for name, figure in year.figures.items():
            add(year.currency, name, figure)
    for one in promises(session, seller_id, on):
        add(one.currency, "promises_kept", one.rate)
        add(one.currency, "promised_amounts_kept", one.amount_rate)
    for dispute in disputes(session, seller_id, on):
        add(dispute.currency, "dispute_median", dispute.median)
        add(dispute.currency, "dispute_mean", dispute.mean)
    return found


def _expected(session: Session, seller_id: UUID, on: date) -> Rows:
    found: list[list[Cell]] = []
    for one in expected(session, seller_id, on):
        for week, sums in zip([*one.weeks, one.later], [*one.by_then, None], strict=True):
            minors = [week.low, week.likely, week.high]
            minors += [sums.low, sums.likely, sums.high] if sums else [one.total] * 3
            found.append([one.currency, week.starts_on, *(Money(minor, one.currency) for minor in minors)])
    return found


def _lift(session: Session, seller_id: UUID, on: date) -> Rows:
    return [
        [one.trial, one.rung, one.arm, one.customers, one.invoices, one.too_recent, one.measure.name, one.measure.unit,
         *map(_two_places, (one.value, one.difference.value, one.difference.low, one.difference.high)),
         one.difference.remark or None]
        for one in lift(session, seller_id, on)
    ]  # fmt: skip


def _two_places(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.2f}")


_AGES = ("Currency", *BUCKETS, "Unapplied", "Balance")


def _list(title: str, query: str, columns: Sequence[str]) -> Report:
    """A report whose rows stand in SQL; its columns are named as people read them: `amount_minor` is "Amount"."""

    def rows(session: Session, seller_id: UUID, on: date) -> Rows:
        found = session.execute(text(query), {"seller": seller_id, "on": on}).mappings()
        return [[_cell(row, column) for column in columns] for row in found]

    return Report(
        title, tuple(column.removesuffix("_minor").replace("_", " ").capitalize() for column in columns), rows
    )


def _cell(row: Any, column: str) -> Cell:
    value: Cell = row[column]
    return Money(int(row[column]), row["currency"]) if column.endswith("_minor") else value


_WHO = ("customer", "name")

REPORTS: dict[str, Report] = {
    "ageing": Report("Open amounts by days past the due date", _AGES, _ageing),
    "ageing-customers": Report("Open amounts per customer", ("Customer", "Name", *_AGES), _customers),
    "ageing-segments": Report("Open amounts per segment", ("Segment", *_AGES), _segments),
    "dso": Report(
        "How fast sales become money, over the year before",
        ("Currency", "Figure", "Value", "Unit", "Formula", "Remark"),
        _figures,
    ),
    "expected": Report(
        "Cash expected by week",
        ("Currency", "Week from", "Low", "Likely", "High", "By then low", "By then likely", "By then high"),
        _expected,
    ),
    "promises": _list(
        "Promises to pay",
        lists.PROMISES,
        (*_WHO, "made_on", "promised_on", "currency", "amount_minor", "state", "settled_on", "channel", "words"),
    ),
    "disputes": _list(
        "Disputes",
        lists.DISPUTES,
        ("number", *_WHO, "invoice", "reason", "currency", "amount_minor", "opened_on", "state", "resolved_on", "days",
         "answer_by", "owner", "outcome"),
    ),
    "complaints": _list(
        "Complaints",
        lists.COMPLAINTS,
        ("number", *_WHO, "category", "severity", "owner", "opened_on", "answer_by", "state", "resolved_on", "about",
         "resolution"),
    ),
    "causes": Report(
        "What lay behind the disputes and complaints resolved in the ninety days before", CAUSE_COLUMNS, causes_on
    ),
    "reminders": _list(
        "Reminders of the day",
        lists.REMINDERS,
        (*_WHO, "invoice", "step", "currency", "asked_minor", "channel", "state"),
    ),
    "conversations": _list(
        "Conversations of the thirty days before, by channel and language",
        lists.CONVERSATIONS,
        ("channel", "language", "conversations", "questions", "by_assistant", "by_people", "handed_over",
         "median_seconds"),
    ),
    "lift": Report(
        "What trials by lot showed, with 95 % confidence intervals",
        ("Trial", "Step", "Arm", "Customers", "Invoices", "Too recent", "Measure", "Unit", "Value", "Difference", "Low",
         "High", "Remark"),
        _lift,
    ),
    "informed": Report("What customers were told of on the day, and why not", COLUMNS, informed_on),
    "payments": _list(
        "Money and credit not set against an invoice",
        lists.PAYMENTS,
        (*_WHO, "kind", "reference", "received_on", "currency", "amount_minor", "unapplied_minor"),
    ),
    "open-invoices": _list(
        "Open invoices",
        lists.OPEN_INVOICES,
        (*_WHO, "invoice", "purchase_order", "issued_on", "due_on", "days_late", "currency", "invoiced_minor",
         "open_minor"),
    ),
}  # fmt: skip
