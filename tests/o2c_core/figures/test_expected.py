"""What is expected by week is all that is open and undisputed, each amount once."""

from __future__ import annotations

import re
import statistics
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.figures.expected import Agreed, Expected, OpenItem, arrivals, by_week, undisputed_parts
from o2c_core.invoices.habit import UNKNOWN, Habit, Habits, habit_of, quantiles

MONDAY = date(2026, 3, 16)
JANSEN, HART = UUID(int=1), UUID(int=2)


def an_item(minor: int, due: int, *, customer: UUID = JANSEN, invoice: int = 7, segment: str | None = None) -> OpenItem:
    return OpenItem(UUID(int=invoice), customer, segment, "EUR", MONDAY + timedelta(days=due), minor)


def punctual(early: float = 0, usual: float = 0, slow: float = 0) -> Habits:
    """Everybody pays so many days after the due day, for so long that nothing else has weight."""
    habit = Habit(10**9, early, usual, slow)
    return Habits({JANSEN: habit, HART: habit}, {}, habit)


@pytest.mark.parametrize(
    "line",
    [
        "due   3  habit  0  0  0  comes  3  3  3",
        "due   3  habit -2  4 10  comes  1  7 13",
        "due   0  habit -5  0  2  comes  0  0  2",
        "due -10  habit  0 12 20  comes  0  2 10",
        "due -10  habit  0 10 20  comes  0  0 10",
        "due -10  habit  0  4 20  comes  2  6 18",  # six days past the usual day: a third, as long, three times as long
        "due -90  habit  0  0  0  comes 30 90 270",
    ],
)
def test_an_amount_comes_as_late_as_its_customer_usually_is_and_later_where_that_has_passed(line: str) -> None:
    due, early, usual, slow, *days = (int(number) for number in re.findall(r"-?\d+", line))
    [one] = arrivals([an_item(100, due)], [], punctual(early, usual, slow), MONDAY)["EUR"]
    assert [(day - MONDAY).days for day in (one.quick_on, one.likely_on, one.slow_on)] == days


def promised(minor: int, on: int, *, until: int | None = None, invoices: frozenset[int] = frozenset()) -> Agreed:
    last = on if until is None else until
    named = frozenset(UUID(int=invoice) for invoice in invoices)
    return Agreed(JANSEN, "EUR", MONDAY + timedelta(days=on), MONDAY + timedelta(days=last), minor, named)


@pytest.mark.parametrize(
    "line",
    [
        "promised 100 on  9 for any      comes 100 on 9",
        "promised 100 on  9 for any      comes 200 on 31",
        "promised 100 on  9 for the late comes 100 on 9",
        "promised 500 on  9 for any      comes 300 on 9",
        "promised 100 on -9 for any      comes 300 on 31",
    ],
)
def test_what_was_promised_comes_on_its_day_and_only_the_rest_by_habit(line: str) -> None:
    minor, on, which, amount, day = re.fullmatch(
        r"promised (\d+) on +(-?\d+) for (any|the late) +comes (\d+) on (\d+)", line
    ).groups()
    items = [an_item(100, 31, invoice=7), an_item(200, 31, invoice=8)]
    agreed = [promised(int(minor), int(on), invoices=frozenset({8}) if which == "the late" else frozenset())]
    found = arrivals(items, agreed, punctual(), MONDAY)["EUR"]
    on_day = [one.minor for one in found if (one.likely_on - MONDAY).days == int(day)]
    assert sum(on_day) == int(amount)
    assert sum(one.minor for one in found) == 300


def test_a_promise_of_one_customer_is_never_paid_by_another() -> None:
    items = [an_item(100, 31, customer=HART)]
    [one] = arrivals(items, [promised(100, 3)], punctual(), MONDAY)["EUR"]
    assert (one.likely_on - MONDAY).days == 31


