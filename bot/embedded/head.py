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


class ModelOutdated(Refused):
    """The trained model does not fit this version of the program; run `parley train`."""


@dataclass(frozen=True)
class Head:
    """Weights and thresholds as training left them. Columns are intents, in the order of `intents`.

    `gate` says when a second clause is a wish of its own: weights over `wishes.signs`, their middle and spread.
    """

    intents: tuple[str, ...]
    meaning: Floats
    words: NDArray[np.int8]
    letters: NDArray[np.int8]
    scales: Floats  # of words and letters, per intent
    bias: Floats
    careful_middle: Floats
    careful: Floats
    careful_bias: Floats
    temperatures: Floats  # of the quick look and of both looks together
    look_twice: float
    sure: float
    gate: Floats
    gate_bar: float
    checksum: str

    def quick(self, texts: Sequence[str]) -> Floats:
        """Probabilities, a row for each text, by meaning, words and letters; about 2 ms a text."""
        return _softmax(self._quick_scores(texts) / self.temperatures[0])

    def careful_look(self, text: str) -> Floats | None:
        """Probabilities from both encoders together, or None where the careful one cannot run."""
        second = careful_encoder()
        if second is None:
            return None
        vector = second.encode([masked(text)])[0] - self.careful_middle
        vector /= max(float(np.linalg.norm(vector)), 1e-6)
        scores = _log_softmax(self._quick_scores([text])) + _log_softmax(
            (vector @ self.careful + self.careful_bias)[None, :]
        )
        return _softmax(scores / self.temperatures[1])[0]

    def _quick_scores(self, texts: Sequence[str]) -> Floats:
        hidden = [masked(text) for text in texts]
        scores = MEANING_WEIGHT * (encoder().encode(hidden) @ self.meaning) + self.bias
        for row, text in enumerate(hidden):
            for buckets, weights, scale in (
                (word_features(text), self.words, self.scales[0]),
                (letter_features(text), self.letters, self.scales[1]),
            ):
                if len(buckets):
                    scores[row] += (
                        weights[buckets].sum(axis=0, dtype=np.float32) * scale / np.sqrt(np.float32(len(buckets)))
                    )
        return np.asarray(scores, dtype=np.float32)

    def save(self, to: Path) -> None:
        """Equal weights are equal bytes: numpy dates the members of its archive 1980."""
        fields = {name: np.asarray(value) for name, value in vars(self).items()}
        with to.open("wb") as file:
            np.savez_compressed(file, version=np.asarray(VERSION), **fields)


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
            gate_bar=float(kept["gate_bar"]),
            checksum=str(kept["checksum"]),
            **{
                name: kept[name]
                for name in (
                    "meaning words letters scales bias careful_middle careful careful_bias temperatures gate"
                ).split()
            },
        )


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def _log_softmax(scores: Floats) -> Floats:
    return np.log(np.maximum(_softmax(scores), np.float32(1e-9)))
