"""The DSO family gives the published vectors, and says why where it cannot tell."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.figures import dso

AMOUNT = st.integers(0, 10**12)


@pytest.mark.parametrize(
    "line",
    ["dso 66.92", "best 48.67", "add 18.25", "cei 57.14"],
)
def test_begin_1000_sales_6000_end_1100_current_800_gives_the_published_figures(line: str) -> None:
    name, value = line.split()
    whole, best = dso.dso(1100, 6000), dso.best_possible_dso(800, 6000)
    found = {
        "dso": whole,
        "best": best,
        "add": dso.average_days_delinquent(whole, best),
        "cei": dso.collection_effectiveness(1000, 6000, 1100, 800),
    }
    assert found[name].rounded() == Decimal(value)


MONTHS = list(zip((2500, 1750, 2250, 2500, 2000, 2250), (30, 31, 31, 30, 31, 30), strict=True))


@pytest.mark.parametrize(
    "line",
    [
        "12000 166.33",  # what Oracle's documentation prints for these numbers, 179.7, takes 2,000 where 1,000 remains
        "2500  30.00",
        "1250  15.00",
        "4250  61.00",
        "0     0.00",
        "-50   0.00",
        "13250 183.00",
    ],
)
def test_counting_back_uses_up_the_latest_months_first(line: str) -> None:
    receivables, days = line.split()
    assert dso.count_back(int(receivables), MONTHS).rounded() == Decimal(days)


def test_more_open_than_all_months_sold_has_no_count_back_and_says_so() -> None:
    assert dso.count_back(13_251, MONTHS) == dso.Figure(None, dso.MORE_THAN_SALES)


def test_a_month_with_more_credited_than_sold_only_counts_its_days() -> None:
    assert dso.count_back(100, [(-40, 30), (200, 30)]).rounded() == Decimal("45.00")


NO_DIVISOR = [
    (dso.dso(100, 0), dso.NO_SALES),
    (dso.best_possible_dso(100, -5), dso.NO_SALES),
    (dso.average_days_delinquent(dso.dso(100, 0), dso.best_possible_dso(50, 0)), dso.NO_SALES),
    (dso.collection_effectiveness(0, 0, 0, 0), dso.NOTHING_TO_COLLECT),
    (dso.collection_effectiveness(100, 0, 100, 100), dso.NOTHING_TO_COLLECT),
    (dso.percent_current(0, 0), dso.NOTHING_OPEN),
    (dso.at_risk(0, 0), dso.NOTHING_DUE),
    (dso.days_to_pay(0, 0), dso.NOTHING_PAID),
]


@pytest.mark.parametrize(("figure", "sentence"), NO_DIVISOR, ids=lambda value: str(value)[:40])
def test_a_figure_that_would_divide_by_nothing_says_why_it_is_not_there(figure: dso.Figure, sentence: str) -> None:
    assert figure.value is None
    assert figure.rounded() is None
    assert figure.why_not == sentence


def test_percentages_and_averages() -> None:
    assert dso.percent_current(800, 1100).rounded() == Decimal("72.73")
    assert dso.at_risk(50, 1000).rounded() == Decimal("5.00")
    assert dso.days_to_pay(100, 3).rounded() == Decimal("33.33")


@given(AMOUNT, AMOUNT, st.integers(1, 10**12))
def test_the_best_possible_dso_and_the_days_delinquent_make_up_the_dso(current: int, late: int, sales: int) -> None:
    whole, best = dso.dso(current + late, sales), dso.best_possible_dso(current, sales)
    delinquent = dso.average_days_delinquent(whole, best)
    assert whole.value is not None
    assert best.value is not None
    assert delinquent.value is not None
    assert delinquent.value >= 0
    assert abs(best.value + delinquent.value - whole.value) < Decimal("1e-9")


@given(AMOUNT, AMOUNT, st.lists(st.tuples(st.integers(-1000, 10**9), st.integers(28, 31)), max_size=24))
def test_who_is_owed_more_never_counts_back_fewer_days(one: int, more: int, months: list[tuple[int, int]]) -> None:
    less, greater = dso.count_back(one, months), dso.count_back(one + more, months)
    if less.value is None:
        assert greater.value is None
    elif greater.value is not None:
        assert less.value <= greater.value <= sum(days for _, days in months)
