"""Interest on what is late: by the law's rates, half-year by half-year, rounded once."""

import re
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.money import Money
from o2c_core.notices.interest import Interest, OtherMoney, Standing, half_up, interest, percent_on
from o2c_core.notices.tables import NotInTheTables

FIRST, LAST = date(2016, 1, 1), date(2026, 6, 30)
DAY = timedelta(days=1)


def owed(
    minor: int, from_on: date, to_on: date, *, currency: str = "EUR", country: str = "NL", kind: str = "business"
) -> Interest:
    return interest([Standing(from_on, minor)], currency, country=country, kind=kind, from_on=from_on, to_on=to_on)


@pytest.mark.parametrize("line", [
    # Directive and Dutch commercial rate: ECB plus eight. 12.25 in the second half of 2024, 10.15 in the first of 2026.
    "NL business 2024-07-01  12.25",
    "NL business 2024-12-31  12.25",
    "NL business 2025-01-01  11.15",
    "NL business 2026-06-30  10.15",
    "NL business 2026-07-01  10.40",
    "EU business 2026-01-01  10.15",
    "EU business 2026-07-01  10.40",
    # The lower Dutch rate for consumers: 7 in the second half of 2024.
    "NL consumer 2024-07-01  7",
    "NL consumer 2025-12-31  6",
    "NL consumer 2026-01-01  4",
    "DE business 2026-01-01  10.27",
    "DE consumer 2026-01-01  6.27",
    "DE business 2020-01-01  8.12",
    "FR business 2026-01-01  12.15",
    # United Kingdom: base of 31 December for what begins by June, of 30 June for the rest; 11.75 in mid-2026.
    "GB business 2024-01-01  13.25",
    "GB business 2024-06-30  13.25",
    "GB business 2024-07-01  13.25",
    "GB business 2025-01-01  12.75",
    "GB business 2025-07-01  12.25",
    "GB business 2026-06-30  11.75",
    "GB business 2020-03-15  8.75",
    "GB business 2020-07-01  8.10",
])  # fmt: skip
def test_the_rate_of_a_half_year_is_that_of_its_first_day(line: str) -> None:
    country, kind, on, percent = line.split()
    assert percent_on(country, kind, date.fromisoformat(on)) == Decimal(percent)


@pytest.mark.parametrize("line", [
    # amount  country kind      first      last        interest
    "1000.00  NL business 2025-01-01 2025-06-30   55.29",  # 181 days at 11.15
    "1000.00  NL business 2025-06-30 2025-07-01   0.58",   # a day at 11.15 and one at 10.15
    "1000.00  NL consumer 2025-01-01 2025-12-31   60.00",  # a whole year is exactly the year's rate
    "1000.00  NL business 2024-01-01 2024-12-31   123.74", # in a leap year a day is 1/366: 182 at 12.5, 184 at 12.25
    "1000.00  FR business 2026-01-01 2026-01-31   10.32",
    "1000.00  DE consumer 2026-01-01 2026-01-31   5.33",
    "1000.00  EU business 2026-03-01 2026-03-01   0.28",
])  # fmt: skip
def test_interest_of_some_days(line: str) -> None:
    amount, country, kind, first, last, expected = line.split()
    made = owed(
        Money.of(amount, "EUR").minor, date.fromisoformat(first), date.fromisoformat(last), country=country, kind=kind
    )  # fmt: skip
    assert made.amount == Money.of(expected, "EUR")


def test_the_european_rate_moves_with_every_half_year() -> None:
    made = owed(100_000, date(2024, 6, 1), date(2025, 1, 31))
    said = [(segment.from_on.isoformat(), segment.days, str(segment.percent)) for segment in made.segments]
    assert said == [("2024-06-01", 30, "12.50"), ("2024-07-01", 184, "12.25"), ("2025-01-01", 31, "11.15")]


def test_the_british_rate_is_fixed_when_interest_begins_and_does_not_move_with_the_base_rate() -> None:
    made = owed(100_000, date(2024, 6, 1), date(2026, 3, 1), currency="GBP", country="GB")
    assert {segment.percent for segment in made.segments} == {Decimal("13.25")}
    assert len(made.segments) == 1
    # Simple, and on a year of 365 days also in a leap year.
    days = (date(2026, 3, 1) - date(2024, 6, 1)).days + 1
    assert made.exact == Fraction(100_000 * days * 1325, 100 * 100 * 365)


def test_a_later_look_at_a_british_debt_keeps_the_rate_it_began_with() -> None:
    began = date(2024, 6, 1)
    made = interest(
        [Standing(began, 100_000)], "GBP", country="GB", kind="business", from_on=date(2026, 1, 1), to_on=date(2026, 1, 31)
    )  # fmt: skip
    assert made.segments[0].percent == Decimal("13.25")


