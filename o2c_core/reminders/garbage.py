"""Garbage is looked for between the batches of a run and not within one."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def left_lying() -> Iterator[None]:
    """Within it Python looks for no garbage that refers to itself.

    A batch makes a hundred thousand objects that it needs until it is written down: going through them again and again
    took a third of a run's time. What is left of them afterwards is found by the next look.
    """
    was_looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_looking:
            gc.enable()
