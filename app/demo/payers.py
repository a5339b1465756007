"""When a payer of each kind pays an invoice, and in how many parts."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

HABITS = ("on_time", "few_days", "plus_four", "very_late", "in_parts", "at_once", "overpays", "stopped")

_STOPPED_DAYS = 60
_ROUND_UP_TO = 1000


@dataclass(frozen=True)
class Part:
    """An amount, in minor units, that is paid on a day."""

    on: date
    minor: int


def settle(habit: str, due_on: date, total_minor: int, *, today: date, dice: random.Random) -> list[Part]:
    """How somebody with that habit pays the whole of an invoice, also after `today`; [] when they never will."""
    if habit == "plus_four":
        return [Part(due_on + timedelta(days=4), total_minor)]
    if habit == "at_once":
        return [Part(_last_working_day(due_on), total_minor)]
    if habit == "stopped" and due_on > today - timedelta(days=_STOPPED_DAYS + 1):
        return []
    if habit == "in_parts":
        first = total_minor * 6 // 10
        return [
            Part(_bank_day(due_on + timedelta(days=dice.randint(2, 5))), first),
            Part(_bank_day(due_on + timedelta(days=dice.randint(22, 30))), total_minor - first),
        ]
    if habit == "very_late":
        days = dice.randint(25, 48)
    elif habit == "few_days":
        days = dice.randint(2, 6)
    else:
        days = dice.randint(1, 3) if dice.random() < 0.1 else -dice.randint(0, 5)
    return [Part(_bank_day(due_on + timedelta(days=days)), total_minor)]


def transferred(habit: str, owed_minor: int) -> int:
    """What the bank sees for invoices of that much: those who overpay round up to a whole ten."""
    return -(-owed_minor // _ROUND_UP_TO) * _ROUND_UP_TO if habit == "overpays" else owed_minor


def _bank_day(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)


def _last_working_day(of: date) -> date:
    day = (of.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return day - timedelta(days=max(0, day.weekday() - 4))
