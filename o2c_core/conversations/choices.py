"""Which quick answers an answer of ours invites: a word on what it proposes, or on what we guess was meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Choices = Literal["offer", "guess"]
# What an answer asks for, where it asks back with its best guess.
GUESS = "meant:"


def choices_of(understanding: Mapping[str, Any]) -> Choices | None:
    """`offer` where something is proposed, `guess` where we ask whether this was meant; None where any words will do."""
    if understanding.get("offers"):
        return "offer"
    return "guess" if str(understanding.get("asks") or "").startswith(GUESS) else None
