"""One of the coming days: what would go out, to whom and at which step, and who would be held and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from o2c_core.money import Money
from o2c_core.reminders.answer import Reason
from o2c_core.reminders.ladder import Mode


@dataclass(frozen=True)
class Going:
    """One message (or call) to one customer about one currency; `mode` says whether somebody looks at it first."""

    customer: str
    name: str
    numbers: tuple[str, ...]
    asked: Money
    rung: str
    days: int
    ladder: str
    channel: str
    mode: Mode

    @property
    def is_call(self) -> bool:
        return self.channel == "call"

    def to_json(self) -> dict[str, Any]:
        return {
            "customer": self.customer, "name": self.name, "invoices": list(self.numbers), "asked": str(self.asked.major),
            "currency": self.asked.currency, "rung": self.rung, "days": self.days, "ladder": self.ladder,
            "channel": self.channel, "mode": self.mode,
        }  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """One customer and currency with something open who hears nothing that day, and why; `open` where it can be read."""

    customer: str
    name: str
    open: Money | None
    reason: Reason
    sentence: str

    def to_json(self) -> dict[str, Any]:
        opened = {"open": str(self.open.major), "currency": self.open.currency} if self.open is not None else {}
        return {"customer": self.customer, "name": self.name} | opened | {
            "reason": self.reason.value, "sentence": self.sentence,
        }  # fmt: skip


@dataclass(frozen=True)
class AheadDay:
    """One day; without a run (a weekend, a holiday of the seller) nothing goes out and nobody is held."""

    on: date
    has_run: bool
    going: tuple[Going, ...] = ()
    held: tuple[Kept, ...] = ()

    @property
    def messages(self) -> tuple[Going, ...]:
        return tuple(one for one in self.going if not one.is_call)

    @property
    def calls(self) -> tuple[Going, ...]:
        return tuple(one for one in self.going if one.is_call)

    @property
    def totals(self) -> list[Money]:
        return sums(one.asked for one in self.going)

    def reasons(self) -> list[tuple[Reason, int]]:
        """How many are held, by reason, the most first."""
        counts: dict[Reason, int] = {}
        for one in self.held:
            counts[one.reason] = counts.get(one.reason, 0) + 1
        return sorted(counts.items(), key=lambda one: (-one[1], one[0].value))


def sums(amounts: Iterable[Money]) -> list[Money]:
    """By currency."""
    found: dict[str, Money] = {}
    for amount in amounts:
        found[amount.currency] = found.get(amount.currency, Money.zero(amount.currency)) + amount
    return [found[currency] for currency in sorted(found)]
