"""Cash expected by week, from due days, what was promised and planned, and how late each customer usually is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from uuid import UUID

from o2c_core.invoices.habit import Habits

WEEKS = 13
# Who is past the day money usually comes: the longer it is ago, the longer it is still expected to take. These are the
# quartiles of what is left under a Pareto law with index one: a third as long again, as long again, three times as long.
AGAIN = (1 / 3, 1.0, 3.0)


@dataclass(frozen=True)
class OpenItem:
    """What is open and undisputed of an invoice or of one of its instalments, in minor units."""

    invoice_id: UUID
    customer_id: UUID
    segment: str | None
    currency: str
    due_on: date
    minor: int


@dataclass(frozen=True)
class Agreed:
    """An amount that was promised, or is a part of a plan, for a day: for those invoices, or for any when none is named.

    It counts until the day `until_on`; after that nobody keeps to it and the habit holds again.
    """

    customer_id: UUID
    currency: str
    on: date
    until_on: date
    minor: int
    invoice_ids: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Arrival:
    """An amount with the days on which it comes if it is quick, as is likely, and if it is slow."""

    minor: int
    quick_on: date
    likely_on: date
    slow_on: date


@dataclass(frozen=True)
class Week:
    """What comes in the seven days from Monday `starts_on`, in minor units; None for all that comes later.

    `low` is what comes when everybody is slow, `high` when everybody is quick. Of a single week `low` may be more than
    `high`, since quick money came before it; of all weeks up to one it never is.
    """

    starts_on: date | None
    low: int
    likely: int
    high: int


@dataclass(frozen=True)
class Expected:
    """One currency's weeks and what comes later; together they are all that is open and undisputed."""

    currency: str
    weeks: Sequence[Week]
    later: Week
    disputed: int

    @property
    def total(self) -> int:
        return sum(week.likely for week in self.weeks) + self.later.likely

    @property
    def by_then(self) -> list[Week]:
        """Each week with everything up to its end."""
        low = likely = high = 0
        found = []
        for week in self.weeks:
            low, likely, high = low + week.low, likely + week.likely, high + week.high
            found.append(Week(week.starts_on, low, likely, high))
        return found


def arrivals(
    items: Sequence[OpenItem], agreed: Sequence[Agreed], habits: Habits, today: date
) -> dict[str, list[Arrival]]:
    """When all that is open is expected, per currency; the amounts sum to those of the items.

    What was promised or planned comes on its day, or when slow on its last; it is taken off the customer's oldest items
    (of the invoices it names, if it names any), so nothing is expected twice. The rest comes so many days after its due
    day as the customer usually takes. Where that day has passed, the time since is what is left to wait, by `AGAIN`.
    """
    left: dict[tuple[UUID, str], list[_Left]] = defaultdict(list)
    for item in sorted(items, key=lambda item: (item.due_on, str(item.invoice_id))):
        left[item.customer_id, item.currency].append(_Left(item, item.minor))
    found: dict[str, list[Arrival]] = defaultdict(list)
    for one in sorted(agreed, key=lambda one: (one.on, one.until_on)):
        if one.until_on < today:
            continue
        taken = _take(left[one.customer_id, one.currency], one)
        if taken:
            day, last = max(one.on, today), max(one.until_on, today)
            found[one.currency].append(Arrival(taken, day, day, last))
    for of_customer in left.values():
        for rest in of_customer:
            if rest.minor:
                days = habits.of(rest.item.customer_id, rest.item.segment).days
                quick, likely, slow = _days(rest.item.due_on, days, today)
                found[rest.item.currency].append(Arrival(rest.minor, quick, likely, slow))
    return dict(found)


@dataclass
class _Left:
    item: OpenItem
    minor: int


def _take(items: Iterable[_Left], agreed: Agreed) -> int:
    wanted = agreed.minor
    for one in items:
        if agreed.invoice_ids and one.item.invoice_id not in agreed.invoice_ids:
            continue
        taken = min(wanted, one.minor)
        one.minor -= taken
        wanted -= taken
    return agreed.minor - wanted


def _days(due_on: date, habit: tuple[int, int, int], today: date) -> Iterator[date]:
    """The quick, the likely and the slow day; none before today, and each no earlier than the one before it."""
    overdue = max(0, (today - due_on).days - habit[1])
    for days, again in zip(habit, AGAIN, strict=True):
        yield max(due_on + timedelta(days=days), today + timedelta(days=ceil(overdue * again)))


def by_week(
    coming: Mapping[str, Sequence[Arrival]], disputed: Mapping[str, int], today: date, weeks: int = WEEKS
) -> list[Expected]:
    """What comes in this week and those after it, per currency in order of code. Weeks begin on Monday (ISO 8601)."""
    monday = today - timedelta(days=today.weekday())
    found = []
    for currency in sorted(coming.keys() | disputed.keys()):
        low, likely, high = [0] * (weeks + 1), [0] * (weeks + 1), [0] * (weeks + 1)
        for one in coming.get(currency, ()):
            for sums, on in ((low, one.slow_on), (likely, one.likely_on), (high, one.quick_on)):
                sums[min((on - monday).days // 7, weeks)] += one.minor
        each = [
            Week(
                monday + timedelta(weeks=number) if number < weeks else None, low[number], likely[number], high[number]
            )
            for number in range(weeks + 1)
        ]
        found.append(Expected(currency, each[:-1], each[-1], disputed.get(currency, 0)))
    return found


def undisputed_parts(parts: Sequence[tuple[date, int]], disputed: int) -> list[tuple[date, int]]:
    """The parts of an invoice (due day, open minor units) without what is disputed: that is taken off the latest first.

    What is not disputed stays due on its earliest day. Parts of nothing, and of less than nothing, are left out.
    """
    kept = []
    for due_on, minor in sorted(parts, reverse=True):
        taken = min(max(disputed, 0), max(minor, 0))
        disputed -= taken
        if minor - taken > 0:
            kept.append((due_on, minor - taken))
    return kept[::-1]
