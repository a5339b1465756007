"""The carrier: the port through which words leave, and its three answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from o2c_core.conversations.message import Message


@dataclass(frozen=True)
class Accepted:
    """The carrier has it, under this id."""

    carrier_key: str


@dataclass(frozen=True)
class Rejected:
    """The carrier will not take it, for this reason; sending it again would not help."""

    why: str


@dataclass(frozen=True)
class Uncertain:
    """Nobody knows whether the carrier has it; it must not be sent again blindly."""

    why: str


Answer = Accepted | Rejected | Uncertain


class Carrier(Protocol):
    """Takes one message to one address. Raises Outage when it is certain that nothing left the house."""

    @property
    def name(self) -> str: ...

    def send(self, message: Message) -> Answer: ...