ITEM = st.builds(
    OpenItem,
    st.sampled_from([UUID(int=number) for number in range(1, 7)]),
    st.sampled_from([JANSEN, HART]),
    st.sampled_from([None, "key"]),
    st.sampled_from(["EUR", "JPY"]),
    st.integers(-400, 200).map(lambda days: MONDAY + timedelta(days=days)),
    st.integers(1, 10**9),
)
AGREED = st.builds(
    lambda customer, currency, on, grace, minor, named: Agreed(
        customer, currency, MONDAY + timedelta(days=on), MONDAY + timedelta(days=on + grace), minor, named
    ),
    st.sampled_from([JANSEN, HART]),
    st.sampled_from(["EUR", "JPY"]),
    st.integers(-30, 90),
    st.integers(0, 5),
    st.integers(1, 10**9),
    st.frozensets(st.sampled_from([UUID(int=number) for number in range(1, 7)]), max_size=2),
)
DAYS = st.lists(st.integers(-20, 120), min_size=1, max_size=9)


@given(st.lists(ITEM, max_size=12), st.lists(AGREED, max_size=6), DAYS, DAYS, st.integers(0, 6))
def test_all_weeks_and_what_comes_later_are_what_is_open_and_by_any_week_low_is_at_most_high(
    items: list[OpenItem], agreed: list[Agreed], own: list[int], everybodys: list[int], weekday: int
) -> None:
    today = MONDAY + timedelta(days=weekday)
    habits = Habits({JANSEN: Habit(len(own), *quantiles(own))}, {}, Habit(len(everybodys), *quantiles(everybodys)))
    coming = arrivals(items, agreed, habits, today)
    assert all(today <= one.quick_on <= one.likely_on <= one.slow_on for found in coming.values() for one in found)
    for one in by_week(coming, {}, today):
        whole = sum(item.minor for item in items if item.currency == one.currency)
        assert _sums(one) == (whole, whole, whole)
        assert one.total == whole
        assert all(week.low <= week.likely <= week.high for week in one.by_then)


def _sums(one: Expected) -> tuple[int, int, int]:
    weeks = [*one.weeks, one.later]
    return sum(week.low for week in weeks), sum(week.likely for week in weeks), sum(week.high for week in weeks)


def test_weeks_begin_on_monday_and_today_is_in_the_first() -> None:
    sunday = MONDAY + timedelta(days=6)
    coming = arrivals([an_item(100, 6), an_item(50, 7, invoice=8)], [], punctual(), sunday)
    [one] = by_week(coming, {}, sunday, weeks=2)
    assert [(week.starts_on, week.likely) for week in one.weeks] == [(MONDAY, 100), (MONDAY + timedelta(days=7), 50)]


@pytest.mark.parametrize(
    "line",
    [
        "parts 10 20 30 disputed  0 leaves 10 20 30",
        "parts 10 20 30 disputed 30 leaves 10 20",
        "parts 10 20 30 disputed 35 leaves 10 15",
        "parts 10 20 30 disputed 99 leaves",
        "parts 10 20 -5 disputed  0 leaves 10 20",
    ],
)
def test_what_is_disputed_is_taken_off_the_latest_part_first(line: str) -> None:
    parts, disputed, left = re.fullmatch(r"parts (.+) disputed +(\d+) leaves ?(.*)", line).groups()
    days = [(MONDAY + timedelta(days=30 * at), int(minor)) for at, minor in enumerate(parts.split())]
    assert [minor for _, minor in undisputed_parts(days, int(disputed))] == [int(minor) for minor in left.split()]


@pytest.mark.parametrize(
    "line",
    ["nothing          usual 7", "own 1 x 37       usual 12", "own 5 x 37       usual 22", "own 995 x 37     usual 37"],
)
def test_few_invoices_weigh_little_and_many_speak_for_themselves(line: str) -> None:
    """With nobody else to lean on but what holds where nothing is known: seven days."""
    own = re.search(r"own (\d+) x (\d+)", line)
    habit = Habit(int(own[1]), *[float(own[2])] * 3) if own else None
    assert habit_of(habit, None, None).days[1] == int(line.split()[-1])
    assert UNKNOWN.days[1] == 7


@given(st.lists(st.integers(-20, 120), min_size=2, max_size=9))
def test_quantiles_are_the_quartiles_of_the_observations(days: list[int]) -> None:
    assert quantiles(days) == pytest.approx(statistics.quantiles(days, n=4, method="inclusive"))


def test_one_observation_is_all_three_quantiles() -> None:
    assert quantiles([12]) == (12, 12, 12)
