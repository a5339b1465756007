"""A plan's parts come to what is owed, and it is kept or broken part by part."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.cases.plan import (
    PaymentPlan,
    PlanDoesNotAddUp,
    PlanPart,
    PlanTooLong,
    check_schedule,
    even_parts,
    filled,
    months_later,
    next_part,
    plan_state,
)

FIRST = date(2026, 4, 1)


def a_plan(*minors: int, state: str = "active") -> PaymentPlan:
    parts = [
        PlanPart(position=at, due_on=months_later(FIRST, at - 1), amount_minor=minor)
        for at, minor in enumerate(minors, 1)
    ]
    return PaymentPlan(state=state, grace_days=2, currency="EUR", parts=parts, invoices=[])


@pytest.mark.parametrize(("day", "months", "later"), [
    ("2026-01-31", 1, "2026-02-28"), ("2028-01-31", 1, "2028-02-29"), ("2026-01-31", 2, "2026-03-31"),
    ("2026-11-15", 2, "2027-01-15"), ("2026-12-01", 0, "2026-12-01"), ("2026-12-31", 12, "2027-12-31"),
])  # fmt: skip
def test_a_month_later_is_the_same_day_or_the_months_last(day: str, months: int, later: str) -> None:
    assert months_later(date.fromisoformat(day), months) == date.fromisoformat(later)


@given(st.integers(1, 10**9), st.integers(1, 60), st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_even_parts_sum_to_the_whole_to_the_unit_on_days_that_follow_each_other(
    total: int, parts: int, first_on: date
) -> None:
    if parts > total:
        with pytest.raises(PlanDoesNotAddUp):
            even_parts(total, parts, first_on)
        return
    schedule = even_parts(total, parts, first_on)
    minors = [minor for _, minor in schedule]
    assert sum(minors) == total
    assert max(minors) - min(minors) <= 1
    assert minors == sorted(minors, reverse=True)
    check_schedule(schedule, total, first_on, months_max=parts - 1)


@pytest.mark.parametrize("schedule", [
    [],
    [(FIRST, 60), (FIRST, 40)],
    [(FIRST + timedelta(days=1), 60), (FIRST, 40)],
    [(FIRST, 60), (FIRST + timedelta(days=30), 39)],
    [(FIRST, 60), (FIRST + timedelta(days=30), 41)],
    [(FIRST, 110), (FIRST + timedelta(days=30), -10)],
    [(FIRST, 100), (FIRST + timedelta(days=30), 0)],
    [(FIRST - timedelta(days=1), 100)],
])  # fmt: skip
def test_a_schedule_that_does_not_add_up_is_refused(schedule: list[tuple[date, int]]) -> None:
    with pytest.raises(PlanDoesNotAddUp):
        check_schedule(schedule, 100, FIRST, months_max=3)


def test_a_plan_ends_within_the_months_that_may_be_agreed() -> None:
    last = months_later(FIRST, 3)
    check_schedule([(FIRST, 50), (last, 50)], 100, FIRST, months_max=3)
    with pytest.raises(PlanTooLong):
        check_schedule([(FIRST, 50), (last + timedelta(days=1), 50)], 100, FIRST, months_max=3)


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=12), st.integers(-100, 150_000))
def test_money_fills_the_parts_earliest_first_and_none_is_lost(minors: list[int], paid: int) -> None:
    plan = a_plan(*minors)
    given_ = filled(plan.parts, paid)
    assert sum(given_) == min(max(0, paid), sum(minors))
    part = next_part(plan, paid)
    at = len(minors) if part is None else part.position - 1
    assert given_[:at] == minors[:at]
    assert not any(given_[at + 1 :])


@pytest.mark.parametrize("line", [
    # Two parts of 50.00, on 1 April and 1 May, with two days of grace.
    "on 2026-04-03  paid     0  open 10000  disputed     0  active",
    "on 2026-04-04  paid     0  open 10000  disputed     0  broken",
    "on 2026-04-04  paid  4999  open  5001  disputed     0  broken",
    "on 2026-04-04  paid  5000  open  5000  disputed     0  active",
    "on 2026-05-03  paid  5000  open  5000  disputed     0  active",
    "on 2026-05-04  paid  5000  open  5000  disputed     0  broken",
    "on 2026-03-20  paid 10000  open     0  disputed     0  kept",
    "on 2026-05-04  paid 12000  open     0  disputed     0  kept",
    # What was credited shortens the plan at its end.
    "on 2026-05-04  paid  8000  open     0  disputed     0  kept",
    "on 2026-04-04  paid  3000  open  5000  disputed     0  broken",
    # What is disputed is nobody's to pay yet.
    "on 2026-05-04  paid  5000  open  5000  disputed  5000  active",
    "on 2026-05-04  paid  5000  open  5000  disputed  4000  broken",
])  # fmt: skip
def test_a_plan_is_broken_by_a_part_that_did_not_come_in_time(line: str) -> None:
    found = re.fullmatch(r"on (\S+) +paid +(\S+) +open +(\S+) +disputed +(\S+) +(.+)", line)
    assert found
    on, paid, open_, disputed, state = found.groups()
    plan = a_plan(5_000, 5_000)
    assert plan_state(plan, int(paid), int(open_), int(disputed), date.fromisoformat(on)) == state


@pytest.mark.parametrize("state", ["proposed", "kept", "broken", "declined", "withdrawn"])
def test_only_an_active_plan_is_kept_or_broken(state: str) -> None:
    assert plan_state(a_plan(100, state=state), 100, 0, 0, FIRST + timedelta(days=99)) == state
