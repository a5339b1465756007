"""The answer about the days ahead, worked out by one request at a time, and kept for a short while where it took long."""

from __future__ import annotations

from datetime import timedelta
from threading import Lock

from o2c_core.clock import today
from o2c_core.customers.seller import Seller
from o2c_core.reminders.ahead import Ahead, ahead
from o2c_core.store.store import Store

# So many looks at customers take a page five seconds or so; the days that need more are left to the command.
LOOKS_MAX = 10_000
# What took fewer is worked out anew for everybody who asks.
LOOKS_KEPT_MIN = 1_000
KEPT_AT_MOST = timedelta(minutes=5)


class KeptAhead:
    """The last long answers of this process, each with the moment it was read at, which the page says."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], Ahead] = {}
        # Whoever asks while somebody else's answer is being worked out waits for that one.
        self._one_at_a_time = Lock()

    def answer(self, store: Store, seller: Seller, days: int, *, is_anew: bool = False) -> Ahead:
        """What would go out from today on; worked out now where nothing is kept, or it `is_anew` that is asked for."""
        asked_at = store.clock.now()
        with self._one_at_a_time:
            kept = self._kept.get((seller.ref, days))
            # What was read since this request came in is as new as anything it could work out itself.
            oldest = asked_at if is_anew else asked_at - KEPT_AT_MOST
            first = today(store.clock, seller.time_zone)
            if kept is not None and kept.read_at >= oldest and kept.first == first:
                return kept
            with store.session() as session:
                found = ahead(session, seller, first, days, store.clock.now(), looks_max=LOOKS_MAX)
            self._kept.pop((seller.ref, days), None)
            if found.looks >= LOOKS_KEPT_MIN:
                self._kept[seller.ref, days] = found
            return found
