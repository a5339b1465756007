"""The time zones somebody may be in, by their address and by their phone number."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
import pytz
from phonenumbers import timezone


@lru_cache(maxsize=4096)
def zones_of(country: str, time_zone: str | None, phone: str | None = None) -> tuple[str, ...]:
    """Every zone that may be theirs, in order; nothing when nobody can tell.

    Their own zone where it is on record, else all zones of their country; with a `phone` that is texted, those its
    number may be in as well: an area code is not a place, and neither is an address where somebody is.
    """
    by_address = (time_zone,) if time_zone else tuple(pytz.country_timezones.get(country.upper(), ()))
    return tuple(sorted({zone for zone in (*by_address, *_of_phone(phone)) if _is_known(zone)}))


@lru_cache(maxsize=4096)
def country_of(phone: str) -> str | None:
    """The country the number belongs to; None for numbers of no country."""
    number = _parsed(phone)
    region = phonenumbers.region_code_for_number(number) if number else None
    return region if region and len(region) == 2 and region.isalpha() else None


def _of_phone(phone: str | None) -> tuple[str, ...]:
    number = _parsed(phone) if phone else None
    if phone is None or number is None:
        return ()
    found = tuple(zone for zone in timezone.time_zones_for_number(number) if zone != timezone.UNKNOWN_TIMEZONE)
    return found or tuple(pytz.country_timezones.get(country_of(phone) or "", ()))


def _parsed(phone: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return None


@lru_cache(maxsize=1024)
def _is_known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True
