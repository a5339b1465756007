"""A bare figure as the answer to what was offered or asked: "nee 60" after an amount, "three" after how many parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.embedded.mentions import AmountSaid, Mentions, QuantitySaid

_FIGURE = re.compile(r"(?<![\w.,/-])\d{1,6}(?:[.,]\d{1,2})?(?![\w/-]|[.,]\d)")
_PARTS = re.compile(
    r"\b(?P<number>\d{1,2}|two|three|four|five|six|twee|drie|vier|vijf|zes|zwei|drei|vier|fünf|sechs|deux|trois|quatre|cinq|six)\b",
    re.IGNORECASE,
)
_NUMBERS = {
    word: value
    for value, words in enumerate(
        ("two twee zwei deux", "three drie drei trois", "four vier quatre", "five vijf fünf cinq", "six zes sechs"), 2
    )
    for word in words.split()
}
_WORDS_MAX = 8


def with_bare_figure(mentions: Mentions, words: str, intent: str, earlier: Mapping[str, Any]) -> Mentions:
    """The mentions with one bare figure of a short message read as what that intent waits for."""
    if len(words.split()) > _WORDS_MAX:
        return mentions
    if intent == "payment_plan" and mentions.parts is None:
        found = _PARTS.search(words)
        if found and not mentions.days:
            number = found["number"].lower()
            return replace(mentions, parts=int(number) if number.isdigit() else _NUMBERS[number])
        return mentions
    figures = _FIGURE.findall(words)
    if len(figures) != 1 or mentions.amounts or mentions.quantities or mentions.days:
        return mentions
    value = Decimal(figures[0].replace(",", "."))
    if _holds_money(earlier):
        return replace(mentions, amounts=(AmountSaid(value, None, figures[0]),))
    if intent == "change_order":
        return replace(mentions, quantities=(QuantitySaid(value, None, None, figures[0], "wanted"),))
    return mentions


def _holds_money(earlier: Mapping[str, Any]) -> bool:
    return any(isinstance(value, Mapping) and "minor" in value for value in earlier.values())
