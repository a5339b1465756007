"""What a message asks for: one intent, or several when its clauses ask for different things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.embedded.clauses import clauses
from bot.embedded.head import Floats, Head, trained_head
from bot.embedded.wishes import AROUND, Reading, signs, wishes

WISHES_MAX = 3
# Off-topic messages read like ours now and then: an intent is only sure when it is this much likelier than off-topic.
OFF_TOPIC_RATIO = 20
_WISH_PLAIN = 0.5  # a clause this sure of its wish outweighs the greeting or thanks around it


@dataclass(frozen=True)
class Intent:
    """`confidence` is calibrated: of messages at 0.8, about four in five are understood rightly."""

    name: str
    confidence: float


@dataclass(frozen=True)
class Found:
    intents: tuple[Intent, ...]
    is_sure: bool


def find_intents(text: str, head: Head | None = None) -> Found:
    """The intents of a legible text in the order they appear; the best single one when there is one wish."""
    head = head or trained_head()
    parts = clauses(text)
    scores = head.scores([text, *parts] if len(parts) > 1 else [text])
    looked = head.quick(scores)
    whole = looked[0]
    if len(parts) > 1:
        several = _several(Reading(text, parts, whole, looked[1:], scores[1:, -1]), head)
        if several is not None:
            return several
    best = int(whole.argmax())
    if whole[best] < head.look_twice:
        second = head.careful_look(text, scores[0])
        if second is not None:
            best, whole = int(second.argmax()), second
    return Found((_intent(whole, best, head),), bool(is_sure(whole[None, :], head.intents, head.sure)[0]))


def is_sure(probabilities: Floats, intents: Sequence[str], bar: float) -> NDArray[np.bool_]:
    """For each row, whether its best intent is likely enough to act on."""
    best = probabilities.max(axis=1)
    off_topic = probabilities[:, list(intents).index("out_of_scope")]
    return np.asarray((best >= bar) & ((best == off_topic) | (best >= OFF_TOPIC_RATIO * off_topic)))


def _intent(probabilities: Floats, column: int, head: Head) -> Intent:
    return Intent(head.intents[column], round(float(probabilities[column]), 3))


def _several(read: Reading, head: Head) -> Found | None:
    """Two or more wishes, or the one wish that a greeting or thanks would drown; else nothing."""
    found = wishes(read.each, read.whole, head.intents)
    if not found:
        return None
    first = found[0]
    kept = [first, *(other for other in found[1:] if _is_apart(signs(read, first, other), head))]
    top = head.intents[int(read.whole.argmax())]
    if len(kept) == 1 and not (top in AROUND - {"out_of_scope"} and first.probability >= _WISH_PLAIN):
        return None
    kept = sorted(kept[:WISHES_MAX], key=lambda wish: wish.clause)
    # Of a text that says these wishes and nothing else, the whole is as good a witness as each clause.
    together = float(sum(read.whole[wish.column] for wish in kept))
    sure = [max(float(read.each[wish.clause][wish.column]), together) for wish in kept]
    intents = tuple(Intent(head.intents[wish.column], round(share, 3)) for wish, share in zip(kept, sure, strict=True))
    off_topic = float(read.whole[head.intents.index("out_of_scope")])
    return Found(intents, min(sure) >= head.sure and min(sure) >= OFF_TOPIC_RATIO * off_topic)


def _is_apart(seen: Floats, head: Head) -> bool:
    return gate_score(seen, head.gate) > head.gate_bar


def gate_score(seen: Floats, gate: Floats) -> float:
    """Gate rows: middle, spread, weight of each sign; the bar is on the same scale."""
    middle, spread, weight = gate
    return float(np.dot((seen - middle) / spread, weight))
