"""When a seller's reminders are due."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.reminders.morning import due_day


@pytest.mark.parametrize("line", [
    "NL Europe/Amsterdam  hour -  2026-03-16T07:59Z  no",
    "NL Europe/Amsterdam  hour -  2026-03-16T08:00Z  2026-03-16",
    # A worker that was down all morning still runs the day.
    "NL Europe/Amsterdam  hour -  2026-03-16T21:00Z  2026-03-16",
    "NL Europe/Amsterdam  hour 7  2026-03-16T06:00Z  2026-03-16",
    "NL Europe/Amsterdam  hour 7  2026-03-16T05:59Z  no",
    # After midnight there it is another day.
    "NL Europe/Amsterdam  hour 0  2026-03-16T23:30Z  2026-03-17",
    # Nobody runs on a Saturday, a Sunday or a holiday of the seller's.
    "NL Europe/Amsterdam  hour -  2026-03-14T12:00Z  no",
    "NL Europe/Amsterdam  hour -  2026-03-15T12:00Z  no",
    "NL Europe/Amsterdam  hour -  2026-04-27T12:00Z  no",
    "DE Europe/Berlin     hour -  2026-04-27T12:00Z  2026-04-27",
    # The clocks go forward on Sunday 29 March: nine o'clock comes an hour earlier by UTC.
    "NL Europe/Amsterdam  hour -  2026-03-27T07:59Z  no",
    "NL Europe/Amsterdam  hour -  2026-03-30T06:59Z  no",
    "NL Europe/Amsterdam  hour -  2026-03-30T07:00Z  2026-03-30",
    # And back on 25 October.
    "NL Europe/Amsterdam  hour -  2026-10-26T07:30Z  no",
    "NL Europe/Amsterdam  hour -  2026-10-26T08:00Z  2026-10-26",
    # Each in its own morning: the same moment is three days.
    "US America/New_York  hour -  2026-03-16T12:59Z  no",
    "US America/New_York  hour -  2026-03-16T13:00Z  2026-03-16",
    "JP Asia/Tokyo        hour -  2026-03-16T00:00Z  2026-03-16",
    "JP Asia/Tokyo        hour -  2026-03-15T23:59Z  no",
    "XX Pacific/Apia      hour -  2026-03-15T20:00Z  2026-03-16",
])  # fmt: skip
def test_a_run_is_due_from_the_sellers_hour_on_its_working_days(line: str) -> None:
    found = re.fullmatch(r"(\w\w) (\S+) +hour (\S) +(\S+)Z +(\S+)", line)
    assert found
    country, zone, hour, at, due = found.groups()
    settings = {} if hour == "-" else {"reminders": {"hour": int(hour)}}
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert due_day(settings, country, zone, now) == (None if due == "no" else date.fromisoformat(due))


def test_a_seller_may_keep_the_run_in_its_own_hand() -> None:
    noon = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)
    assert due_day({"reminders": {"by_itself": False}}, "NL", "Europe/Amsterdam", noon) is None


@given(
    st.sampled_from(["Europe/Amsterdam", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo"]),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.integers(0, 23),
)
def test_every_working_day_has_a_morning_and_no_day_has_two(zone: str, day: date, hour: int) -> None:
    midnight = datetime.combine(day, datetime.min.time(), UTC)
    quarters = [midnight + timedelta(minutes=15 * n) for n in range(-96, 192)]
    days = [due_day({"reminders": {"hour": hour}}, "XX", zone, at) for at in quarters]
    assert (day in days) == (day.weekday() < 5)
    due = [at for at, one in zip(quarters, days, strict=True) if one == day]
    assert due == [at for at in quarters if due and due[0] <= at <= due[-1]]
