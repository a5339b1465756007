"""How the desk words what waits: why a person is called, on which channel, how long already and until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from o2c_core import days
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import REASONS, Handoff
from o2c_core.customers.masked import masked
from o2c_core.money import Money

URGENCY = {"now": ("at once", "bad"), "today": ("today", "warn"), "normal": ("in turn", "calm")}
CHANNELS = {"email": "Email", "sms": "SMS", "whatsapp": "WhatsApp", "chat": "Chat", "terminal": "Terminal"}
NOBODY_KNOWN = "Somebody we do not know"
# What is late by more than this is told in days, as nobody counts the hours any more.
_HOURS_COUNTED = timedelta(hours=48)


def why_called(handoff: Handoff) -> str:
    """The reason in words for people; of a reason no longer in use, what was noted with it."""
    return REASONS.get(handoff.reason, (handoff.why, ""))[0]


def at_stake(packet: Mapping[str, Any]) -> list[tuple[Money, Money]]:
    """What was open and overdue on the account when a person was called, by currency."""
    return [
        (Money(one["open_minor"], one["currency"]), Money(one["overdue_minor"], one["currency"]))
        for one in packet.get("at_stake", ())
    ]


def writer_of(conversation: Conversation) -> str:
    """Somebody whom no customer is known for, by an address that cannot be used."""
    return masked(conversation.address) if conversation.address else NOBODY_KNOWN


def waited(since: datetime, now: datetime) -> str:
    """ "4 min", "2 h 10 min", "3 days": how long somebody has been waiting."""
    gone = max(now - since, timedelta())
    minutes = int(gone.total_seconds()) // 60
    if gone >= _HOURS_COUNTED:
        return f"{gone.days} days"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def due_in_words(due_at: datetime, now: datetime, zone: ZoneInfo, locale: str) -> str:
    """ "02:10 late", "due in 40 min", "due 15:30", "due tomorrow 09:40", "due 20 mrt 2026 09:40"."""
    left = due_at - now
    if left < timedelta():
        minutes = int(-left.total_seconds()) // 60
        return f"{(-left).days} days late" if -left >= _HOURS_COUNTED else f"{minutes // 60:02}:{minutes % 60:02} late"
    if left < timedelta(hours=1):
        return f"due in {int(left.total_seconds()) // 60} min"
    local, today = due_at.astimezone(zone), now.astimezone(zone).date()
    return f"due {_day_named(local.date(), today, locale)}{local:%H:%M}"


def until_in_words(until: datetime, now: datetime, zone: ZoneInfo, locale: str) -> str:
    """ "15:30", "tomorrow 09:00", "23 mrt 2026 09:00": when something that was put off comes back."""
    local, today = until.astimezone(zone), now.astimezone(zone).date()
    return f"{_day_named(local.date(), today, locale)}{local:%H:%M}"


def _day_named(day: date, today: date, locale: str) -> str:
    if day == today:
        return ""
    return "tomorrow " if day == today + timedelta(days=1) else f"{days.show_short(day, locale)} "
