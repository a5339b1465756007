"""Everything a message mentions: numbers, amounts, days, quantities, addresses, and what it only points at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.embedded.amounts_said import AmountSaid, amounts_said
from bot.embedded.days_said import DaySaid, days_said
from bot.embedded.entities import References, find_references
from bot.embedded.quantities_said import QuantitySaid, quantities_said

__all__ = ["AmountSaid", "DaySaid", "Mentions", "QuantitySaid", "find_mentions"]


@dataclass(frozen=True)
class Mentions:
    """What one message mentions; `points` is of "last", "first", "all", "both", "that", "it", "other" and "rest"."""

    references: References = References()
    amounts: tuple[AmountSaid, ...] = ()
    days: tuple[DaySaid, ...] = ()
    quantities: tuple[QuantitySaid, ...] = ()
    parts: int | None = None
    line_numbers: tuple[int, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()
    ibans: tuple[str, ...] = ()
    points: frozenset[str] = frozenset()


def find_mentions(
    text: str, *, language: str, today: date, country: str = "NL", prefer: Literal["future", "past"] = "future"
) -> Mentions:
    return Mentions(
        references=find_references(text),
        amounts=amounts_said(text, language=language),
        days=days_said(text, language=language, today=today, country=country, prefer=prefer),
        quantities=quantities_said(text),
    )
