"""The breaker: a provider that does not answer is left alone for a while, so that not every customer waits for it."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

FAILURES_MAX = 3
PAUSE = timedelta(seconds=30)
PAUSE_MAX = timedelta(minutes=5)
# Calls that were given up on and still hang somewhere. More of them would eat the process.
ABANDONED_MAX = 8


class Breaker:
    """Counts failures in a row, for this process. When it is open one turn may try again after each pause."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_again_at: datetime | None = None
        self._abandoned: list[threading.Thread] = []

    def may_ask(self, now: datetime) -> bool:
        with self._lock:
            self._abandoned = [thread for thread in self._abandoned if thread.is_alive()]
            if len(self._abandoned) >= ABANDONED_MAX:
                return False
            if self._closed_again_at is None:
                return True
            if now < self._closed_again_at:
                return False
            self._closed_again_at = now + self._pause()  # this turn tries; the others wait for what comes of it
            return True

    def answered(self) -> None:
        with self._lock:
            self._failures, self._closed_again_at = 0, None

    def failed(self, now: datetime) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES_MAX:
                self._closed_again_at = now + self._pause()

    def abandoned(self, thread: threading.Thread) -> None:
        with self._lock:
            self._abandoned.append(thread)

    def _pause(self) -> timedelta:
        doubled = max(0, min(self._failures - FAILURES_MAX, 10))
        return min(PAUSE * (1 << doubled), PAUSE_MAX)
