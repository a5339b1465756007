"""A simulated provider: it takes what is sent, and with faults it refuses, falls silent, or its caller dies on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from app.simulation.chance import Chance
from o2c_core.conversations.carrier import Accepted, Answer, Found, LookUp, NotThere, Outgoing, Rejected, Uncertain
from o2c_core.conversations.setback import Setback
from o2c_core.errors import Outage

# How often each happens, with faults on; one draw per attempt to send.
FAULTS: dict[str, float] = {
    "outage": 0.010,
    "refused": 0.004,
    "silence, taken": 0.004,
    "silence, lost": 0.004,
    "killed before": 0.003,
    "killed after": 0.003,
    "second worker": 0.010,
    "early word": 0.010,
}


class WorkerKilled(BaseException):
    """The process is gone in the middle of its work; whatever it had not committed never happened."""


class Down(Outage):
    """The simulated provider does not answer."""


@dataclass
class Provider:
    """One channel. `leaves` is told of every message the provider really took; `meanwhile` of what happens during a send."""

    name: str
    chance: Chance
    leaves: Callable[[Outgoing, str], None]
    meanwhile: Callable[[str, Outgoing, str], None]
    has_faults: bool = False
    taken: dict[UUID, str] = field(default_factory=dict)
    _attempts: int = 0

    def send(self, outgoing: Outgoing) -> Answer:
        self._attempts += 1
        fault = self._fault()
        match fault:
            case "outage":
                raise Down(carrier=self.name)
            case "refused":
                return Rejected("The simulated provider refuses it this once.", Setback.UNKNOWN, "550")
            case "silence, lost":
                return Uncertain("No answer from the simulated provider.")
            case "killed before":
                raise WorkerKilled
        key = f"{self.name}-{self._attempts}"
        if fault == "second worker":
            self.meanwhile(fault, outgoing, key)
        self.taken[outgoing.message_id] = key
        self.leaves(outgoing, key)
        match fault:
            case "silence, taken":
                return Uncertain("The simulated provider took it and never said so.")
            case "killed after":
                raise WorkerKilled
            case "early word":
                self.meanwhile(fault, outgoing, key)
        return Accepted(key)

    def look_up(self, outgoing: Outgoing) -> LookUp:
        key = self.taken.get(outgoing.message_id)
        return Found(key, "sent") if key else NotThere()

    def _fault(self) -> str:
        if not self.has_faults:
            return ""
        luck = self.chance.of("fault", self.name, self._attempts).random()
        for fault, share in FAULTS.items():
            luck -= share
            if luck < 0:
                return fault
        return ""
