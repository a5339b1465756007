"""A clock for writing the past: put where something happened, and never twice at the same moment."""

from __future__ import annotations

from datetime import datetime, timedelta

from o2c_core.clock import MovableClock


class TickingClock(MovableClock):
    """Moves on by a millisecond whenever it is read, so that keys keep the order in which they were made."""

    def now(self) -> datetime:
        self.move(timedelta(milliseconds=1))
        return self.at
