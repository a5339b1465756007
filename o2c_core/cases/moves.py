"""Where a case may go from where it is: every table of moves only runs forwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from o2c_core.errors import Refused

Moves = Mapping[str, tuple[str, ...]]


class Settled(Refused):
    """That has been settled and does not change any more; what is new about it is a new case."""


class HasState(Protocol):
    state: str


def move(case: HasState, to: str, moves: Moves) -> None:
    """Raises: Settled when the table has no such move; the case is left as it was."""
    if to not in moves[case.state]:
        raise Settled(now=case.state, asked=to)
    case.state = to
