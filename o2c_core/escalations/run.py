"""What a run of the rules did or would do: what fired, what is over, what went up a level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from o2c_core.escalations.facts import Value
from o2c_core.escalations.wording import seen_in_words


@dataclass(frozen=True)
class Entry:
    """One rule and one customer (or group): `what` is fired, tried, over or raised."""

    what: str
    seller: str
    rule: str
    title: str
    customer: str
    name: str
    state_key: str
    why: str = ""
    level: int = 1
    owner: str = ""
    seen: Mapping[str, Value] = field(default_factory=dict)
    escalation_id: UUID | None = None

    @property
    def sentence(self) -> str:
        match self.what:
            case "fired":
                said = f"fires for {self.name} ({self.customer}), and is {self.owner}'s"
            case "tried":
                said = f"would fire for {self.name} ({self.customer})"
            case "over":
                return f"{self.title} is over for {self.name} ({self.customer}): {self.why}."
            case _:
                return f"{self.title} for {self.name} ({self.customer}) goes up to {self.owner}: {self.why}."
        return f"{self.title} {said}: {seen_in_words(dict(self.seen))}."

    def to_json(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "seller": self.seller,
            "rule": self.rule,
            "customer": self.customer,
            "name": self.name,
            "state": self.state_key,
            "level": self.level,
            "owner": self.owner,
            "why": self.why,
            "facts": {
                name: value if isinstance(value, bool | str) else str(value) for name, value in self.seen.items()
            },
            "escalation": str(self.escalation_id) if self.escalation_id else None,
        }


@dataclass
class EscalationsRun:
    """The whole run. `unclear` are rules that could not be judged, with why."""

    dry_run: bool
    entries: list[Entry] = field(default_factory=list)
    days: dict[str, date] = field(default_factory=dict)
    unclear: list[tuple[str, str]] = field(default_factory=list)

    def count(self, what: str) -> int:
        return sum(entry.what == what for entry in self.entries)

    def to_json(self) -> dict[str, Any]:
        return {
            "dry_run": self.dry_run,
            "days": {seller: day.isoformat() for seller, day in self.days.items()},
            "fired": self.count("fired"),
            "tried": self.count("tried"),
            "over": self.count("over"),
            "raised": self.count("raised"),
            "unclear": [{"rule": rule, "why": why} for rule, why in self.unclear],
            "entries": [entry.to_json() for entry in self.entries],
        }
