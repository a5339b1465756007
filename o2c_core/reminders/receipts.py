"""The figures of a reminder as its reader writes them, with the receipt of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from o2c_core import days, money
from o2c_core.conversations.sms_text import plain
from o2c_core.money import Money
from o2c_core.reminders.letter import Letter

# The id of the receipt that holds what the message as a whole asks for.
TO_PAY = "message.to_pay"


def about(number: str, part: int = 0) -> str:
    """What the ids of the receipts of that invoice begin with, or of that part of it."""
    return f"invoice {number} part {part}" if part else f"invoice {number}"


def asked_key(number: str, part: int = 0) -> str:
    """The id of the receipt that holds what is asked of that invoice, or of that part of it."""
    return f"{about(number, part)}.asked"


_ASKED = re.compile(r"invoice (.+?)(?: part (\d+))?\.asked", re.DOTALL)


def asked_in(receipts: Iterable[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """The invoices, each with its part, that a message with those receipts asks for."""
    found = (_ASKED.fullmatch(str(receipt.get("id", ""))) for receipt in receipts)
    return [(one[1], int(one[2] or 0)) for one in found if one]


@dataclass
class Figures:
    """Writes figures for their reader and keeps the receipt of each."""

    letter: Letter
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._read_at = self.letter.read_at.isoformat(timespec="seconds")

    def _keep(self, key: str, text: str, **exact: object) -> str:
        source = f"{key}, read {self._read_at}"
        self.receipts[key] = {"id": key, "text": text, "source": source, **exact}
        return text

    def money(self, key: str, amount: Money) -> str:
        return self._keep(key, self._show(amount), minor=amount.minor)

    def day(self, key: str, day: date) -> str:
        return self._keep(key, days.show(day, self.letter.locale))

    def short_day(self, key: str, day: date) -> str:
        return self._keep(f"{key}.short", days.show_short(day, self.letter.locale))

    def count(self, key: str, count: int) -> str:
        return self._keep(key, str(count))

    def word(self, key: str, word: str) -> str:
        return self._keep(key, word)

    def _show(self, amount: Money) -> str:
        return _shown(amount, self.letter.locale)


class PlainFigures(Figures):
    """The same for a text: codes for currencies, and no sign that makes it cost more."""

    def _keep(self, key: str, text: str, **exact: object) -> str:
        return super()._keep(key, plain(text), **exact)

    def _show(self, amount: Money) -> str:
        return _shown_plain(amount, self.letter.locale)


class Places(Figures):
    """The same with the id of a fact in place of each figure, for who may put the words around them differently."""

    @cached_property
    def facts(self) -> dict[str, tuple[str, str]]:
        """The text and the source of each figure by the id that stands for it."""
        return {}

    def _keep(self, key: str, text: str, **exact: object) -> str:
        super()._keep(key, text, **exact)
        source = str(self.receipts[key]["source"])
        known = (place for place, fact in self.facts.items() if fact == (text, source))
        place = next(known, f"f{len(self.facts) + 1}")
        self.facts[place] = (text, source)
        return f"{{{place}}}"


# The same few amounts are asked for, summed and noted in one message, and many customers owe the same.
_shown = lru_cache(maxsize=16384)(money.show)
_shown_plain = lru_cache(maxsize=16384)(money.show_plain)
