"""The figures of a reminder as its reader writes them, with the receipt of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from o2c_core import days, money
from o2c_core.conversations.sms_text import plain
from o2c_core.money import Money
from o2c_core.reminders.letter import Letter

# The id of the receipt that holds what the message as a whole asks for.
TO_PAY = "message.to_pay"


def asked_key(number: str) -> str:
    """The id of the receipt that holds what is asked of that invoice."""
    return f"invoice {number}.asked"


@dataclass
class Figures:
    """Writes figures for their reader and keeps the receipt of each."""

    letter: Letter
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def _keep(self, key: str, text: str, **exact: object) -> str:
        source = f"{key}, read {self.letter.read_at.isoformat(timespec='seconds')}"
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
        return money.show(amount, self.letter.locale)


class PlainFigures(Figures):
    """The same for a text: codes for currencies, and no sign that makes it cost more."""

    def _keep(self, key: str, text: str, **exact: object) -> str:
        return super()._keep(key, plain(text), **exact)

    def _show(self, amount: Money) -> str:
        return money.show_plain(amount, self.letter.locale)
