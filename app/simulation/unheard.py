"""The two ways of reminding that others are compared with: none, and a fixed cadence that listens to nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from app.simulation.calendars import is_working
from app.simulation.letters import Hearing, Letter, Read
from app.simulation.people import Person
from app.simulation.trade import Bill
from app.simulation.world import SELLER_COUNTRY, World
from o2c_core.reminders.ladder import newest_reached


class NoReminders:
    """Nobody is ever written to; what customers write stays unread."""

    name = "none"

    def __init__(self, world: World) -> None:
        self.world = world

    def issue(self, bills: Sequence[Bill], on: date) -> None: ...

    def money(self, bill: Bill, minor: int, on: date, key: str, *, names_bill: bool) -> None: ...

    def matched(self, bill: Bill, key: str) -> None: ...

    def taken_back(self, bill: Bill, minor: int, on: date, key: str) -> None: ...

    def solved(self, bill: Bill, credited_minor: int) -> None: ...

    def begin(self, on: date) -> None: ...

    def morning(self, on: date) -> None: ...

    def hear(self, letter: Letter) -> Hearing:  # noqa: ARG002 (nobody reads it)
        return Hearing()

    def look(self, now: datetime) -> datetime | None: ...

    def month_end(self, on: date, open_minor: int) -> None: ...


class FixedCadence(NoReminders):
    """The same steps as our standard ladder by email, to everybody whose bill is open by the books, and nothing heard.

    It is a fair opponent: it groups a customer's bills in one mail, climbs no step twice and rests on days that are not
    worked; it does not read replies, wait for a habit, or notice that a mailbox is dead.
    """

    name = "fixed"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._open: dict[str, Bill] = {}
        self._used: dict[str, int] = {}

    def issue(self, bills: Sequence[Bill], on: date) -> None:  # noqa: ARG002
        self._open.update({bill.number: bill for bill in bills})

    def taken_back(self, bill: Bill, minor: int, on: date, key: str) -> None:  # noqa: ARG002
        self._open[bill.number] = bill

    def morning(self, on: date) -> None:
        if not is_working(SELLER_COUNTRY, on):
            return
        due: dict[int, tuple[Person, list[Bill], str, int]] = {}
        for number, bill in list(self._open.items()):
            if bill.open_minor <= 0:
                del self._open[number]
                continue
            rung = newest_reached(bill.due_on, on)
            if rung is None or self._used.get(number, -999) >= rung.days:
                continue
            self._used[number] = rung.days
            person, bills, name, days = due.get(bill.who.number, (bill.who, [], rung.name, rung.days))
            bills.append(bill)
            loudest = max((days, name), (rung.days, rung.name))
            due[person.number] = (person, bills, loudest[1], loudest[0])
        for person, bills, name, days in due.values():
            self.world.reads(Read(person, tuple(bills), name, days, "email", person.email))
