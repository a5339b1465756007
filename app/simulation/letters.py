"""What passes between a simulated customer and whoever reminds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from app.simulation.people import Person
from app.simulation.trade import Bill

# What of a customer's words changes what may be asked for afterwards.
CHANGES = ("paid", "promise", "plan", "dispute", "document", "stop", "wrong_person", "broke", "complaint")


@dataclass(frozen=True)
class Read:
    """A reminder as it reaches a customer: the bills it names and where it came; `handle` is what an answer refers to."""

    person: Person
    bills: tuple[Bill, ...]
    rung: str
    days: int
    channel: str
    address: str
    handle: object = None
    subject: str = ""


@dataclass(frozen=True)
class Letter:
    """What a customer writes back, about one bill; `kind` is what they mean by it, which nobody is told but the auditor."""

    person: Person
    kind: str
    text: str
    channel: str
    address: str
    bill: Bill | None = None
    day: date | None = None
    handle: object = None
    subject: str = ""


@dataclass(frozen=True)
class Hearing:
    """What came of a letter: which of its meanings was recorded, and whether a yes is waited for."""

    recorded: frozenset[str] = field(default_factory=frozenset)
    asks: bool = False


class Policy(Protocol):
    """A way of reminding. The world tells it what happens; it tells the world what customers get to read."""

    name: str

    def issue(self, bills: Sequence[Bill], on: date) -> None:
        """Bills were issued."""

    def money(self, bill: Bill, minor: int, on: date, key: str, *, names_bill: bool) -> None:
        """Money arrived; without a reference it is matched by people later."""

    def matched(self, bill: Bill, key: str) -> None:
        """People found out which bill that money was for."""

    def taken_back(self, bill: Bill, minor: int, on: date, key: str) -> None:
        """The bank took a payment back."""

    def solved(self, bill: Bill, credited_minor: int) -> None:
        """People settled what was wrong with the bill."""

    def begin(self, on: date) -> None:
        """The working day begins."""

    def morning(self, on: date) -> None:
        """Time to remind."""

    def hear(self, letter: Letter) -> Hearing:
        """A customer wrote."""

    def look(self, now: datetime) -> datetime | None:
        """Send what may be sent now; when to look again, if anything waits."""

    def month_end(self, on: date, open_minor: int) -> None:
        """The books are looked at; `open_minor` is what customers still owe by the world's own count."""
