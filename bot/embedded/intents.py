"""What a message asks for: one intent, or several when its clauses ask for different things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.embedded.clauses import Cut, asked_about, cut, settled
from bot.embedded.head import Floats, Head, trained_head
from bot.embedded.wishes import AROUND, Reading, Wish, signs, wishes

WISHES_MAX = 3
# Off-topic messages read like ours now and then: an intent is only sure when it is this much likelier than off-topic.
OFF_TOPIC_RATIO, OFF_TOPIC_RATIO_WRITE = 20, 60
_DOUBTED = 0.45  # what is reported at most of an intent that is not: under any bar for doing something
# From this share the careful look is worth its time; of what would change something, sooner.
_MAYBE_OFF_TOPIC, _MAYBE_OFF_TOPIC_WRITE = 0.01, 0.004
# What changes something takes more to be sure of, and is not merely probable below that.
WRITES = frozenset({
    "complaint", "dispute_invoice", "promise_to_pay", "payment_plan", "cancel_order", "change_order", "update_contact",
    "opt_out", "wrong_contact", "invoice_copy", "statement", "refund",
})  # fmt: skip
_WRITE_SURE, _WRITE_DOUBTED = 0.85, 0.7
_PLAIN, _CLAUSE_PLAIN, _SENTENCE_PLAIN = 0.9, 0.7, 0.8
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
    parts = cut(text)
    is_one = len(parts.clauses) < 2
    scores = head.scores([text] if is_one else [text, *asked_about(parts)])
    whole = head.quick(scores)[0]
    if not is_one:
        several = _several(read_clauses(text, parts, scores, head), head)
        if several is not None:
            return several
    off_topic = head.intents.index("out_of_scope")
    best = int(whole.argmax())
    maybe = _MAYBE_OFF_TOPIC_WRITE if head.intents[best] in WRITES else _MAYBE_OFF_TOPIC
    if whole[best] < head.look_twice or (best != off_topic and whole[off_topic] > maybe):
        second = head.careful_look(text, scores[0])
        if second is not None:
            best, whole = int(second.argmax()), second
    intent = _intent(head.intents[best], float(whole[best]), float(whole[off_topic]))
    return Found((intent,), bool(is_sure(whole[None, :], head.intents, head.sure)[0]))


def read_clauses(text: str, parts: Cut, scores: Floats, head: Head) -> Reading:
    """The message and its clauses as both looks read them, from the quick scores of the text and all there is to ask.

    Where the whole is not plain, clauses that are not plain either are looked at with care.
    """
    looked = head.quick(scores)
    kept = settled(parts, [bool(row.max() >= _SENTENCE_PLAIN) for row in looked[1:]])
    rows = np.array([1 + row for row, _ in kept])
    each = looked[rows]
    if looked[0].max() < _PLAIN:
        for place, row in enumerate(rows):
            if each[place].max() < _CLAUSE_PLAIN:
                second = head.careful_look(kept[place][1], scores[row])
                each[place] = each[place] if second is None else second
    is_change = [name in WRITES for name in head.intents]
    return Reading(text, [part for _, part in kept], looked[0], each, scores[rows, -1], is_change)


def is_sure(probabilities: Floats, intents: Sequence[str], bar: float) -> NDArray[np.bool_]:
    """For each row, whether its best intent is likely enough to act on."""
    best = probabilities.max(axis=1)
    bars = np.array([max(bar, _WRITE_SURE) if name in WRITES else bar for name in intents])
    off_topic = probabilities[:, list(intents).index("out_of_scope")]
    ratios = np.array([_ratio(name) for name in intents])
    top = probabilities.argmax(axis=1)
    is_clear = (best == off_topic) | (best >= ratios[top] * off_topic)
    return np.asarray((best >= bars[top]) & is_clear)


def _ratio(name: str) -> int:
    return OFF_TOPIC_RATIO_WRITE if name in WRITES else OFF_TOPIC_RATIO


def _intent(name: str, share: float, off_topic: float) -> Intent:
    """An intent as it is reported: one that off-topic comes near, or a change that is not sure, is capped."""
    if name not in AROUND and share < _ratio(name) * off_topic:
        share = min(share, _DOUBTED)
    elif name in WRITES and share < _WRITE_SURE:
        share = min(share, _WRITE_DOUBTED)
    return Intent(name, round(share, 3))


def _several(read: Reading, head: Head) -> Found | None:
    """Two or more wishes, or the one wish that a greeting or thanks would drown; else nothing."""
    found = wishes(read.each, read.whole, head.intents)
    if not found:
        return None
    first = found[0]
    kept = [first, *(other for other in found[1:] if _is_apart(read, first, other, head))]
    top = head.intents[int(read.whole.argmax())]
    if len(kept) == 1 and not (top in AROUND - {"out_of_scope"} and first.probability >= _WISH_PLAIN):
        return None
    kept = sorted(kept[:WISHES_MAX], key=lambda wish: wish.clause)
    # Of a text that says these wishes and nothing else, the whole is as good a witness as each clause.
    together = float(sum(read.whole[wish.column] for wish in kept))
    sure = [max(float(read.each[wish.clause][wish.column]), together) for wish in kept]
    off_topic = float(read.whole[head.intents.index("out_of_scope")])
    names = [head.intents[wish.column] for wish in kept]
    intents = tuple(_intent(name, share, off_topic) for name, share in zip(names, sure, strict=True))
    bars = [max(head.sure, _WRITE_SURE) if name in WRITES else head.sure for name in names]
    is_plain = all(
        share >= max(bar, _ratio(name) * off_topic) for name, share, bar in zip(names, sure, bars, strict=True)
    )
    return Found(intents, is_plain)


def _is_apart(read: Reading, first: Wish, other: Wish, head: Head) -> bool:
    """Whether the other clause is a wish as well; looking up too much harms less than changing too much."""
    bar = float(head.gate_bars[int(read.is_change[other.column])])
    return gate_score(signs(read, first, other), head.gate) > bar


def gate_score(seen: Floats, gate: Floats) -> float:
    """Gate rows: middle, spread, weight of each sign; the bar is on the same scale."""
    middle, spread, weight = gate
    return float(np.dot((seen - middle) / spread, weight))
