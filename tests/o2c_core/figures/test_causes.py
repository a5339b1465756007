"""The report on causes: periods are as long as each other and follow without a gap, and shares add up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from o2c_core.figures.causes import COLUMNS, Caused, Period, share, table_of
from o2c_core.money import Money


def caused(disputes: int, complaints: int = 0, before: int = 0) -> Caused:
    nothing = Money.zero("EUR")
    return Caused("carrier", "PostNL", "EUR", disputes, complaints, nothing, nothing, nothing, None, before)


def test_the_period_before_is_as_long_and_ends_the_day_before() -> None:
    quarter = Period.of(date(2026, 3, 31), 90)
    assert (quarter.first, quarter.before) == (date(2026, 1, 1), date(2025, 10, 3))
    one_day = Period(date(2026, 3, 31), date(2026, 3, 31))
    assert one_day.before == date(2026, 3, 30)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 2_000))
def test_two_periods_in_a_row_have_the_same_number_of_days(last: date, days: int) -> None:
    period = Period.of(last, days)
    assert (period.last - period.first).days + 1 == days
    assert (period.first - timedelta(days=1) - period.before).days + 1 == days


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8))
def test_the_shares_of_a_period_are_a_hundred_together_or_there_are_none(counts: list[tuple[int, int]]) -> None:
    rows = [caused(*one) for one in counts]
    shares = [share(one, rows) for one in rows]
    if sum(one.cases for one in rows) == 0:
        assert shares == [None] * len(rows)
    else:
        assert abs(sum((one for one in shares if one is not None), Decimal(0)) - 100) < Decimal("0.0001")


def test_every_row_has_a_cell_for_each_column_and_the_trend_counts_both_kinds() -> None:
    one = caused(2, 3, before=7)
    assert (one.cases, one.trend) == (5, -2)
    assert [len(row) for row in table_of([one])] == [len(COLUMNS)]
