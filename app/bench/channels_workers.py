"""Workers, of which one is killed at random moments and another takes its place."""

from __future__ import annotations

import random
import subprocess
import time
from dataclasses import dataclass, field

from app.bench.channels_house import HouseUnderMeasurement

# A worker that has not begun to work loses nothing by being killed, so it is given time to.
GROWN_UP_SECONDS = 8.0


@dataclass
class Workers:
    """So many worker processes. `kills` counts those that were ended with SIGKILL."""

    house: HouseUnderMeasurement
    number: int
    dice: random.Random
    kills: int = 0
    _working: list[tuple[float, subprocess.Popen[bytes]]] = field(default_factory=list)

    def start(self) -> None:
        for _ in range(self.number):
            self._add()

    def replace_the_dead(self) -> None:
        """A worker that ended by itself has failed; another takes its place all the same."""
        for one in [one for one in self._working if one[1].poll() is not None]:
            self._working.remove(one)
            self._add()

    def kill_one(self) -> bool:
        """Whether one was old enough to be killed."""
        grown_up = [one for one in self._working if time.monotonic() - one[0] > GROWN_UP_SECONDS]
        if not grown_up:
            return False
        chosen = self.dice.choice(grown_up)
        # Anywhere in whatever it is doing just then.
        time.sleep(self.dice.random() / 20)
        chosen[1].kill()
        chosen[1].wait()
        self._working.remove(chosen)
        self.kills += 1
        self._add()
        return True

    def _add(self) -> None:
        self._working.append((time.monotonic(), self.house.work()))
