"""One thing that is being dealt with for a customer, as their page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from o2c_core.money import Money


@dataclass(frozen=True)
class Matter:
    """One open case; `day` is the day it waits for, and `what_day` says what happens then."""

    kind: str
    number: str
    about: str
    amount: Money | None
    what_day: str
    day: date | None
    owner: str | None
    message_id: UUID | None
    is_late: bool = False

    @property
    def case_path(self) -> str | None:
        """The page of a dispute or a complaint; nothing else has one."""
        kind = {"Objection": "disputes", "Complaint": "complaints"}.get(self.kind)
        return f"/cases/{kind}/{self.number}" if kind and self.number else None
