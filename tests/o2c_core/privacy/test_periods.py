"""A period counts its last day in full, wherever it begins."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.privacy.periods import Period, periods


def a_period(**fields: object) -> Period:
    return Period(**{"kind": "k", "covers": "c", "then": "deleted", "counted_from": "own day", "default": 24} | fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("period", "today", "before"),
    [
        (a_period(), date(2026, 3, 16), date(2024, 3, 16)),
        (a_period(), date(2024, 2, 29), date(2022, 2, 28)),
        (a_period(default=1), date(2026, 3, 31), date(2026, 2, 28)),
        (a_period(default=1), date(2026, 1, 15), date(2025, 12, 15)),
        (a_period(default=30, unit="days"), date(2026, 3, 16), date(2026, 2, 14)),
        (a_period(default=84, counted_from="year end"), date(2026, 1, 1), date(2019, 1, 1)),
        (a_period(default=84, counted_from="year end"), date(2025, 12, 31), date(2018, 1, 1)),
    ],
)
def test_what_is_of_before_this_day_is_over(period: Period, today: date, before: date) -> None:
    assert period.over_before(today, "NL") == before


@pytest.mark.parametrize(
    ("country", "months"), [("NL", 84), ("nl", 84), ("GB", 72), ("FR", 120), ("DE", 120), ("BE", 120), ("US", 120)]
)
def test_bookkeeping_is_kept_as_long_as_the_country_asks(country: str, months: int) -> None:
    assert periods()["bookkeeping"].length(country) == months


@given(
    st.sampled_from(sorted(periods())),
    st.dates(date(2020, 1, 1), date(2100, 1, 1)),
    st.sampled_from(["NL", "GB", "DE", "XX"]),
)
def test_a_later_day_never_lets_go_of_less_and_no_period_is_shorter_than_it_says(
    kind: str, day: date, country: str
) -> None:
    period = periods()[kind]
    before = period.over_before(day, country)
    assert before <= period.over_before(date.fromordinal(day.toordinal() + 1), country)
    days = (day - before).days
    assert days >= (period.length(country) if period.unit == "days" else period.length(country) * 28)
