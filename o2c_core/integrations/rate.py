"""How often somebody may knock: a bucket for each, counted in this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

# As many buckets are kept at most as fit a small corner of memory; whoever knocked longest ago starts afresh.
BUCKETS_MAX = 50_000


@dataclass
class Bucket:
    """So many calls at once, filled up again at a steady rate."""

    left: float
    at: float

    def take(self, now: float, per_second: float, at_once: int) -> float:
        """Takes one call; the seconds to wait when there is none, else 0."""
        self.left = min(float(at_once), self.left + (now - self.at) * per_second)
        self.at = now
        if self.left < 1:
            return (1 - self.left) / per_second
        self.left -= 1
        return 0


@dataclass
class Rate:
    """How often each may call: a key, or an address."""

    per_second: float = 50
    at_once: int = 200
    tick: Callable[[], float] = time.monotonic
    _buckets: dict[Hashable, Bucket] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, who: Hashable) -> float:
        """Takes one call of theirs; the seconds to wait when there is none, else 0."""
        with self._lock:
            now = self.tick()
            bucket = self._buckets.pop(who, None) or Bucket(self.at_once, now)
            self._buckets[who] = bucket  # the one that was used last stands last
            if len(self._buckets) > BUCKETS_MAX:
                del self._buckets[next(iter(self._buckets))]
            return bucket.take(now, self.per_second, self.at_once)
