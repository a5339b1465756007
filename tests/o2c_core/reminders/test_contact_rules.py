"""The dated rules on when customers may be written to."""

from datetime import date

import pytest

from o2c_core.reminders.contact_rules import OddRules, contact_rules, read_rules

TODAY = date(2026, 3, 16)

HOURS = """
[[hours]]
country = "{country}"
channel = "{channel}"
valid_from = {since}
{until}
days = ["mon", "tue"]
from = "08:00"
to = "20:00"
holidays = false
basis = "default"
source = "ours"
"""
CAP = """
[[cap]]
country = "*"
valid_from = 2020-01-01
messages = 3
days = 7
basis = "default"
source = "ours"
"""


def hours(channel: str = "email", country: str = "*", since: str = "2020-01-01", until: str | None = None) -> str:
    last = f"valid_to = {until}" if until else ""
    return HOURS.format(channel=channel, country=country, since=since, until=last)


EVERYWHERE = hours("email") + hours("sms") + hours("whatsapp") + CAP


def test_every_rule_in_the_house_says_what_it_comes_from_and_whether_it_is_law() -> None:
    rules = contact_rules()
    assert {rule.basis for rule in (*rules.hours, *rules.caps)} == {"law", "default"}
    assert all("CFR" in rule.source or "As for" in rule.source for rule in rules.hours if rule.basis == "law")
    assert all(rule.valid_from <= TODAY and len(rule.source) > 15 for rule in (*rules.hours, *rules.caps))


@pytest.mark.parametrize(("country", "channel", "from_hour", "to_hour"), [
    ("NL", "email", 8, 20),
    ("nl", "sms", 9, 20),
    ("US", "email", 8, 21),
    ("us", "sms", 9, 20),
    ("US", "whatsapp", 9, 20),
])  # fmt: skip
def test_a_country_has_its_own_hours_and_else_those_of_every_country(
    country: str, channel: str, from_hour: int, to_hour: int
) -> None:
    rule = contact_rules().hours_for(country, channel, TODAY)
    assert rule
    assert (rule.from_minute, rule.to_minute) == (60 * from_hour, 60 * to_hour)
    assert rule.weekdays == {0, 1, 2, 3, 4, 5}
    assert not rule.on_holidays


def test_no_channel_is_ever_open_longer_than_the_law_of_the_united_states_allows() -> None:
    # 47 CFR 64.1200(c)(1) and 12 CFR 1006.6(b)(1): not before 8:00 and not after 21:00.
    assert all(8 * 60 <= rule.from_minute < rule.to_minute <= 21 * 60 for rule in contact_rules().hours)


def test_chat_has_no_hours_and_three_reminders_a_week_are_the_most() -> None:
    assert contact_rules().hours_for("NL", "chat", TODAY) is None
    cap = contact_rules().cap_for("NL", TODAY)
    assert (cap.messages, cap.days) == (3, 7)


def test_a_rule_holds_from_its_first_day_to_its_last() -> None:
    rules = read_rules(
        EVERYWHERE
        + hours(country="FR", since="2021-01-01", until="2021-12-31")
        + hours(country="FR", since="2024-05-01")
    )
    held = {
        day: rules.hours_for("FR", "email", date.fromisoformat(day))
        for day in ("2020-12-31", "2021-01-01", "2021-12-31", "2022-01-01", "2024-04-30", "2024-05-01")
    }
    assert {day: rule and (rule.country, rule.valid_from.year) for day, rule in held.items()} == {
        "2020-12-31": ("*", 2020),
        "2021-01-01": ("FR", 2021),
        "2021-12-31": ("FR", 2021),
        "2022-01-01": ("*", 2020),
        "2024-04-30": ("*", 2020),
        "2024-05-01": ("FR", 2024),
    }


@pytest.mark.parametrize(("text", "about"), [
    (EVERYWHERE + hours(country="FR") + hours(country="FR", since="2024-05-01"), "two rules at once"),
    (EVERYWHERE + hours(country="FR", since="2024-05-01", until="2024-04-01"), "the days of a rule"),
    (EVERYWHERE.replace('"08:00"', '"20:00"'), "hours of"),
    (EVERYWHERE.replace('"08:00"', '"8:00"'), "time of day"),
    (EVERYWHERE.replace('"20:00"', '"24:01"'), "time of day"),
    (EVERYWHERE.replace('"tue"', '"tues"'), "hours of"),
    (EVERYWHERE.replace('"default"', '"habit"'), "country, basis or source"),
    (EVERYWHERE.replace('source = "ours"', 'source = " "'), "country, basis or source"),
    (EVERYWHERE.replace("holidays = false\n", ""), "holidays"),
    (EVERYWHERE.replace("messages = 3", "messages = 0"), "cap of"),
    (EVERYWHERE + hours(channel="fax"), "hours of"),
    (EVERYWHERE + hours(country="France"), "country, basis or source"),
    (hours("email") + hours("sms") + CAP, "a rule for every country is missing"),
    (EVERYWHERE.replace(CAP, ""), "a rule for every country is missing"),
    (EVERYWHERE + "[colour]\n", "unknown: colour"),
    (hours("email", until="2030-01-01") + hours("sms") + hours("whatsapp") + CAP, "ends"),
])  # fmt: skip
def test_rules_that_contradict_themselves_or_leave_something_open_are_refused(text: str, about: str) -> None:
    with pytest.raises(OddRules, match=about):
        read_rules(text)
