"""What a simulated run is judged by: the same formulas for every policy, over the world's own count of the book."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from app.simulation.world import CAUSES, MonthEnd, World
from o2c_core.figures.dso import collection_effectiveness, dso

# The book starts empty, so its first months say nothing about how it is collected.
WARM_UP_DAYS = 90
_SALES_DAYS = 91


@dataclass(frozen=True)
class Outcome:
    """One policy on one seed. Shares and CEI in per cent, DSO and days to pay in days; None where it cannot be told.

    `overdue_share` is overdue over all open, at the month ends after the warm-up together. `days_late` is the mean of
    days past due over bills that were paid, `unpaid_60` the part of bills due at least 60 days ago that is still open.
    `overdue_why` is the overdue share by cause.
    """

    policy: str
    overdue_share: float | None
    dso: float | None
    cei: float | None
    days_late: float | None
    unpaid_60: float | None
    reminders_per_customer: float
    messages_per_customer: float
    complaints_per_1000: float
    overdue_why: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def outcome(world: World, policy: str, messages: int | None = None) -> Outcome:
    """`messages` are all that customers were sent, answers included; where that is not counted, the reminders."""
    ends = _after_warm_up(world)
    receivables, overdue = sum(end.receivables for end in ends), sum(end.overdue for end in ends)
    customers = len(world.people)
    paid = [bill for bill in world.bills if bill.settled_on is not None]
    old = [bill for bill in world.bills if (world.last_day - bill.due_on).days >= 60]
    return Outcome(
        policy=policy,
        overdue_share=_percent(overdue, receivables),
        dso=_dso(world, ends),
        cei=_cei(world, ends),
        days_late=_rounded(
            sum(max(0, (bill.settled_on - bill.due_on).days) for bill in paid if bill.settled_on), len(paid)
        ),
        unpaid_60=_percent(sum(bill.open_minor for bill in old), sum(bill.minor for bill in old)),
        reminders_per_customer=round(world.counts["reminders"] / customers, 2),
        messages_per_customer=round((messages if messages is not None else world.counts["reminders"]) / customers, 2),
        complaints_per_1000=round(1000 * world.counts["complaints"] / customers, 1),
        overdue_why={
            cause: _percent(sum(end.why.get(cause, 0) for end in ends), receivables) or 0.0 for cause in CAUSES
        },
    )


def _after_warm_up(world: World) -> list[MonthEnd]:
    warm_up = min(WARM_UP_DAYS, world.days // 3)
    return [end for end in world.month_ends if (end.on - world.first_day).days >= warm_up]


def _dso(world: World, ends: list[MonthEnd]) -> float | None:
    """The mean over month ends of receivables x days / sales of the 91 days before."""
    found = []
    for end in ends:
        since = end.on - timedelta(days=_SALES_DAYS - 1)
        days = min(_SALES_DAYS, (end.on - world.first_day).days + 1)
        sales = sum(bill.minor for bill in world.bills if since <= bill.issued_on <= end.on)
        figure = dso(end.receivables, sales, days).value
        if figure is not None:
            found.append(float(figure))
    return round(sum(found) / len(found), 1) if found else None


def _cei(world: World, ends: list[MonthEnd]) -> float | None:
    """The collection effectiveness of each month, weighted by what there was to collect in it."""
    begin = {end.on: before.receivables for before, end in zip(world.month_ends, world.month_ends[1:], strict=False)}
    got = possible = 0
    for end in ends:
        start = begin.get(end.on, 0)
        if collection_effectiveness(start, end.sales, end.receivables, end.current, 1).value is not None:
            got += start + end.sales - end.receivables
            possible += start + end.sales - end.current
    return _percent(got, possible)


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def _rounded(total: int, count: int) -> float | None:
    return round(total / count, 2) if count else None
