"""Ids: time-ordered, and replayable from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

import uuid_utils.compat

from o2c_core.clock import Clock

_seeded: ContextVar[tuple[random.Random, Clock] | None] = ContextVar("seeded_keys", default=None)


def new_key() -> UUID:
    """A fresh UUID of version 7: keys made later sort later. Source: RFC 9562 section 5.7."""
    seeded = _seeded.get()
    if seeded is None:
        return uuid_utils.compat.uuid7()
    source, clock = seeded
    milliseconds = int(clock.now().timestamp() * 1000)
    bits = (milliseconds << 80) | (0x7 << 76) | (source.getrandbits(12) << 64) | (0b10 << 62) | source.getrandbits(62)
    return UUID(int=bits)


@contextmanager
def seeded(seed: int, clock: Clock) -> Iterator[None]:
    """Within it, keys follow from the seed and the clock alone, so that a run can be repeated to the byte."""
    token = _seeded.set((random.Random(seed), clock))  # noqa: S311 (reproducible on purpose; nothing secret is derived)
    try:
        yield
    finally:
        _seeded.reset(token)
