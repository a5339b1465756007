"""Whether it is time for a seller's reminders: in its own morning, on its own working days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from o2c_core.customers.free_days import is_holiday

# The hour from which reminders are written where the seller chose none; customers' own hours decide when they leave.
HOUR = 9
_SATURDAY = 5


def due_day(settings: Mapping[str, Any], country: str, time_zone: str, now: datetime) -> date | None:
    """The day, where the seller is, whose run is due at that moment; None before its hour and on days of rest.

    `settings` are the seller's: {"reminders": {"hour": 9, "by_itself": true}}. With `by_itself` false a run is only made
    by hand. What could not be done at the hour is done later on the same day, and not on the next.
    """
    chosen = settings.get("reminders", {})
    local = now.astimezone(ZoneInfo(time_zone))
    is_working = local.weekday() < _SATURDAY and not is_holiday(country, local.date())
    if not chosen.get("by_itself", True) or not is_working or local.hour < int(chosen.get("hour", HOUR)):
        return None
    return local.date()
