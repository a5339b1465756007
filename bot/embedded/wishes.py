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

_HINT = 0.1  # a clause read as something else may still hold a wish that the whole text shows this much of

_ADDS = re.compile(
    r"\b(?:and|also|plus|btw|by the way|but|en|ook|verder|daarnaast|trouwens|maar|und|auch|außerdem|zudem|übrigens|aber|sowie"
    r"|et|aussi|puis|mais|d'ailleurs|de plus|otherwise|furthermore|tevens|ferner|par ailleurs|par contre)\b|[&+]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Wish:
    """The best clause for one intent."""

    clause: int
    column: int
    probability: float


@dataclass(frozen=True)
class Reading:
    """A message as the quick look read it: whole, each clause, and how well each clause could stand alone."""

    text: str
    clauses: list[str]
    whole: Floats
    each: Floats
    alone: Floats
    is_change: Sequence[bool]  # of each intent, whether it changes something


def wishes(each: Floats, whole: Floats, intents: Sequence[str]) -> list[Wish]:
    """For each intent that tops a clause, or that the whole text hints at, its best clause; the surest wish first."""
    best: dict[int, Wish] = {}
    for clause, probabilities in enumerate(each):
        column = int(probabilities.argmax())
        found = Wish(clause, column, float(probabilities[column]))
        if intents[column] not in AROUND and (column not in best or best[column].probability < found.probability):
            best[column] = found
    taken = {wish.clause for wish in best.values()}
    for hinted in np.flatnonzero(whole >= _HINT):
        column = int(hinted)
        clause = int(each[:, column].argmax())
        if column not in best and intents[column] not in AROUND and clause not in taken:
            best[column] = Wish(clause, column, float(each[clause, column]))
    return sorted(best.values(), key=lambda wish: (-wish.probability, wish.clause))


def signs(read: Reading, first: Wish, second: Wish) -> Floats:
    """What tells two wishes from one: how sure each clause is, how well it could stand alone, how they are joined."""
    earlier, later = sorted((first.clause, second.clause))
    start = read.text.find(read.clauses[later])
    between = read.text[max(0, start - 14) : start]
    alone = float(read.alone[first.clause]), float(read.alone[second.clause])
    return np.array(
        [
            first.probability,
            second.probability,
            _log(1 - first.probability),
            _log(1 - second.probability),
            _log(float(read.whole[first.column])),
            _log(float(read.whole[second.column])),
            _log(1 - float(read.whole.max())),
            min(len(read.clauses[first.clause].split()), 20),
            min(len(read.clauses[second.clause].split()), 20),
            len(read.clauses),
            _log(float(read.each[second.clause][first.column])),
            _log(float(read.each[first.clause][second.column])),
            *alone,
            min(alone),
            float(read.alone.min()),
            read.clauses[earlier][-1] in ".!?;",
            read.clauses[earlier].endswith("?"),
            bool(_ADDS.search(between) or _ADDS.match(read.clauses[later])),
            earlier == 0,
            later - earlier,
            *(_has_figure(read.clauses[clause]) for clause in (earlier, later)),
            read.clauses[earlier].endswith("?") and read.clauses[later].endswith("?"),
            read.is_change[first.column],
            read.is_change[second.column],
            _log(float(read.whole[first.column] + read.whole[second.column])),
        ],
        dtype=np.float32,
    )


def _has_figure(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _log(value: float) -> float:
    return float(np.log(max(value, 1e-3)))
