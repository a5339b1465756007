"""Whether two clauses of a message are two wishes or one wish in two breaths."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# What people say around a wish; never a wish of its own beside one.
AROUND = frozenset({"greeting", "thanks", "confirm", "deny", "out_of_scope"})

_ADDS = re.compile(
    r"\b(?:and|also|plus|btw|by the way|but|en|ook|verder|daarnaast|trouwens|maar|und|auch|außerdem|zudem|übrigens|aber|sowie"
    r"|et|aussi|puis|mais|d'ailleurs|de plus)\b|[&+]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Wish:
    """The best clause for one intent."""

    clause: int
    column: int
    probability: float


def wishes(each: Floats, intents: Sequence[str]) -> list[Wish]:
    """For each intent that tops a clause, its best clause; the surest wish first."""
    best: dict[int, Wish] = {}
    for clause, probabilities in enumerate(each):
        column = int(probabilities.argmax())
        found = Wish(clause, column, float(probabilities[column]))
        if intents[column] not in AROUND and (column not in best or best[column].probability < found.probability):
            best[column] = found
    return sorted(best.values(), key=lambda wish: (-wish.probability, wish.clause))


def signs(text: str, clauses: Sequence[str], whole: Floats, each: Floats, first: Wish, second: Wish) -> Floats:
    """What tells two wishes from one: how sure each clause is, how well the other fits it, and how they are joined."""
    earlier, later = sorted((first.clause, second.clause))
    start = text.find(clauses[later])
    between = text[max(0, start - 14) : start]
    lengths = [len(clauses[wish.clause].split()) for wish in (first, second)]
    return np.array(
        [
            first.probability,
            second.probability,
            _log(1 - first.probability),
            _log(1 - second.probability),
            _log(float(whole[first.column])),
            _log(float(whole[second.column])),
            _log(1 - float(whole.max())),
            min(lengths[0], 20),
            min(lengths[1], 20),
            len(clauses),
            _log(float(each[second.clause][first.column])),
            _log(float(each[first.clause][second.column])),
            clauses[earlier][-1] in ".!?;",
            clauses[earlier].endswith("?"),
            bool(_ADDS.search(between) or _ADDS.match(clauses[later])),
            earlier == 0,
            later - earlier,
        ],
        dtype=np.float32,
    )


def _log(value: float) -> float:
    return float(np.log(max(value, 1e-3)))
