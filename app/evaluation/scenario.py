"""A scenario: a customer with a goal, what they write, what they must read, and what the ledger must hold at the end."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from o2c_core.conversations.message import CHANNELS
from o2c_core.errors import Refused

SCENARIOS = Path(__file__).with_name("scenarios")
_WRITERS = ("stranger", "known", "proven")
# Nobody writes mails one a minute; so many in an hour would be a machine's.
_MINUTES = {"email": 15, "sms": 4, "whatsapp": 4}


class ScenarioUnreadable(Refused):
    """That file holds no scenario: it needs a goal, a writer and at least one turn with what the customer says."""


@dataclass(frozen=True)
class Step:
    """One message and what must be true of its answer. `reads` are pieces of text that must be in it ("one | other" for
    either), `not_reads` must not; `proposal` is the kind proposed, "" for none; `handoff` the reason a person is called,
    "" for none; `is_silent` when nobody answers because a person speaks.

    `meanwhile` happens before it is written ("paid INV-2026-0042"), and a {code} in it is the one that was sent.
    """

    says: str
    intents: tuple[str, ...] | None = None
    reads: tuple[str, ...] = ()
    not_reads: tuple[str, ...] = ()
    proposal: str | None = None
    handoff: str | None = None
    language: str | None = None
    after_minutes: int = 1
    meanwhile: str = ""
    is_silent: bool = False


@dataclass(frozen=True)
class Scenario:
    """`writer` is how sure the door is of who writes, `customer` whose account it is; `end` is everything that may have
    been written when it is over: what is not named there must be as it was."""

    name: str
    goal: str
    language: str
    writer: str
    customer: str | None
    channel: str
    steps: tuple[Step, ...]
    subject: str = "Question"
    knows: tuple[str, ...] = ()
    kind: str = ""
    end: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


def read_scenarios(folder: Path = SCENARIOS) -> list[Scenario]:
    """Every scenario of the folder and those below it, in order of name.

    Raises: ScenarioUnreadable, naming the file.
    """
    return [read_scenario(path) for path in sorted(folder.rglob("*.toml"))]


def read_scenario(path: Path) -> Scenario:
    """Raises: ScenarioUnreadable."""
    try:
        told = tomllib.loads(path.read_text("utf-8"))
        channel = told.get("channel", "chat")
        steps = tuple(_step(step, _MINUTES.get(channel, 1)) for step in told["turns"])
        found = Scenario(
            name=path.stem,
            goal=told["goal"],
            language=told["language"],
            writer=told["writer"],
            customer=told.get("customer"),
            channel=channel,
            steps=steps,
            subject=told.get("subject", "Question"),
            knows=tuple(told.get("knows", ())),
            kind=told.get("kind", path.parent.name),
            end=told.get("end", {}),
        )
    except (OSError, KeyError, TypeError, ValueError) as odd:
        raise ScenarioUnreadable(f"{path.name}: {odd}") from odd
    if not steps or found.writer not in _WRITERS or found.channel not in CHANNELS:
        raise ScenarioUnreadable(f"{path.name}: it needs turns, a writer of {_WRITERS} and a channel of {CHANNELS}.")
    return found


def _step(told: Mapping[str, Any], minutes: int) -> Step:
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    return Step(**{"after_minutes": minutes} | given)
