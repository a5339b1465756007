"""The days on which a country, or the banks of a currency, do not work: public holidays as their calendars have them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import holidays

# The euro's own calendar of closing days.
BANKS_OF_EURO = "XECB"


@lru_cache(maxsize=65536)
def is_holiday(calendar: str, on: date) -> bool:
    """Whether it is a public holiday in the whole of that country; of a country without a calendar nothing is known.

    `calendar` is a country, or BANKS_OF_EURO for the days on which no euro is carried.
    """
    found = _calendar(calendar.upper())
    return found is not None and on in found


@lru_cache(maxsize=256)
def _calendar(name: str) -> holidays.HolidayBase | None:
    try:
        return holidays.financial_holidays(name) if name == BANKS_OF_EURO else holidays.country_holidays(name)
    except NotImplementedError:
        return None
