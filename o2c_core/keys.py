"""Ids, time-ordered, and numbers nobody can guess; both replayable from a seed."""

from __future__ import annotations

import random
import secrets
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


def unguessable(below: int) -> int:
    """A number from 0 that is lower than that, from the system's own source of secrets; within `seeded` from the seed."""
    seeded = _seeded.get()
    return secrets.randbelow(below) if seeded is None else seeded[0].randrange(below)


@contextmanager
def seeded(seed: int, clock: Clock) -> Iterator[None]:
    """Within it, keys follow from the seed and the clock alone, so that a run can be repeated to the byte.

    For simulations and tests only: one-time codes can be foretold in it, too.
    """
    token = _seeded.set((random.Random(seed), clock))  # noqa: S311 (reproducible on purpose)
    try:
        yield
    finally:
        _seeded.reset(token)
