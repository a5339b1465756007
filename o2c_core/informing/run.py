"""What a run that keeps customers informed did, in numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class InformingRun:
    """Events taken over, messages written, events told and skipped."""

    events: int = 0
    messages: int = 0
    told: int = 0
    skipped: int = 0

    def __add__(self, other: InformingRun) -> InformingRun:
        return InformingRun(
            self.events + other.events,
            self.messages + other.messages,
            self.told + other.told,
            self.skipped + other.skipped,
        )
