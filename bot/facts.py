"""Facts with ids: the only door by which a figure, date, number or name enters a reply."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime

from babel.numbers import format_decimal

from o2c_core import days, money
from o2c_core.errors import Refused
from o2c_core.money import Money

PLACE = re.compile(r"\{(f\d+)\}")


class NoSuchFact(Refused):
    """A draft refers to a fact that was never read."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something read from the ledger or the library: its id in this turn, how it is written, and where it was read."""

    id: str
    text: str
    source: str

    def as_json(self) -> dict[str, str]:
        return {"id": self.id, "text": self.text, "source": self.source}


@dataclass
class FactBook:
    """The facts of one turn, each written the way the reader's locale writes it."""

    locale: str
    read_at: datetime
    facts: dict[str, Fact] = field(default_factory=dict)

    def _add(self, text: str, source: str) -> str:
        for fact in self.facts.values():
            if fact.text == text and fact.source.startswith(source + " at "):
                return fact.id
        fact = Fact(f"f{len(self.facts) + 1}", text, f"{source} at {self.read_at:%Y-%m-%dT%H:%M:%SZ}")
        self.facts[fact.id] = fact
        return fact.id

    def money(self, amount: Money, source: str) -> str:
        return self._add(money.show(amount, self.locale), source)

    def day(self, day: date, source: str) -> str:
        return self._add(days.show(day, self.locale), source)

    def count(self, number: int, source: str) -> str:
        return self._add(format_decimal(number, locale=self.locale), source)

    def text(self, text: str, source: str) -> str:
        """A number, name, address or passage, exactly as it is kept."""
        return self._add(text, source)

    def render(self, draft: str) -> tuple[str, list[Fact]]:
        """The draft with every `{f1}` replaced by its fact, and the facts it used in order of appearance.

        Raises: NoSuchFact.
        """
        used: dict[str, Fact] = {}

        def put(place: re.Match[str]) -> str:
            fact = self.facts.get(place[1])
            if fact is None:
                raise NoSuchFact(id=place[1])
            used[fact.id] = fact
            return fact.text

        # A fact's own text is never searched for places: what a document or a name says cannot pull in another fact.
        return PLACE.sub(put, draft), list(used.values())