def test_what_was_paid_meanwhile_bears_interest_until_the_day_it_came() -> None:
    standings = [Standing(date(2025, 1, 1), 100_000), Standing(date(2025, 1, 11), 40_000)]
    made = interest(standings, "EUR", country="NL", kind="business", from_on=date(2025, 1, 1), to_on=date(2025, 1, 20))
    assert [(segment.days, segment.minor) for segment in made.segments] == [(10, 100_000), (10, 40_000)]
    assert made.exact == Fraction(1115, 10_000) * (10 * 100_000 + 10 * 40_000) / 365


@pytest.mark.parametrize("line", [
    "NL business EUR 2027-01-01 not known for 2027-01-01",
    "NL consumer EUR 2026-07-01 not known for 2026-07-01",
    "GB business GBP 2027-01-01 not known",
    "DE business EUR 2015-12-31 not known",
    "GB consumer GBP 2026-01-01 no interest for late payment for a consumer in GB",
    "FR consumer EUR 2026-01-01 no interest",
    "EU consumer EUR 2026-01-01 no interest",
    "US business USD 2026-01-01 no interest",
    "NL business EUR 2013-03-15 no interest",
])  # fmt: skip
def test_what_the_tables_do_not_cover_is_refused_and_never_guessed(line: str) -> None:
    found = re.fullmatch(r"(\S+) (\S+) (\S+) (\S+) (.+)", line)
    assert found
    country, kind, currency, on, said = found.groups()
    day = date.fromisoformat(on)
    with pytest.raises(NotInTheTables, match=said):
        owed(100_00, day, day, country=country, kind=kind, currency=currency)


def test_a_stretch_that_runs_out_of_the_tables_is_refused_as_a_whole() -> None:
    with pytest.raises(NotInTheTables, match="2027-01-01"):
        owed(100_00, date(2026, 12, 31), date(2027, 1, 1))


def test_nothing_is_converted() -> None:
    with pytest.raises(OtherMoney, match="EUR and the debt is in USD"):
        owed(100_00, date(2026, 1, 1), date(2026, 1, 2), currency="USD")


@pytest.mark.parametrize(("exact", "whole"), [("0", 0), ("1/2", 1), ("49/100", 0), ("5/2", 3), ("-1/2", 0), ("7/3", 2)])
def test_half_a_cent_rounds_up(exact: str, whole: int) -> None:
    assert half_up(Fraction(exact)) == whole


days = st.dates(FIRST, LAST)
amounts = st.integers(1, 10**12)
laws = st.sampled_from([
    ("NL", "business", "EUR"), ("NL", "consumer", "EUR"), ("DE", "business", "EUR"), ("DE", "consumer", "EUR"),
    ("FR", "business", "EUR"), ("EU", "business", "EUR"), ("GB", "business", "GBP"),
])  # fmt: skip


@given(amounts, st.lists(days, min_size=3, max_size=3), laws)
def test_interest_adds_up_over_days_without_a_cent_lost(minor: int, at: list[date], law: tuple[str, str, str]) -> None:
    first, middle, last = sorted(at)
    country, kind, currency = law

    def between(from_on: date, to_on: date) -> Fraction:
        return interest(
            [Standing(first, minor)], currency, country=country, kind=kind, from_on=from_on, to_on=to_on
        ).exact  # fmt: skip

    assert between(first, last) == between(first, middle) + between(middle + DAY, last)


@given(amounts, amounts, st.lists(days, min_size=3, max_size=3), laws)
def test_more_and_for_longer_is_never_less(minor: int, more: int, at: list[date], law: tuple[str, str, str]) -> None:
    first, middle, last = sorted(at)
    country, kind, currency = law
    small = owed(minor, first, middle, country=country, kind=kind, currency=currency)
    large = owed(minor + more, first, last, country=country, kind=kind, currency=currency)
    assert 0 <= small.exact <= large.exact
    assert small.amount <= large.amount


@given(amounts, days, days, laws)
def test_no_figure_passes_through_a_binary_fraction(
    minor: int, one: date, other: date, law: tuple[str, str, str]
) -> None:
    country, kind, currency = law
    made = owed(minor, min(one, other), max(one, other), country=country, kind=kind, currency=currency)
    assert isinstance(made.exact, Fraction)
    assert isinstance(made.amount.minor, int)
    assert all(isinstance(segment.percent, Decimal) for segment in made.segments)
    assert abs(made.amount.minor - made.exact) <= Fraction(1, 2)


@given(amounts, days, st.integers(0, 600))
def test_every_day_is_counted_once(minor: int, first: date, length: int) -> None:
    last = min(first + length * DAY, LAST)
    made = owed(minor, first, last)
    assert sum(segment.days for segment in made.segments) == (last - first).days + 1
    assert (made.segments[0].from_on, made.segments[-1].to_on) == (first, last)
