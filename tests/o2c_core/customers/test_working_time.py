"""Working time runs while people work, and stands still at night, at weekends and on holidays."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.customers.working_time import HoursUnclear, Span, read_hours, read_span

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WEEK = read_hours("mon-fri 09:00-17:00")

# In 2026 Good Friday is 3 April, Easter Monday 6 April and King's Day 27 April.
CASES = """
2026-03-16 12:00 + 1 hour   = 2026-03-16 13:00
2026-03-16 12:00 + 5 hours  = 2026-03-16 17:00
2026-03-16 12:00 + 6 hours  = 2026-03-17 10:00
2026-03-16 06:00 + 1 hour   = 2026-03-16 10:00
2026-03-16 21:00 + 1 hour   = 2026-03-17 10:00
2026-03-20 15:00 + 4 hours  = 2026-03-23 11:00
2026-03-21 15:00 + 4 hours  = 2026-03-23 13:00
2026-03-16 12:00 + 1 day    = 2026-03-17 12:00
2026-03-20 15:00 + 1 day    = 2026-03-23 15:00
2026-03-21 15:00 + 1 day    = 2026-03-24 09:00
2026-03-20 15:00 + 6 days   = 2026-03-30 15:00
2026-04-02 15:00 + 1 day    = 2026-04-07 15:00
2026-04-24 16:00 + 2 hours  = 2026-04-28 10:00
2026-03-27 12:00 + 10 hours = 2026-03-30 14:00
"""


@pytest.mark.parametrize("line", CASES.strip().splitlines())
def test_so_much_working_time_later(line: str) -> None:
    match = re.fullmatch(r"(\S+ \S+) \+ (.+?) += (\S+ \S+)", line)
    assert match is not None
    start, span, end = match.groups()
    begun = datetime.fromisoformat(start).replace(tzinfo=AMSTERDAM).astimezone(UTC)
    found = WEEK.later(begun, read_span(span), AMSTERDAM, "NL")
    assert found.astimezone(AMSTERDAM).strftime("%Y-%m-%d %H:%M") == end


# The clock is put forward on 29 March 2026 and back on 25 October, in both countries at the same moment.
CLOCK_CHANGES = """
Europe/Amsterdam NL mon-sun 00:00-23:00 2026-03-29 01:00 + 3 hours = 2026-03-29 05:00
Europe/Amsterdam NL mon-sun 00:00-23:00 2026-10-25 01:00 + 3 hours = 2026-10-25 03:00
Europe/London    GB mon-sun 00:00-23:00 2026-03-28 22:30 + 2 hours = 2026-03-29 02:30
Europe/London    GB mon-sun 00:00-23:00 2026-10-24 22:30 + 3 hours = 2026-10-25 01:30
Europe/Amsterdam NL mon-fri 09:00-17:00 2026-03-27 15:00 + 4 hours = 2026-03-30 11:00
Europe/Amsterdam NL mon-fri 09:00-17:00 2026-10-23 15:00 + 4 hours = 2026-10-26 11:00
Europe/Amsterdam NL mon-fri 09:00-17:00 2026-03-27 12:00 + 1 day   = 2026-03-30 12:00
Europe/London    GB mon-fri 09:00-17:00 2026-10-23 12:00 + 1 day   = 2026-10-26 12:00
"""


@pytest.mark.parametrize("line", CLOCK_CHANGES.strip().splitlines())
def test_a_clock_that_is_put_forward_or_back_takes_no_working_time_and_adds_none(line: str) -> None:
    match = re.fullmatch(r"(\S+) +(\S+) (\S+ \S+) (\S+ \S+) \+ (.+?) += (\S+ \S+)", line)
    assert match is not None
    zone, country, hours, start, span, end = match.groups()
    begun = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    found = read_hours(hours).later(begun, read_span(span), ZoneInfo(zone), country)
    assert found.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") == end


MOMENTS = st.integers(0, 6 * 365 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
SPANS = st.builds(Span, st.integers(1, 60), st.sampled_from(["hour", "day"]))


@given(MOMENTS, SPANS, st.sampled_from(["mon-fri 09:00-17:00", "mon-sat 08:30-12:15", "tue 10:00-11:00"]))
def test_it_ends_while_people_work_and_never_before_it_began(at: datetime, span: Span, hours: str) -> None:
    week = read_hours(hours)
    end = week.later(at, span, AMSTERDAM, "NL")
    assert end > at
    # The last minute of a working day still is one.
    assert week.is_working(end - timedelta(microseconds=1), AMSTERDAM, "NL") or span.unit == "day"
    assert week.is_day(end.astimezone(AMSTERDAM).date(), "NL")


@given(MOMENTS, st.integers(1, 30), st.integers(1, 30))
def test_hours_add_up(at: datetime, first: int, second: int) -> None:
    step = WEEK.later(at, Span(first, "hour"), AMSTERDAM, "NL")
    there = WEEK.later(step, Span(second, "hour"), AMSTERDAM, "NL")
    assert there == WEEK.later(at, Span(first + second, "hour"), AMSTERDAM, "NL")


@given(MOMENTS, MOMENTS, SPANS)
def test_who_begins_later_ends_no_sooner(one: datetime, other: datetime, span: Span) -> None:
    first, second = sorted((one, other))
    assert WEEK.later(first, span, AMSTERDAM, "NL") <= WEEK.later(second, span, AMSTERDAM, "NL")


@pytest.mark.parametrize(
    "text", ["mon-fri 9-17", "fri-mon 09:00-17:00", "mon-fri 17:00-09:00", "", "mon-fri 09:00-24:00"]
)
def test_hours_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(HoursUnclear):
        read_hours(text)


@pytest.mark.parametrize("text", ["0 days", "a day", "4 weeks", "1000 hours", "-1 days", ""])
def test_a_time_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(HoursUnclear):
        read_span(text)


@pytest.mark.parametrize("text", ["mon-fri 09:00-17:00", "sat 10:00-12:30"])
def test_hours_are_written_as_they_were_read(text: str) -> None:
    assert str(read_hours(text)) == text
    assert not read_hours(text).is_working(datetime(2026, 3, 15, 11, tzinfo=UTC), AMSTERDAM, "NL")
