"""A rule as finance writes it down: a TOML file, read to a plain value and checked before any of it is kept."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from o2c_core.customers.contact import NotAnAddress, tidy_email
from o2c_core.customers.working_time import HoursUnclear, Span, WorkingHours, read_hours, read_span
from o2c_core.errors import Refused
from o2c_core.escalations.conditions import Condition, ConditionUnclear, read_condition
from o2c_core.escalations.facts import facts

LEVELS_MAX = 5
DAYS_MAX = 90
WORKING_HOURS = "mon-fri 09:00-17:00"


class RuleUnclear(Refused):
    """What the rule says cannot be used."""


def _mail(text: str) -> str:
    try:
        return tidy_email(text)
    except NotAnAddress as odd:
        raise ValueError(f"'{text}' is not an email address") from odd


def _span(text: str) -> str:
    try:
        read_span(text)
    except HoursUnclear as odd:
        raise ValueError(odd.sentence) from odd
    return text


def _hours(text: str) -> str:
    try:
        read_hours(text)
    except HoursUnclear as odd:
        raise ValueError(odd.sentence) from odd
    return text


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,59}$")]
Mail = Annotated[str, AfterValidator(_mail)]
Time = Annotated[str, AfterValidator(_span)]
Hours = Annotated[str, AfterValidator(_hours)]
Days = Annotated[int, Field(ge=1, le=DAYS_MAX)]
Role = Literal["agent", "finance", "manager"]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tell(_Said):
    """Writes to the level's owner, or to somebody else by name."""

    do: Literal["tell"]
    to: Words | None = None
    mail: Mail | None = None


class GiveTask(_Said):
    """Opens a task for the level's owner, to be done within that working time."""

    do: Literal["task"]
    what: Words
    within: Time | None = None


class Assign(_Said):
    """Makes the level's owner answer for the customer's open disputes or complaints."""

    do: Literal["assign"]
    what: Literal["disputes", "complaints"]


class HoldOrders(_Said):
    """Confirms no new orders and lets no goods leave, for at most so many days. Of a person it is only proposed."""

    do: Literal["hold_orders"]
    days: Days


class PauseReminders(_Said):
    """Sends no reminders for at most so many days."""

    do: Literal["pause_reminders"]
    days: Days


class ChooseLadder(_Said):
    """Puts the customer on another reminder ladder."""

    do: Literal["choose_ladder"]
    ladder: Name


class AskApproval(_Said):
    """Asks somebody of that role to decide something a person carries out."""

    do: Literal["ask_approval"]
    what: Words
    role: Role = "manager"


class Collection(_Said):
    """Proposes to hand the debt over to collection; once approved, the evidence is put together."""

    do: Literal["collection"]
    role: Role = "manager"
    to: Words | None = None


class WriteOff(_Said):
    """Proposes to write off what is overdue, up to that amount per customer; once approved, it is written off."""

    do: Literal["write_off"]
    role: Role = "manager"
    reason: Literal["small_balance", "bad_debt", "goodwill"] = "bad_debt"
    at_most: Annotated[int, Field(ge=1, le=1_000_000)]


Deed = Annotated[
    Tell | GiveTask | Assign | HoldOrders | PauseReminders | ChooseLadder | AskApproval | Collection | WriteOff,
    Field(discriminator="do"),
]


class Level(_Said):
    """Who it is now up to, and what is done when it gets there.

    `acknowledge_within` is how long the owner has to say "I have it"; after that the next level begins.
    """

    owner: Words
    mail: Mail | None = None
    acknowledge_within: Time | None = None
    actions: Annotated[tuple[Deed, ...], Field(min_length=1, max_length=8)]


class RuleDocument(_Said):
    """One rule. `anew_when` names facts whose change makes it a new state, for which it fires again."""

    name: Name
    title: Words
    about: Literal["customer", "group"] = "customer"
    when: str
    why: Words | None = None
    hours: Hours = WORKING_HOURS
    deadline: Time | None = None
    authority: Role = "finance"
    anew_when: Annotated[tuple[str, ...], Field(max_length=3)] = ()
    level: Annotated[tuple[Level, ...], Field(min_length=1, max_length=LEVELS_MAX)]

    @model_validator(mode="after")
    def _whole(self) -> RuleDocument:
        try:
            condition = read_condition(self.when)
        except ConditionUnclear as odd:
            raise ValueError(f"when: {odd.sentence}") from odd
        uses = {fact.name for fact in condition.uses}
        for name in self.anew_when:
            if name not in facts():
                raise ValueError(f"anew_when: there is no fact '{name}'")
            if name not in uses:
                raise ValueError(f"anew_when: '{name}' does not stand in the condition")
        for level in self.level[:-1]:
            if level.acknowledge_within is None:
                raise ValueError("a level with another after it says within which time to acknowledge")
        if self.about == "group" and any(
            isinstance(deed, ChooseLadder | Assign | WriteOff) for level in self.level for deed in level.actions
        ):
            raise ValueError("a rule about a group does not choose a ladder, assign cases or write off")
        return self

    @property
    def condition(self) -> Condition:
        return read_condition(self.when)

    @property
    def working_hours(self) -> WorkingHours:
        return read_hours(self.hours)

    @property
    def deadline_span(self) -> Span | None:
        return read_span(self.deadline) if self.deadline else None


def read_rule(text: str) -> RuleDocument:
    """The rule in that TOML text. Raises: RuleUnclear, naming the first thing wrong."""
    try:
        return rule_from(tomllib.loads(text))
    except tomllib.TOMLDecodeError as odd:
        raise RuleUnclear(f"The file is not TOML: {odd}.") from odd


def rule_from(tables: Mapping[str, Any]) -> RuleDocument:
    """The rule from the tables of a file or a stored document. Raises: RuleUnclear."""
    try:
        return RuleDocument.model_validate(dict(tables))
    except ValidationError as odd:
        first = odd.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the rule"
        why = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
        raise RuleUnclear(f"{where}: {why}.", where=where) from odd
