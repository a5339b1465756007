"""For whom a rule fires and for whom it is over: what holds today against what has fired already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from o2c_core.escalations.facts import Value
from o2c_core.escalations.measured import Day
from o2c_core.escalations.rule_file import RuleDocument

HOLDS = "holds"
NO_LONGER = "the condition no longer holds"
NEW_STATE = "it became worse or different, and fired anew"


@dataclass(frozen=True, slots=True)
class Holding:
    """A subject the condition holds for: in which state, and what was seen."""

    subject_id: UUID
    state_key: str
    seen: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Compared:
    """What to fire, and which (subject, state) are over and why."""

    fires: tuple[Holding, ...]
    over: tuple[tuple[tuple[UUID, str], str], ...]


def holding(rule: RuleDocument, day: Day) -> dict[UUID, Holding]:
    """Everybody the rule's condition holds for on that day."""
    condition = rule.condition
    return {
        subject_id: Holding(subject_id, state_key(rule, values), condition.seen(values))
        for subject_id, values in day.values.items()
        if condition.holds(values)
    }


def state_key(rule: RuleDocument, values: Mapping[str, Value]) -> str:
    """The state for which a rule fires once: that the condition holds, with the facts that make it a new one."""
    return "; ".join(f"{name}={_as_key(values[name])}" for name in rule.anew_when) or HOLDS


def _as_key(value: Value) -> str:
    """A figure has one way of being written, with however many places it came: 100 and 100.00 are no two states."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def compare(now: Mapping[UUID, Holding], standing: Iterable[tuple[UUID, str]]) -> Compared:
    """What changed. `standing` are the (subject, state) that fired and are not over, each of which stays as it is while
    the condition holds in that very state."""
    before = set(standing)
    fires = tuple(one for one in now.values() if (one.subject_id, one.state_key) not in before)
    over = tuple(
        ((subject_id, key), NEW_STATE if subject_id in now else NO_LONGER)
        for subject_id, key in sorted(before)
        if subject_id not in now or now[subject_id].state_key != key
    )
    return Compared(fires, over)
