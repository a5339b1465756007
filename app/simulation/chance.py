"""Chance from a seed: every question about a person or a bill has its own answer, whoever asks it and in whatever order."""

from __future__ import annotations

import random


class Chance:
    """Draws named by what they decide, so that three policies meet the same world and a run can be repeated."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def of(self, *about: object) -> random.Random:
        """A source of its own for that question."""
        return random.Random(":".join(map(str, (self.seed, *about))))  # noqa: S311 (repeatable on purpose)

    def happens(self, probability: float, *about: object) -> bool:
        return probability > 0 and self.of(*about).random() < probability
