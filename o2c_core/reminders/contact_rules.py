"""The dated rules on when customers may be written to, as contact_rules.toml has them, read once and checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CHANNELS = ("email", "sms", "whatsapp")
_BASES = ("law", "default")
EVERYWHERE = "*"


class OddRules(ValueError):
    """The rules on when customers may be written to contradict themselves or leave something open."""


@dataclass(frozen=True)
class HoursRule:
    """The hours of the week in which one channel may be used.

    Units: `from_minute` and `to_minute` are minutes of the recipient's local day; `weekdays` are 0 (Monday) to 6.
    """

    country: str
    channel: str
    valid_from: date
    valid_to: date | None
    weekdays: frozenset[int]
    from_minute: int
    to_minute: int
    on_holidays: bool
    basis: str
    source: str


@dataclass(frozen=True)
class Cap:
    """At most so many reminders in so many days, over all channels together."""

    country: str
    valid_from: date
    valid_to: date | None
    messages: int
    days: int
    basis: str
    source: str


@dataclass(frozen=True)
class ContactRules:
    """Everything in the file; what holds for a country is its own rule, else that of every country."""

    hours: tuple[HoursRule, ...]
    caps: tuple[Cap, ...]

    def hours_for(self, country: str, channel: str, on: date) -> HoursRule | None:
        """The hours of that channel there on that day; None for channels without hours, such as chat."""
        of_channel = (rule for rule in self.hours if rule.channel == channel and _holds(rule, on))
        return min(
            (rule for rule in of_channel if rule.country in (country.upper(), EVERYWHERE)),
            key=lambda rule: rule.country == EVERYWHERE,
            default=None,
        )

    def cap_for(self, country: str, on: date) -> Cap:
        """How often customers there are reminded at most on that day."""
        return min(
            (cap for cap in self.caps if cap.country in (country.upper(), EVERYWHERE) and _holds(cap, on)),
            key=lambda cap: cap.country == EVERYWHERE,
        )


@cache
def contact_rules() -> ContactRules:
    """The rules of this version of the house."""
    return read_rules((Path(__file__).with_name("contact_rules.toml")).read_text(encoding="utf-8"))


def read_rules(text: str) -> ContactRules:
    """Raises: OddRules."""
    said = tomllib.loads(text)
    if extra := said.keys() - {"hours", "cap"}:
        raise OddRules(f"unknown: {', '.join(sorted(extra))}")
    rules = ContactRules(
        tuple(_hours(one) for one in said.get("hours", ())), tuple(_cap(one) for one in said.get("cap", ()))
    )
    _check(rules)
    return rules


def _hours(said: Mapping[str, Any]) -> HoursRule:
    _only(said, "channel", "days", "from", "to", "holidays")
    channel, from_minute, to_minute = said["channel"], _minute(said["from"]), _minute(said["to"])
    if channel not in _CHANNELS or from_minute >= to_minute or not said["days"] or set(said["days"]) - set(_DAYS):
        raise OddRules(f"hours of {said['country']} by {channel}")
    weekdays = frozenset(_DAYS.index(day) for day in said["days"])
    return HoursRule(
        said["country"], channel, said["valid_from"], said.get("valid_to"), weekdays, from_minute, to_minute,
        bool(said["holidays"]), said["basis"], said["source"],
    )  # fmt: skip


def _cap(said: Mapping[str, Any]) -> Cap:
    _only(said, "messages", "days")
    if said["messages"] < 1 or said["days"] < 1:
        raise OddRules(f"cap of {said['country']}")
    return Cap(
        said["country"], said["valid_from"], said.get("valid_to"), said["messages"], said["days"], said["basis"],
        said["source"],
    )  # fmt: skip


def _only(said: Mapping[str, Any], *own: str) -> None:
    """Every rule says where and from when it holds, and what it comes from."""
    needed = {"country", "valid_from", "basis", "source", *own}
    if not needed <= said.keys() or said.keys() - needed - {"valid_to"}:
        raise OddRules(f"{sorted(needed ^ said.keys())} of a rule for {said.get('country')}")
    if not re.fullmatch(r"[A-Z]{2}|\*", said["country"]) or said["basis"] not in _BASES or not said["source"].strip():
        raise OddRules(f"country, basis or source of a rule for {said['country']}")
    if said.get("valid_to") is not None and said["valid_to"] < said["valid_from"]:
        raise OddRules(f"the days of a rule for {said['country']}")


def _minute(text: str) -> int:
    if not re.fullmatch(r"[01]\d:[0-5]\d|2[0-3]:[0-5]\d|24:00", text):
        raise OddRules(f"time of day: {text}")
    hour, minute = text.split(":")
    return 60 * int(hour) + int(minute)


def _check(rules: ContactRules) -> None:
    """Two rules for the same must not hold on the same day, and every channel has one for every country today."""
    kinds: dict[tuple[str, ...], list[HoursRule | Cap]] = {}
    for rule in rules.hours:
        kinds.setdefault(("hours", rule.country, rule.channel), []).append(rule)
    for cap in rules.caps:
        kinds.setdefault(("cap", cap.country), []).append(cap)
    for kind, of_kind in kinds.items():
        in_order = sorted(of_kind, key=lambda one: one.valid_from)
        for earlier, later in pairwise(in_order):
            if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
                raise OddRules(f"two rules at once: {' '.join(kind)}")
    if any(("hours", EVERYWHERE, channel) not in kinds for channel in _CHANNELS) or ("cap", EVERYWHERE) not in kinds:
        raise OddRules("a rule for every country is missing")
    if any(of_kind[-1].valid_to is not None for kind, of_kind in kinds.items() if EVERYWHERE in kind):
        raise OddRules("a rule for every country ends")


def _holds(rule: HoursRule | Cap, on: date) -> bool:
    return rule.valid_from <= on and (rule.valid_to is None or on <= rule.valid_to)
