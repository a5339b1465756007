"""The amounts of money a message names, in figures or in words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class AmountSaid:
    """An amount as it was written; without a currency where none stands beside it."""

    value: Decimal
    currency: str | None
    text: str


def amounts_said(text: str, *, language: str) -> tuple[AmountSaid, ...]:
    return ()
