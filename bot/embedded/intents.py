"""What a message asks for: one intent, or several when its clauses ask for different things."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.embedded.clauses import clauses
from bot.embedded.head import Floats, Head, trained_head
from bot.embedded.wishes import AROUND, Reading, signs, wishes

WISHES_MAX = 3
_WISH_PLAIN = 0.5  # a clause this sure of its wish outweighs the greeting or thanks around it


@dataclass(frozen=True)
class Intent:
    """`confidence` is calibrated: of messages at 0.8, about four in five are understood rightly."""

    name: str
    confidence: float


def find_intents(text: str, head: Head | None = None) -> tuple[Intent, ...]:
    """The intents of a legible text in the order they appear; the best single one when there is one wish."""
    head = head or trained_head()
    parts = clauses(text)
    scores = head.scores([text, *parts] if len(parts) > 1 else [text])
    looked = head.quick(scores)
    whole = looked[0]
    if len(parts) > 1:
        several = _several(Reading(text, parts, whole, looked[1:], scores[1:, -1]), head)
        if several:
            return several
    best = int(whole.argmax())
    if whole[best] < head.look_twice:
        second = head.careful_look(text, scores[0])
        if second is not None:
            best, whole = int(second.argmax()), second
    return (Intent(head.intents[best], round(float(whole[best]), 3)),)


def _several(read: Reading, head: Head) -> tuple[Intent, ...]:
    """Two or more wishes, or the one wish that a greeting or thanks would drown; else nothing."""
    found = wishes(read.each, head.intents)
    if not found:
        return ()
    first = found[0]
    kept = [first, *(other for other in found[1:] if _is_apart(signs(read, first, other), head))]
    top = head.intents[int(read.whole.argmax())]
    if len(kept) == 1 and not (top in AROUND - {"out_of_scope"} and first.probability >= _WISH_PLAIN):
        return ()
    kept = sorted(kept[:WISHES_MAX], key=lambda wish: wish.clause)
    return tuple(Intent(head.intents[wish.column], round(wish.probability, 3)) for wish in kept)


def _is_apart(seen: Floats, head: Head) -> bool:
    return gate_score(seen, head.gate) > head.gate_bar


def gate_score(seen: Floats, gate: Floats) -> float:
    """Gate rows: middle, spread, weight of each sign; the bar is on the same scale."""
    middle, spread, weight = gate
    return float(np.dot((seen - middle) / spread, weight))
