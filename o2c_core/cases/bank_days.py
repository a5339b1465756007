"""The days on which banks carry money, and how long a transfer may take, as dated rules."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path

from o2c_core.customers.free_days import BANKS_OF_EURO, is_holiday

EVERYWHERE = "*"


class OddTransferRules(ValueError):
    """The rules on how long a transfer takes contradict themselves or leave a day open."""


@dataclass(frozen=True)
class TransferRule:
    """How many banking days money in that currency may be under way."""

    currency: str
    valid_from: date
    days: int
    source: str


@cache
def transfer_rules() -> tuple[TransferRule, ...]:
    """The rules of this version of the house."""
    return read_transfer_rules(Path(__file__).with_name("transfer_days.toml").read_text(encoding="utf-8"))


def read_transfer_rules(text: str) -> tuple[TransferRule, ...]:
    """Raises: OddTransferRules."""
    rules = tuple(
        TransferRule(said["currency"], said["valid_from"], int(said["days"]), str(said["source"]).strip())
        for said in tomllib.loads(text).get("transfer", ())
    )
    keys = {(rule.currency, rule.valid_from) for rule in rules}
    if len(keys) < len(rules) or not any(rule.currency == EVERYWHERE for rule in rules):
        raise OddTransferRules("two rules from the same day, or none for every currency")
    if any(rule.days < 1 or not rule.source for rule in rules):
        raise OddTransferRules("a rule without days or without its source")
    return rules


def transfer_days(currency: str, on: date, rules: Sequence[TransferRule] | None = None, *, own: object = None) -> int:
    """How many banking days a transfer made on that day may take; what the seller itself has set (`own`) goes first."""
    if isinstance(own, int) and not isinstance(own, bool) and own > 0:
        return own
    holding = [
        one for one in rules or transfer_rules() if one.valid_from <= on and one.currency in (currency, EVERYWHERE)
    ]
    newest = max(holding, key=lambda one: (one.currency == currency, one.valid_from), default=None)
    return newest.days if newest else min(rule.days for rule in rules or transfer_rules())


def banking_days_after(day: date, days: int, currency: str, country: str) -> date:
    """The day so many banking days after that one."""
    while days > 0:
        day += timedelta(days=1)
        days -= is_banking_day(day, currency, country)
    return day


@lru_cache(maxsize=65536)
def is_banking_day(day: date, currency: str, country: str) -> bool:
    """Whether money in that currency moves on that day at a bank in that country."""
    if day.weekday() >= 5:
        return False
    # Other currencies than the euro rest on the public holidays of the seller's country.
    return not is_holiday(BANKS_OF_EURO if currency == "EUR" else country, day)


def banking_day_before(day: date, currency: str, country: str) -> date:
    """The last banking day before that one."""
    day -= timedelta(days=1)
    while not is_banking_day(day, currency, country):
        day -= timedelta(days=1)
    return day
