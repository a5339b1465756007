"""How long to wait before the next attempt: longer each time, and never the same for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# Source: twilio.com/docs/api/errors/20429 and the usual practice of "full jitter" back-off.
TOO_FAST_SECONDS = 0.1
TOO_FAST_SECONDS_MAX = 30.0
OUTAGE_SECONDS = 4.0
OUTAGE_SECONDS_MAX = 300.0
CIRCUIT_SECONDS = 30.0
CIRCUIT_SECONDS_MAX = 600.0
# What was tried this often without anybody answering is a person's to look at.
TRIES_MAX = 20
# When to ask the provider about a send nobody is sure of, after each time it was asked; in first waits.
LOOK_UP_WAITS = (1, 3, 7, 20, 60, 120, 240, 480)


@dataclass(frozen=True)
class Patience:
    """How long is waited, in seconds, before an unsure send is looked into.

    `stuck`: whoever claimed a message and has not said how it went by then was killed, and may have sent it before.
    `look_up`: before the provider is first asked. `not_there`: since when the provider must not have had it, and
    `cannot_tell`: how long nobody could tell, before people are asked.
    """

    stuck: float = 300.0
    look_up: float = 60.0
    not_there: float = 600.0
    cannot_tell: float = 1800.0

    def next_look_up(self, look_ups: int, now: datetime) -> datetime:
        """When to ask next, after having asked that often."""
        return now + timedelta(seconds=self.look_up * LOOK_UP_WAITS[min(look_ups, len(LOOK_UP_WAITS) - 1)])


PATIENCE = Patience()


def backed_off(first: float, most: float, times: int, luck: float) -> float:
    """Seconds to wait after that many times in a row (from 1): doubled each time, up to `most`.

    `luck` from 0 to 1 spreads those who wait over the upper half, so that they do not all come back at once.
    """
    assert times >= 1
    full = min(most, first * 2.0 ** min(times - 1, 40))
    return full * (0.5 + luck / 2)


def too_fast_seconds(tries: int, luck: float, asked: float | None = None) -> float:
    """Seconds to slow down; never less than the provider itself asked for."""
    return max(backed_off(TOO_FAST_SECONDS, TOO_FAST_SECONDS_MAX, tries, luck), asked or 0.0)


def outage_seconds(tries: int, luck: float) -> float:
    return backed_off(OUTAGE_SECONDS, OUTAGE_SECONDS_MAX, tries, luck)


def circuit_seconds(failures: int, threshold: int, luck: float) -> float:
    """Seconds a circuit stays open after that many failures in a row, of which it takes `threshold` to open it."""
    return backed_off(CIRCUIT_SECONDS, CIRCUIT_SECONDS_MAX, max(1, failures - threshold + 1), luck)
