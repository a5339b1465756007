"""Learning the head from the example files: the only place that needs scikit-learn, and never while serving."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.embedded.head import MODEL, Floats, softmax
from bot.embedded.intents import gate_score, is_sure, read_clauses
from bot.embedded.lessons import (
    EXAMPLES,
    Lesson,
    Unseen,
    examples_checksum,
    read_examples,
    read_reasons,
    read_two_wishes,
    regression,
)
from bot.embedded.wishes import signs, wishes
from o2c_core.errors import Refused

_LOOK_TWICE = 0.7  # a higher bar finds a few more errors and costs 16 ms for each message under it
_SURE_PRECISION = 0.9  # of answers called sure on unseen examples, so many are right
# Of unseen one-wish examples of several clauses, so many may be taken for two: looking up something besides, and
# changing something besides.
_FALSE_SECONDS_MAX = (0.05, 0.03)


class TooFewExamples(Refused):
    """There are too few examples to learn from: some of each intent in several clauses are needed."""


@dataclass(frozen=True)
class TrainingReport:
    """How the method does on examples held back while it learned, and what it settled on."""

    examples: int
    languages: tuple[str, ...]
    accuracy: dict[str, float]  # mean over intents, per language, on folds held back
    accuracy_quick: dict[str, float]
    look_twice: float  # share of examples that needed the careful encoder
    sure: float  # confidence from which an answer is sure
    sure_share: float
    confused: tuple[tuple[str, str, int], ...]  # (intent, taken for, how often), the worst first
    model_bytes: int


def train(examples: Path = EXAMPLES, out: Path = MODEL) -> TrainingReport:
    """Fits the head on the examples and writes it; the same examples give the same bytes.

    Thresholds come from folds held back: what a model says about texts it learned from tells nothing.
    Raises: NoExamples; TooFewExamples; NoCarefulEncoder.
    """
    from threadpoolctl import threadpool_limits

    lesson = Lesson.of(read_examples(examples), read_two_wishes(examples), read_reasons(examples))
    with threadpool_limits(1):  # sums in one order, so that bytes do not depend on the number of cores
        unseen = lesson.unseen()
        temperatures = np.array(
            [_temperature(scores, lesson.columns) for scores in (unseen.quick, unseen.both)], np.float32
        )
        head = lesson.fit(range(len(lesson.texts)), lesson.twos, lesson.reasons, examples_checksum(examples))
        looked = softmax(unseen.quick / temperatures[0])
        twice = looked.max(axis=1) < _LOOK_TWICE
        final = np.where(twice[:, None], softmax(unseen.both / temperatures[1]), looked)
        sure = _sure_from(final, lesson)
        gate, bars = _gate(unseen, temperatures)
        head = replace(head, temperatures=temperatures, look_twice=_LOOK_TWICE, sure=sure, gate=gate, gate_bars=bars)
    head.save(out)
    return TrainingReport(
        examples=len(lesson.texts),
        languages=tuple(sorted(set(lesson.languages))),
        accuracy=lesson.accuracy(final),
        accuracy_quick=lesson.accuracy(looked),
        look_twice=float(twice.mean()),
        sure=sure,
        sure_share=float(is_sure(final, lesson.intents, sure).mean()),
        confused=lesson.confused(final),
        model_bytes=out.stat().st_size,
    )


def _gate(unseen: Unseen, temperatures: Floats) -> tuple[Floats, Floats]:
    """Weights and bars by which a second clause counts as a wish of its own."""
    seen: list[Floats] = []
    is_two: list[bool] = []
    is_change: list[bool] = []
    ones = sum(len(message.wanted) == 1 for message in unseen.messages)
    for message in unseen.messages:
        read = read_clauses(
            message.text, message.parts, message.scores, replace(message.head, temperatures=temperatures)
        )
        found = wishes(read.each, read.whole, unseen.intents)
        if len(found) > 1:
            seen.append(signs(read, found[0], found[1]))
            is_two.append(len(message.wanted) > 1)
            is_change.append(read.is_change[found[1].column])
    if len(set(is_two)) < 2:
        raise TooFewExamples
    table, truth, changes = np.stack(seen), np.array(is_two), np.array(is_change)
    middle, spread = table.mean(axis=0), np.maximum(table.std(axis=0), 1e-6)
    weights = regression((table - middle) / spread, truth, 1.0).coef_[0]
    gate = np.stack([middle, spread, weights]).astype(np.float32)
    scores = np.array([gate_score(row, gate) for row in table])
    bars = [
        _bar(scores[~truth & (changes == change)], share * ones)
        for change, share in zip((False, True), _FALSE_SECONDS_MAX, strict=True)
    ]
    return gate, np.array(bars, np.float32)


def _bar(false: Floats, allowed: float) -> float:
    """The lowest bar over which no more than so many of the false ones come."""
    ranked = sorted(false, reverse=True)
    return float(ranked[min(int(allowed), len(ranked) - 1)]) if ranked else 0.0


def _temperature(scores: Floats, columns: NDArray[np.int64]) -> float:
    """The divisor that makes probabilities honest: the one under which the truth is least surprising."""
    candidates = np.geomspace(0.25, 4.0, 81)
    rows = np.arange(len(columns))
    surprise = [-np.log(np.maximum(softmax(scores / t)[rows, columns], 1e-9)).mean() for t in candidates]
    return float(candidates[int(np.argmin(surprise))])


def _sure_from(probabilities: Floats, lesson: Lesson) -> float:
    """The lowest confidence from which answers are as precise as "sure" has to mean."""
    right = probabilities.argmax(axis=1) == lesson.columns
    for bar in np.arange(0.5, 0.9, 0.01):
        sure = is_sure(probabilities, lesson.intents, float(bar))
        if sure.any() and right[sure].mean() >= _SURE_PRECISION:
            return round(float(bar), 2)
    return 0.9
