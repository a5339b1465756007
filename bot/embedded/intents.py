"""What a message asks for: one intent, or several when its clauses ask for different things."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.embedded.clauses import clauses
from bot.embedded.head import Floats, Head, trained_head
from bot.embedded.wishes import AROUND, signs, wishes

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
    looked = head.quick([text, *parts] if len(parts) > 1 else [text])
    whole, each = looked[0], looked[1:]
    if len(parts) > 1:
        several = _several(text, parts, whole, each, head)
        if several:
            return several
    best = int(whole.argmax())
    if whole[best] < head.look_twice:
        second = head.careful_look(text)
        if second is not None:
            best, whole = int(second.argmax()), second
    return (Intent(head.intents[best], round(float(whole[best]), 3)),)


def _several(text: str, parts: list[str], whole: Floats, each: Floats, head: Head) -> tuple[Intent, ...]:
    """Two or more wishes, or the one wish that a greeting or thanks would drown; else nothing."""
    found = wishes(each, head.intents)
    if not found:
        return ()
    first = found[0]
    kept = [first]
    for other in found[1:]:
        if gate_score(signs(text, parts, whole, each, first, other), head.gate) > head.gate_bar:
            kept.append(other)
    top = head.intents[int(whole.argmax())]
    if len(kept) == 1 and not (top in AROUND - {"out_of_scope"} and first.probability >= _WISH_PLAIN):
        return ()
    kept = sorted(kept[:WISHES_MAX], key=lambda wish: wish.clause)
    return tuple(Intent(head.intents[wish.column], round(wish.probability, 3)) for wish in kept)


def gate_score(seen: Floats, gate: Floats) -> float:
    """Gate rows: middle, spread, weight of each sign; the bar is on the same scale."""
    middle, spread, weight = gate
    return float(np.dot((seen - middle) / spread, weight))
