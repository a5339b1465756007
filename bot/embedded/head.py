"""The trained head: from a text to a probability for each intent, with numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.embedded.features import VERSION, letter_features, masked, word_features
from bot.embedded.second_look import careful_encoder
from knowledge.embeddings import encoder
from o2c_core.errors import Refused

MODEL = Path(__file__).with_name("model.npz")
MEANING_WEIGHT = np.float32(1.5)  # how much the sentence's direction counts beside its words and letters

Floats = NDArray[np.float32]

_ARRAYS = (
    "meaning", "words", "letters", "scales", "bias", "careful_middle", "careful", "careful_bias", "temperatures", "gate",
    "gate_bars",
)  # fmt: skip


class ModelOutdated(Refused):
    """The trained model does not fit this version of the program; run `parley train`."""


@dataclass(frozen=True)
class Head:
    """Weights and thresholds as training left them.

    Columns are intents, in the order of `intents`; the quick look has one more, which says whether a text could be a
    message of its own. `gate` says when a second clause is a second wish: weights over `wishes.signs`, their middle
    and spread.
    """

    intents: tuple[str, ...]
    meaning: Floats
    words: NDArray[np.int8]
    letters: NDArray[np.int8]
    scales: Floats  # of words and letters, per column
    bias: Floats
    careful_middle: Floats
    careful: Floats
    careful_bias: Floats
    temperatures: Floats  # of the quick look and of both looks together
    look_twice: float
    sure: float
    gate: Floats
    gate_bars: Floats  # for a second wish that looks something up, and for one that changes something
    checksum: str

    def scores(self, texts: Sequence[str]) -> Floats:
        """What the quick look makes of each text, a row each, by meaning, words and letters; about 2 ms a text.

        The last column is the score for being a message of its own.
        """
        hidden = [masked(text) for text in texts]
        scores = MEANING_WEIGHT * (encoder().encode(hidden) @ self.meaning) + self.bias
        for row, text in enumerate(hidden):
            for buckets, weights, scale in (
                (word_features(text), self.words, self.scales[0]),
                (letter_features(text), self.letters, self.scales[1]),
            ):
                if len(buckets):
                    summed = weights[buckets].sum(axis=0, dtype=np.float32)
                    scores[row] += summed * scale / np.sqrt(np.float32(len(buckets)))
        return np.asarray(scores, dtype=np.float32)

    def quick(self, scores: Floats) -> Floats:
        """Probabilities of the intents by the quick look alone."""
        return softmax(scores[..., :-1] / self.temperatures[0])

    def careful_look(self, text: str, scores: Floats) -> Floats | None:
        """Probabilities by both looks together, or None where the careful encoder cannot run."""
        second = careful_encoder()
        if second is None:
            return None
        vector = second.encode([masked(text)])[0] - self.careful_middle
        vector /= max(float(np.linalg.norm(vector)), 1e-6)
        return softmax(both(scores[:-1], vector @ self.careful + self.careful_bias) / self.temperatures[1])

    def save(self, to: Path) -> None:
        """Equal weights are equal bytes: numpy dates the members of its archive 1980."""
        arrays = {name: np.asarray(value) for name, value in vars(self).items()}
        with to.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, version=np.asarray(VERSION), **arrays)


@cache
def trained_head(path: Path = MODEL) -> Head:
    """The head that comes with the program.

    Raises: ModelOutdated.
    """
    with np.load(path, allow_pickle=False) as kept:
        if int(kept["version"]) != VERSION:
            raise ModelOutdated(version=int(kept["version"]))
        return Head(
            intents=tuple(str(name) for name in kept["intents"]),
            look_twice=float(kept["look_twice"]),
            sure=float(kept["sure"]),
            checksum=str(kept["checksum"]),
            **{name: kept[name] for name in _ARRAYS},
        )


def softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def both(quick: Floats, careful: Floats) -> Floats:
    """The scores of two looks that err independently: their log probabilities added."""
    return np.log(np.maximum(softmax(quick), np.float32(1e-9))) + np.log(np.maximum(softmax(careful), np.float32(1e-9)))
