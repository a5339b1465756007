"""What finance reads of the days, moments, places, steps and tones of reminders: plain English, and no code of ours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from o2c_core import days, money
from o2c_core.customers.masked import masked
from o2c_core.customers.seller import Seller
from o2c_core.money import Money
from o2c_core.reminders.claims import is_of_plan
from o2c_core.reminders.ladders.summary import when

LOCALE = "en_GB"
_CHANNELS = {"email": "by email", "sms": "by text message", "whatsapp": "on WhatsApp", "call": "by a call of a person"}
_TONES = {
    "courtesy": "a courtesy", "neutral": "neutral", "asking": "asking what is in the way", "clear": "clear",
    "serious": "serious",
}  # fmt: skip


def day(on: date) -> str:
    return days.show(on, LOCALE)


def moment(at: datetime, seller: Seller) -> str:
    """ "16 March 2026 at 12:00", where the seller is."""
    local = at.astimezone(ZoneInfo(seller.time_zone))
    return f"{day(local.date())} at {local:%H:%M}"


def amount(asked: Money) -> str:
    return money.show(asked, LOCALE)


def about(numbers: Iterable[str], asked: Money) -> str:
    """ "F-1, F-2 (€1,250.00)"."""
    return f"{', '.join(numbers)} ({amount(asked)})"


def place(channel: str, address: str | None) -> str:
    """ "by email to a•••@jansen.example"."""
    return f"{way(channel)} to {masked(address)}"


def way(channel: str) -> str:
    return _CHANNELS.get(channel, channel)


def step(at: int, rung: str = "") -> str:
    """ "the step 14 days after the due date"; of a payment plan the due date is that of its part."""
    said = when(at)
    of = " of the plan's part" if is_of_plan(rung) else ""
    return f"the step {said[0].lower()}{said[1:]}{of}"


def tone(name: str) -> str:
    """ "asking what is in the way"."""
    return _TONES.get(name, f"“{name}”")


def within(sentence: str) -> str:
    """The sentence as part of another: "It has been paid." as "it has been paid"."""
    said = sentence.rstrip(".")
    return f"{said[:1].lower()}{said[1:]}"
