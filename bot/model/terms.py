"""What a provider's model may take, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Terms:
    """`seconds` is the budget of a whole turn, for all calls together. Prices are per million tokens in one currency, so a
    price is also what one token costs in millionths."""

    name: str = ""
    seconds: float = 12.0
    calls_per_turn: int = 6
    tokens_per_turn: int = 40_000
    calls_per_conversation: int = 200
    tokens_per_conversation: int = 600_000
    price_in: Decimal | None = None
    price_out: Decimal | None = None

    def cost_micro(self, tokens_in: int | None, tokens_out: int | None) -> int | None:
        """Units: millionths of the price's currency. None when a price or the count of tokens is not known."""
        if self.price_in is None or self.price_out is None or tokens_in is None or tokens_out is None:
            return None
        return int((tokens_in * self.price_in + tokens_out * self.price_out).to_integral_value())
