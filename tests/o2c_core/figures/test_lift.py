"""What a trial showed: vectors for the intervals, and when nothing may be concluded."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.figures.lift import (
    COMPLAINED,
    DAYS_TO_PAY,
    IS_COMPARED_WITH,
    MAY_BE_NONE,
    NOTHING_TO_COMPARE,
    PAID_IN_TIME,
    REPLIED,
    TOO_FEW,
    Arm,
    Member,
    difference,
    lines_of,
    student_t,
    values,
)


@pytest.mark.parametrize(
    ("freedom", "t"), [(10, 2.2281), (20, 2.0860), (29, 2.0452), (60, 2.0003), (120, 1.9799), (1e9, 1.9600)]
)
def test_students_t_is_that_of_the_tables(freedom: float, t: float) -> None:
    assert student_t(freedom) == pytest.approx(t, abs=2e-4)


def test_welchs_interval_is_that_of_the_formula_worked_out_by_hand() -> None:
    # Means 10 and 14; variances 40 * 4 / 39 and 40 * 16 / 39: error sqrt(0.10256 + 0.41026), 57.35 degrees, t 2.0022.
    arm, other = [8.0, 12.0] * 20, [10.0, 18.0] * 20
    found = difference(arm, other)
    assert found.value == pytest.approx(-4)
    assert found.low == pytest.approx(-5.4338, abs=1e-3)
    assert found.high == pytest.approx(-2.5662, abs=1e-3)
    assert found.is_shown


def test_fewer_than_thirty_customers_show_nothing() -> None:
    assert difference([1.0] * 29, [9.0] * 500).remark == TOO_FEW
    assert difference([1.0, 2.0] * 15, [9.0, 8.0] * 15).is_shown


def test_an_interval_across_zero_shows_nothing_and_is_still_said() -> None:
    found = difference([0.0, 100.0] * 20, [0.0, 100.0, 0.0] * 20)
    assert found.remark == MAY_BE_NONE
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0 < found.high


@given(st.lists(st.floats(0, 30), min_size=30, max_size=60), st.lists(st.floats(0, 30), min_size=30, max_size=60))
def test_the_interval_holds_the_difference_and_turns_round_with_the_groups(
    one: list[float], other: list[float]
) -> None:
    there, back = difference(one, other), difference(other, one)
    assert (there.low or 0) <= (there.value or 0) <= (there.high or 0)
    assert back.value == pytest.approx(-(there.value or 0))
    assert there.remark == back.remark


def test_what_was_not_paid_in_time_counts_as_the_whole_time() -> None:
    members = [Member(UUID(int=1), [4, None]), Member(UUID(int=2), [10], has_replied=True)]
    assert values(members, DAYS_TO_PAY) == [17.0, 10.0]
    assert values(members, PAID_IN_TIME) == [50.0, 100.0]
    assert values(members, REPLIED) == [0.0, 100.0]
    assert values(members, COMPLAINED) == [0.0, 0.0]


def test_the_held_out_are_what_others_are_compared_with() -> None:
    arms = {
        "tone=clear": Arm([_member(n, 5) for n in range(40)], 3),
        "held_out": Arm([_member(n, 20) for n in range(40)]),
    }
    lines = lines_of("firmer", "first", arms)
    assert [(line.arm, line.difference.remark) for line in lines[:4]] == [("held_out", IS_COMPARED_WITH)] * 4
    days = next(line for line in lines if line.arm == "tone=clear" and line.measure is DAYS_TO_PAY)
    assert (days.customers, days.invoices, days.too_recent) == (40, 40, 3)
    assert days.difference.value == pytest.approx(-15)
    assert days.difference.is_shown


def test_a_trial_with_one_group_says_that_there_is_nothing_to_compare_with() -> None:
    lines = lines_of("firmer", "first", {"tone=clear": Arm([_member(1, 5)])})
    assert {line.difference.remark for line in lines} == {NOTHING_TO_COMPARE}


def _member(number: int, days: int) -> Member:
    return Member(UUID(int=number), [days + number % 2])
