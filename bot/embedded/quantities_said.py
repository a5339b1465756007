"""How many of something a message says there are, were missing or are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True)
class QuantitySaid:
    """A quantity as it was said: "9 of 12" came, "3 te weinig" are missing, "make it 20" is wanted."""

    value: Decimal
    of: Decimal | None
    unit: str | None
    text: str
    kind: Literal["got", "missing", "wanted", "plain"] = "plain"


def quantities_said(text: str) -> tuple[QuantitySaid, ...]:
    return ()
