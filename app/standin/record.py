"""What the stand-in accepted, and how often: the record the benches and tests ask afterwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class Kept:
    """A message the stand-in accepted. `ours` is the id its sender knows it by; `fields` what it was asked to send."""

    provider: str
    key: str
    ours: str | None
    to: str
    fields: dict[str, Any]
    state: str
    at: datetime
    code: int | None = None
    sent_at: datetime | None = None


@dataclass
class Record:
    """Everything that happened since the start: messages by the provider's id, requests by answer, callbacks by fate."""

    kept: dict[str, Kept] = field(default_factory=dict)
    accepted: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    callbacks: Counter[str] = field(default_factory=Counter)
    tries: Counter[str] = field(default_factory=Counter)
    opted_out: set[str] = field(default_factory=set)
    to_come: int = 0
    _by_number: dict[str, list[Kept]] = field(default_factory=dict)

    def accept(self, message: Kept) -> None:
        self.kept[message.key] = message
        self._by_number.setdefault(message.to, []).append(message)
        if message.ours is not None:
            self.accepted[message.ours] += 1

    def try_of(self, ours: str) -> int:
        """Which attempt at that message this is, from 1."""
        self.tries[ours] += 1
        return self.tries[ours]

    def sent_to(self, number: str | None) -> list[Kept]:
        """What was accepted for that number (for anybody when none is given), the newest first."""
        found = self.kept.values() if number is None else self._by_number.get(number, ())
        return list(found)[::-1]

    def as_json(self) -> dict[str, Any]:
        """`accepted` has each message's count, under the sender's own id; `twice` those that came in more than once."""
        return {
            "accepted": dict(self.accepted),
            "twice": sorted(ours for ours, times in self.accepted.items() if times > 1),
            "states": dict(Counter(f"{one.provider} {one.state}" for one in self.kept.values())),
            "requests": dict(self.requests),
            "callbacks": dict(self.callbacks),
            "callbacks_to_come": self.to_come,
        }
