"""A rule tried on past days: on which it would have fired, for whom, and for how long each time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from o2c_core.errors import Refused
from o2c_core.escalations.facts import Fact, Value
from o2c_core.escalations.firing import compare, holding
from o2c_core.escalations.measured import Measured, Subject
from o2c_core.escalations.rule_file import RuleDocument

DAYS_MAX = 400


class NoSuchDays(Refused):
    """A rule is tried on past days, at most 400 of them, from the first to the last."""


@dataclass(frozen=True)
class Firing:
    """Once that it would have fired: it held until the day before `over_on`, or still does on the last day.

    `since_before` is true where it held on the first day tried already.
    """

    subject: Subject
    on: date
    seen: dict[str, Value]
    over_on: date | None = None
    since_before: bool = False

    def days(self, last: date) -> int:
        return ((self.over_on or last + timedelta(days=1)) - self.on).days

    def to_json(self) -> dict[str, Any]:
        return {
            "customer": self.subject.ref,
            "name": self.subject.name,
            "on": self.on.isoformat(),
            "over_on": self.over_on.isoformat() if self.over_on else None,
            "since_before": self.since_before,
            "facts": {
                name: value if isinstance(value, bool | str) else str(value) for name, value in self.seen.items()
            },
        }


@dataclass(frozen=True)
class Trial:
    """What a rule would have done. `assumed` are facts nobody knows for a past day, with what was taken instead."""

    rule: RuleDocument
    first: date
    last: date
    judged: int
    firings: tuple[Firing, ...]
    assumed: tuple[Fact, ...]

    @property
    def customers(self) -> int:
        return len({firing.subject.id for firing in self.firings})

    @property
    def most_at_once(self) -> int:
        """How many would have stood open on the worst day."""
        changes = [(one.on, 1) for one in self.firings] + [(one.over_on, -1) for one in self.firings if one.over_on]
        most = standing = 0
        for _, change in sorted(changes):
            standing += change
            most = max(most, standing)
        return most

    @property
    def sentence(self) -> str:
        """What finance wants to know first."""
        times = {0: "not have fired", 1: "have fired once"}.get(
            len(self.firings), f"have fired {len(self.firings)} times"
        )
        days = (self.last - self.first).days + 1
        said = f"In {days} days, from {self.first} to {self.last}, it would {times}"
        if not self.firings:
            return f"{said}; {self.judged} were looked at each day."
        whom = "one" if self.customers == 1 else str(self.customers)
        already = sum(one.since_before for one in self.firings)
        since = f", {already} of them on the first day, as it was so already" if already else ""
        return f"{said} for {whom} of {self.judged}{since}. At most {self.most_at_once} stood open at once."

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule.name,
            "about": self.rule.about,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "judged": self.judged,
            "fired": len(self.firings),
            "customers": self.customers,
            "most_at_once": self.most_at_once,
            "sentence": self.sentence,
            "assumed": [{"fact": fact.name, "instead": fact.past} for fact in self.assumed],
            "firings": [one.to_json() for one in self.firings],
        }


def try_rule(session: Session, seller_id: UUID, rule: RuleDocument, first: date, last: date) -> Trial:
    """What the rule would have done on each of those days, had it been switched on before the first. Nothing is written.

    Who acknowledges or closes what is not known, so only the firing is tried and no later level.

    Raises: NoSuchDays.
    """
    if not timedelta(0) <= last - first < timedelta(days=DAYS_MAX):
        raise NoSuchDays(first=first, last=last)
    uses = rule.condition.uses
    measured = Measured(session, seller_id, [fact.name for fact in uses], about=rule.about)
    standing: dict[tuple[UUID, str], int] = {}
    firings: list[Firing] = []
    for day in measured.days(first, last):
        compared = compare(holding(rule, day), standing)
        for which, _ in compared.over:
            at = standing.pop(which)
            firings[at] = replace(firings[at], over_on=day.on)
        for one in compared.fires:
            standing[one.subject_id, one.state_key] = len(firings)
            subject = measured.subjects[one.subject_id]
            firings.append(Firing(subject, day.on, dict(one.seen), since_before=day.on == first))
    assumed = tuple(fact for fact in uses if not fact.is_known_for_the_past)
    return Trial(rule, first, last, len(measured.subjects), tuple(firings), assumed)
