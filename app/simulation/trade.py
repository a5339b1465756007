"""The bills of a simulated run: when they are issued, for how much, and what is wrong with some of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from app.simulation.calendars import working_day
from app.simulation.chance import Chance
from app.simulation.people import Person

Trouble = Literal["", "short", "document", "late"]
# Of a hundred bills: not all that was billed came; the bill lacks something; the goods came late through our fault.
_TROUBLES: tuple[tuple[Trouble, float], ...] = (("short", 0.03), ("document", 0.02), ("late", 0.04), ("", 0.91))


@dataclass
class Bill:
    """An invoice and where it stands for the customer. Amounts are minor units of EUR.

    `ordered_on` is when the customer gave the bank its order; `said` what they have told us about it and `heard` what of
    that was recorded; `reminded` how often a reminder of it was read. `plan` counts up to drop payments that were planned
    before they changed their mind.
    """

    number: str
    who: Person
    issued_on: date
    due_on: date
    minor: int
    trouble: Trouble = ""
    disputed_minor: int = 0
    late_days: int = 0
    paid_minor: int = 0
    credited_minor: int = 0
    waiting_minor: int = 0
    forgotten: bool = False
    pays_on: date | None = None
    ordered_on: date | None = None
    ordered_minor: int = 0
    settled_on: date | None = None
    said: dict[str, date] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)
    promised_on: date | None = None
    is_solved: bool = False
    reminded: int = 0
    plan: int = 0

    @property
    def open_minor(self) -> int:
        return self.minor - self.paid_minor - self.credited_minor


def make_bills(chance: Chance, people: list[Person], first_day: date, days: int) -> list[Bill]:
    """All bills of the run in order of their day; numbers follow it."""
    drawn = [bill for person in people for bill in _bills_of(chance, person, first_day, days)]
    drawn.sort(key=lambda bill: (bill.issued_on, bill.who.number))
    for place, bill in enumerate(drawn, 1):
        bill.number = f"INV-{bill.issued_on.year}-{place:06}"
    return drawn


def _bills_of(chance: Chance, person: Person, first_day: date, days: int) -> list[Bill]:
    draw = chance.of("bills", person.number)
    terms = draw.choice((14, 30, 30))
    bills: list[Bill] = []
    at = draw.uniform(0, 365 / person.per_year)
    while at < days:
        issued = working_day("NL", first_day + timedelta(days=int(at)))
        minor = max(1_500, int(person.typical_minor * draw.lognormvariate(0, 0.4)))
        trouble = draw.choices([name for name, _ in _TROUBLES], [share for _, share in _TROUBLES])[0]
        bill = Bill("", person, issued, issued + timedelta(days=terms), minor, trouble)
        if trouble == "short":
            # Whole euros, as people say them.
            bill.disputed_minor = max(100, int(minor * draw.choice((0.1, 0.25, 0.5, 1.0))) // 100 * 100)
        if trouble == "late":
            bill.late_days = draw.choice((3, 5, 8, 12))
        bill.forgotten = person.habit == "forgetful" and draw.random() < 0.55
        bills.append(bill)
        at += draw.expovariate(person.per_year / 365)
    return [bill for bill in bills if bill.issued_on < first_day + timedelta(days=days)]
