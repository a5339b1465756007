"""The hours in which somebody may be written to, over time zones, summer time and holidays."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.customers.free_days import is_holiday
from o2c_core.reminders.contact_rules import HoursRule, contact_rules
from o2c_core.reminders.opening import Opening, opening_for
from o2c_core.reminders.zones import zones_of

TODAY = date(2026, 3, 16)


def at(text: str, zone: str = "UTC") -> datetime:
    """ "Mon 2026-03-16 07:30" on the clock of that zone; the day of the week is checked."""
    weekday, rest = text.split(" ", 1)
    moment = datetime.strptime(rest, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone))
    assert moment.strftime("%a") == weekday
    return moment


AMSTERDAM = ("NL", "Europe/Amsterdam")
NEW_YORK = ("US", "America/New_York")
LORD_HOWE = ("AU", "Australia/Lord_Howe")


@pytest.mark.parametrize(("who", "channel", "now", "opens"), [
    (AMSTERDAM, "email", "Mon 2026-03-16 07:59", "Mon 2026-03-16 08:00"),
    (AMSTERDAM, "email", "Mon 2026-03-16 08:00", "Mon 2026-03-16 08:00"),
    (AMSTERDAM, "email", "Mon 2026-03-16 19:59", "Mon 2026-03-16 19:59"),
    (AMSTERDAM, "email", "Mon 2026-03-16 20:00", "Tue 2026-03-17 08:00"),
    (AMSTERDAM, "sms", "Mon 2026-03-16 08:30", "Mon 2026-03-16 09:00"),
    (AMSTERDAM, "email", "Sat 2026-03-14 20:00", "Mon 2026-03-16 08:00"),
    (AMSTERDAM, "email", "Sun 2026-03-15 12:00", "Mon 2026-03-16 08:00"),
    # The clocks go forward and back on a Sunday morning; eight o'clock stays eight o'clock.
    (AMSTERDAM, "email", "Sat 2026-03-28 21:00", "Mon 2026-03-30 08:00"),
    (AMSTERDAM, "email", "Sat 2026-10-24 21:00", "Mon 2026-10-26 08:00"),
    (NEW_YORK, "email", "Sat 2026-03-07 21:00", "Mon 2026-03-09 08:00"),
    (NEW_YORK, "email", "Sat 2026-10-31 21:00", "Mon 2026-11-02 08:00"),
    (NEW_YORK, "sms", "Fri 2026-03-06 20:00", "Sat 2026-03-07 09:00"),
    # Half an hour forward and back.
    (LORD_HOWE, "email", "Sat 2026-04-04 20:30", "Tue 2026-04-07 08:00"),
    (LORD_HOWE, "email", "Sat 2026-10-03 20:30", "Mon 2026-10-05 08:00"),
    # Koningsdag, Christmas with Boxing Day on a Saturday, Thanksgiving, the Fourth of July on a Saturday.
    (AMSTERDAM, "email", "Sun 2026-04-26 12:00", "Tue 2026-04-28 08:00"),
    (AMSTERDAM, "email", "Thu 2026-12-24 21:00", "Mon 2026-12-28 08:00"),
    (NEW_YORK, "email", "Wed 2026-11-25 22:00", "Fri 2026-11-27 08:00"),
    (NEW_YORK, "sms", "Thu 2026-11-26 10:00", "Fri 2026-11-27 09:00"),
    (NEW_YORK, "sms", "Thu 2026-12-24 21:00", "Sat 2026-12-26 09:00"),
    (AMSTERDAM, "sms", "Thu 2026-11-26 10:00", "Thu 2026-11-26 10:00"),
])  # fmt: skip
def test_it_opens_at_the_first_hour_of_the_first_working_day(
    who: tuple[str, str], channel: str, now: str, opens: str
) -> None:
    country, zone = who
    moment = at(now, zone)
    opening = opening_for(country, zone, channel, None, moment.date())
    assert opening.opens_at(moment) == at(opens, zone)


@pytest.mark.parametrize(("country", "zone", "phone", "opens", "closes"), [
    # Both must be awake: nine in New York is fourteen in Amsterdam while only New York has summer time.
    ("NL", None, "+12125550100", "Mon 2026-03-16 13:00", "Mon 2026-03-16 19:00"),
    ("NL", None, "+31612345678", "Mon 2026-03-16 08:00", "Mon 2026-03-16 19:00"),
    ("US", "America/New_York", "+13105550100", "Mon 2026-03-16 16:00", "Tue 2026-03-17 00:00"),
    ("US", "America/Los_Angeles", "+12125550100", "Mon 2026-03-16 16:00", "Tue 2026-03-17 00:00"),
    # Nobody knows where in the United States: from nine in Honolulu to eight in the evening in New York.
    ("US", None, "+12125550100", "Mon 2026-03-16 19:00", "Tue 2026-03-17 00:00"),
    ("GB", None, "+447400123456", "Mon 2026-03-16 09:00", "Mon 2026-03-16 20:00"),
])  # fmt: skip
def test_a_text_waits_until_the_zone_of_the_address_and_that_of_the_number_are_both_open(
    country: str, zone: str | None, phone: str, opens: str, closes: str
) -> None:
    opening = opening_for(country, zone, "sms", phone, TODAY)
    first = opening.opens_at(at("Mon 2026-03-16 04:00"))
    assert first == at(opens)
    assert opening.closes_at(first) == at(closes)


def test_a_number_of_another_country_brings_its_rules_but_not_for_email() -> None:
    text = opening_for("NL", None, "sms", "+12125550100", TODAY)
    assert {rule.country for rule in text.rules} == {"*", "US"}
    assert zones_of("NL", None, "+12125550100") == ("America/New_York", "Europe/Amsterdam")
    assert opening_for("NL", None, "email", "ap@jansen.example", TODAY).zones == ("Europe/Amsterdam",)


@pytest.mark.parametrize(("country", "zone", "phone"), [
    ("XX", None, None),
    ("XX", "Nowhere/Land", None),
    ("SG", None, "+12125550100"),
    ("US", None, "+18005550100"),
])  # fmt: skip
def test_where_no_hour_suits_every_zone_it_never_opens(country: str, zone: str | None, phone: str | None) -> None:
    opening = opening_for(country, zone, "sms", phone, TODAY)
    assert opening.opens_at(at("Mon 2026-03-16 12:00")) is None
    assert not opening.is_open(at("Mon 2026-03-16 12:00"))


def test_a_zone_on_record_is_believed_where_the_country_is_not_known() -> None:
    opening = opening_for("XX", "Europe/Paris", "email", None, TODAY)
    assert opening.opens_at(at("Mon 2026-03-16 04:00")) == at("Mon 2026-03-16 07:00")


@pytest.mark.parametrize(("country", "on", "holiday"), [
    ("NL", date(2026, 4, 27), True),
    ("NL", date(2025, 4, 26), True),  # Koningsdag moves off a Sunday
    ("NL", date(2025, 4, 27), False),
    ("NL", date(2026, 12, 25), True),
    ("US", date(2026, 11, 26), True),
    ("US", date(2026, 4, 27), False),
    ("DE", date(2026, 11, 26), False),
    ("DE", date(2026, 8, 15), False),  # Mariä Himmelfahrt, in two of its states only
    ("FR", date(2026, 7, 14), True),
    ("XX", date(2026, 12, 25), False),
])  # fmt: skip
def test_a_holiday_is_one_of_the_whole_country(country: str, on: date, holiday: bool) -> None:
    assert is_holiday(country, on) is holiday


def test_days_of_rest_are_known_without_asking_the_hour() -> None:
    opening = opening_for("NL", None, "email", None, TODAY)
    assert [opening.is_rest_day(date(2026, 12, day)) for day in range(24, 29)] == [False, True, True, True, False]
    assert opening.next_day(date(2026, 12, 25)) == date(2026, 12, 28)
    assert opening.next_day(TODAY) == TODAY


ZONES = (
    "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Beirut", "Africa/Casablanca",
    "Pacific/Apia", "Pacific/Chatham", "Asia/Kathmandu", "America/St_Johns", "Antarctica/Casey", "Asia/Tehran",
    "Pacific/Kiritimati", "America/Sao_Paulo", "Europe/Dublin", "Antarctica/Troll", "Asia/Pyongyang", "UTC",
)  # fmt: skip
minutes = st.integers(0, 47).map(lambda half: 30 * half)
rules = st.builds(
    lambda start, length, weekdays, on_holidays: HoursRule(
        "*",
        "email",
        date(2000, 1, 1),
        None,
        frozenset(weekdays),
        start,
        min(start + length, 1440),
        on_holidays,
        "law",
        "-",
    ),
    minutes,
    st.integers(1, 48).map(lambda half: 30 * half),
    st.sets(st.integers(0, 6), min_size=1),
    st.booleans(),
)
moments = st.integers(0, 20 * 365 * 86_400).map(lambda s: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
openings = st.builds(
    Opening,
    rules=st.lists(rules, min_size=1, max_size=2).map(tuple),
    zones=st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True).map(tuple),
    country=st.sampled_from(["NL", "US", "AU", "WS", "XX"]),
)
_TICK = timedelta(microseconds=1)


@given(openings, moments)
def test_at_the_moment_it_opens_it_is_open_and_just_before_it_is_not(opening: Opening, now: datetime) -> None:
    opens = opening.opens_at(now)
    if opens is None:
        assert not any(opening.is_open(now + timedelta(hours=hours, minutes=7)) for hours in range(0, 400, 3))
        return
    assert opening.is_open(opens)
    assert opens == now or not opening.is_open(opens - _TICK)
    # Nothing open was overlooked on the way.
    steps = min(400, int((opens - now) / timedelta(minutes=10)))
    assert not any(opening.is_open(now + step * timedelta(minutes=10)) for step in range(steps))


@given(openings, moments)
def test_at_the_moment_it_closes_it_is_closed_and_just_before_it_is_not(opening: Opening, now: datetime) -> None:
    closes = opening.closes_at(now)
    if closes is None:
        assert all(opening.is_open(now + timedelta(hours=hours, minutes=7)) for hours in range(0, 400, 3))
        return
    assert not opening.is_open(closes)
    assert closes == now or opening.is_open(closes - _TICK)
    steps = min(400, int((closes - now) / timedelta(minutes=10)))
    assert all(opening.is_open(now + step * timedelta(minutes=10)) for step in range(steps))


@given(moments, st.sampled_from(ZONES[:3]), st.sampled_from(["email", "sms", "whatsapp"]))
def test_the_houses_own_rules_open_within_days_and_close_within_hours(now: datetime, zone: str, channel: str) -> None:
    opening = opening_for("NL", zone, channel, None, now.date())
    opens = opening.opens_at(now)
    assert opens is not None
    assert opens - now < timedelta(days=5)
    closes = opening.closes_at(opens)
    assert closes is not None
    assert closes - opens <= timedelta(hours=12)
    assert contact_rules().hours_for("NL", channel, now.date()) in opening.rules
