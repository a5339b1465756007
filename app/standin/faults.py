"""What goes wrong at the stand-in: by rate, and the same again from the same seed."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from o2c_core.errors import Refused

Mishap = Literal[
    "silent_before", "silent_after", "hang_up_before", "hang_up_after", "too_many", "error_before", "error_after"
]
MISHAPS: tuple[Mishap, ...] = (
    "silent_before",
    "silent_after",
    "hang_up_before",
    "hang_up_after",
    "too_many",
    "error_before",
    "error_after",
)


class OddFaults(Refused):
    """The faults are a JSON object, or a file with one: rates between 0 and 1, and seconds, under names that exist."""


@dataclass(frozen=True)
class Faults:
    """Rates between 0 and 1, per request or per callback, and the seconds that go with them.

    `before` and `after` are about acceptance: after it the message is kept and will be delivered, and the sender does not
    learn so. Silent means that no answer comes, a hang-up that the line is cut.
    """

    silent_before: float = 0.0
    silent_after: float = 0.0
    hang_up_before: float = 0.0
    hang_up_after: float = 0.0
    too_many: float = 0.0
    error_before: float = 0.0
    error_after: float = 0.0
    looking_up_fails: float = 0.0
    undelivered: float = 0.0
    callback_twice: float = 0.0
    callback_swapped: float = 0.0
    callback_late: float = 0.0
    callback_lost: float = 0.0
    silent_seconds: float = 30.0
    retry_after_seconds: int = 1
    callback_seconds: float = 0.2
    late_seconds: float = 5.0
    unlisted_seconds: float = 0.0

    def __post_init__(self) -> None:
        rates = [getattr(self, one.name) for one in fields(self) if not one.name.endswith("_seconds")]
        seconds = [getattr(self, one.name) for one in fields(self) if one.name.endswith("_seconds")]
        if not all(0 <= rate <= 1 for rate in rates) or not all(wait >= 0 for wait in seconds):
            raise OddFaults
        if sum(getattr(self, mishap) for mishap in MISHAPS) > 1:
            raise OddFaults("What goes wrong with a request adds up to more than all requests.")


def dice(seed: int, *about: object) -> random.Random:
    """The dice of one thing: what befalls it does not hang on what else happens, or in which order."""
    return random.Random(":".join(map(str, (seed, *about))))  # noqa: S311 (repeatable on purpose)


def mishap(faults: Faults, thrown: random.Random) -> Mishap | None:
    """What befalls a request to send, if anything."""
    left = thrown.random()
    for name in MISHAPS:
        left -= getattr(faults, name)
        if left < 0:
            return name
    return None


def faults_of(given: dict[str, Any]) -> Faults:
    """Raises: OddFaults."""
    try:
        return Faults(**given)
    except TypeError as odd:
        raise OddFaults from odd


def read_faults(text: str | None) -> Faults:
    """Faults from a JSON object, or from the file of that name; none at all when nothing is given.

    Raises: OddFaults.
    """
    if not text:
        return Faults()
    try:
        given = json.loads(text if text.lstrip().startswith("{") else Path(text).read_text(encoding="utf-8"))
    except (OSError, ValueError) as odd:
        raise OddFaults from odd
    if not isinstance(given, dict):
        raise OddFaults
    return faults_of(given)
