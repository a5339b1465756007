"""The figures of a notice as its reader writes them, with the receipt of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal

from o2c_core import days, money
from o2c_core.conversations.sms_text import plain
from o2c_core.money import Money


@dataclass
class Figures:
    """Writes figures for their reader and keeps where each was read. `is_text` is for phones: codes and plain letters."""

    locale: str
    read_at: datetime
    is_text: bool = False
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def _keep(self, key: str, text: str, **exact: object) -> str:
        said = plain(text) if self.is_text else text
        source = f"{key}, read {self.read_at.isoformat(timespec='seconds')}"
        self.receipts[key] = {"id": key, "text": said, "source": source, **exact}
        return said

    def money(self, key: str, amount: Money) -> str:
        show = money.show_plain if self.is_text else money.show
        return self._keep(key, show(amount, self.locale), minor=amount.minor)

    def day(self, key: str, day: date) -> str:
        """In words; short in a text and where `day` stands in a table (see `short_day`)."""
        return self.short_day(key, day) if self.is_text else self._keep(key, days.show(day, self.locale))

    def short_day(self, key: str, day: date) -> str:
        return self._keep(f"{key}.short", days.show_short(day, self.locale))

    def count(self, key: str, count: int) -> str:
        return self._keep(key, str(count))

    def quantity(self, key: str, quantity: Decimal) -> str:
        return self._keep(key, str(format_decimal(quantity.normalize(), locale=self.locale)))

    def word(self, key: str, word: str) -> str:
        return self._keep(key, word)
