"""What a run of the rules did or would do: what fired, what is over, what went up a level, and what could not be done."""

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
    """One rule and one customer (or group): `what` is fired, tried, over, raised, late, unclear or failed.

    Late is what its last owner hears once more. Unclear is a rule that cannot be used as it is written, failed is what
    broke on the way; both may be without a customer, and a failure that is the seller's is without a rule. `why` is then
    what is wrong.
    """

    what: str
    seller: str
    rule: str = ""
    title: str = ""
    customer: str = ""
    name: str = ""
    state_key: str = ""
    why: str = ""
    level: int = 1
    owner: str = ""
    seen: Mapping[str, Value] = field(default_factory=dict)
    escalation_id: UUID | None = None
    rule_id: UUID | None = None

    @property
    def is_trouble(self) -> bool:
        return self.what in ("unclear", "failed")

    @property
    def sentence(self) -> str:
        whom = f"{self.name} ({self.customer})"
        match self.what:
            case "fired":
                said = f"fires for {whom}, and is {self.owner}'s"
            case "tried":
                said = f"would fire for {whom}"
            case "over":
                return f"{self.title} is over for {whom}: {self.why}."
            case "late":
                return f"{self.title} for {whom} is late, and {self.owner} hears so once more: {self.why}."
            case "unclear" if self.customer:
                return f"{self.title} for {whom} should go up a level, and its rule cannot be read: {self.why}"
            case "unclear":
                return f"{self.rule} cannot be judged: {self.why}"
            case "failed" if self.customer:
                return f"{self.title} could not be carried out for {whom}: {self.why}"
            case "failed":
                return f"{self.title or f'The rules of {self.seller}'} could not be judged: {self.why}"
            case _:
                return f"{self.title} for {whom} goes up to {self.owner}: {self.why}."
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
    """The whole run."""

    dry_run: bool
    entries: list[Entry] = field(default_factory=list)
    days: dict[str, date] = field(default_factory=dict)

    def count(self, what: str) -> int:
        return sum(entry.what == what for entry in self.entries)

    @property
    def troubles(self) -> list[Entry]:
        """What could not be judged or done; everything else was."""
        return [entry for entry in self.entries if entry.is_trouble]

    def to_json(self) -> dict[str, Any]:
        return {
            "dry_run": self.dry_run,
            "days": {seller: day.isoformat() for seller, day in self.days.items()},
            "fired": self.count("fired"),
            "tried": self.count("tried"),
            "over": self.count("over"),
            "raised": self.count("raised"),
            "late": self.count("late"),
            "failed": self.count("failed"),
            "unclear": [
                {"rule": entry.rule, "why": entry.why} for entry in self.entries
                if entry.what == "unclear" and not entry.customer
            ],
            "entries": [entry.to_json() for entry in self.entries],
        }  # fmt: skip
