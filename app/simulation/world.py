"""The simulated world: time, bills, money and what customers do, whoever reminds them."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.simulation.calendars import is_working, moment, working_day, working_days_later
from app.simulation.chance import Chance
from app.simulation.customers import Customers
from app.simulation.letters import Letter, Policy, Read
from app.simulation.people import Person, make_people
from app.simulation.trade import Bill, make_bills
from o2c_core.clock import MovableClock

FIRST_DAY = date(2025, 1, 6)
SELLER_ZONE, SELLER_COUNTRY = "Europe/Amsterdam", "NL"
PAYS_PART, NAMES_NO_BILL, IS_TAKEN_BACK = 0.02, 0.04, 0.005
Progress = Callable[[int, int], None]
# Why a bill is overdue, as the world knows and no ledger does.
FORGOTTEN, BY_HABIT, PROMISED = "forgotten", "late by habit or for want of money", "promised or on a plan"
DISPUTED, INSOLVENT, ON_ITS_WAY = "disputed or lacking something", "insolvent", "money on its way"
CAUSES = (FORGOTTEN, BY_HABIT, PROMISED, DISPUTED, INSOLVENT, ON_ITS_WAY)


@dataclass(frozen=True)
class MonthEnd:
    """The book at the end of a month, in minor units; `sales` are those of the month, `why` is what is overdue by cause."""

    on: date
    receivables: int
    current: int
    sales: int
    why: Mapping[str, int] = field(default_factory=dict)

    @property
    def overdue(self) -> int:
        return self.receivables - self.current


class World:
    """One run: the same seed gives the same customers and bills, whatever the policy does with them."""

    def __init__(self, seed: int, customers: int, days: int) -> None:
        self.chance = Chance(seed)
        self.days = days
        self.first_day = FIRST_DAY
        self.last_day = FIRST_DAY + timedelta(days=days - 1)
        self.people: list[Person] = make_people(self.chance, customers, FIRST_DAY, days)
        self.bills: list[Bill] = make_bills(self.chance, self.people, FIRST_DAY, days)
        self.clock = MovableClock(datetime.combine(FIRST_DAY, datetime.min.time(), UTC))
        self.counts: Counter[str] = Counter()
        self.month_ends: list[MonthEnd] = []
        self.customers = Customers(self)
        self.policy: Policy
        self._waiting: list[tuple[datetime, int, Callable[[], None]]] = []
        self._number = 0
        self._looks_at: datetime | None = None
        self._issued: list[Bill] = []

    @property
    def today(self) -> date:
        """The day where the seller is."""
        return self.clock.at.astimezone(ZoneInfo(SELLER_ZONE)).date()

    def at(self, when: datetime, do: Callable[[], None]) -> None:
        """Lets it happen then, or at once when that moment has gone by."""
        self._number += 1
        heapq.heappush(self._waiting, (max(when, self.clock.at), self._number, do))

    def run(self, policy: Policy, progress: Progress | None = None) -> None:
        self.policy = policy
        by_day: dict[date, list[Bill]] = {}
        for bill in self.bills:
            by_day.setdefault(bill.issued_on, []).append(bill)
        self.at(moment(SELLER_ZONE, self.first_day, 6), lambda: self._day(by_day, progress))
        end = moment(SELLER_ZONE, self.last_day, 23, 59)
        while self._waiting and self._waiting[0][0] <= end:
            when, _, do = heapq.heappop(self._waiting)
            self.clock.at = when
            do()
        self.clock.at = end

    def _day(self, by_day: dict[date, list[Bill]], progress: Progress | None) -> None:
        on = self.today
        new = by_day.get(on, [])
        if new:
            self._issued += new
            self.policy.issue(new, on)
            for bill in new:
                self.customers.got_bill(bill)
        self.policy.begin(on)
        self.at(moment(SELLER_ZONE, on, 7, 30), lambda: self._morning(on))
        if (on + timedelta(days=1)).month != on.month or on == self.last_day:
            self.at(moment(SELLER_ZONE, on, 23, 30), lambda: self._month_end(on))
        if progress is not None:
            progress((on - self.first_day).days + 1, self.days)
        self.at(moment(SELLER_ZONE, on + timedelta(days=1), 6), lambda: self._day(by_day, progress))

    def _morning(self, on: date) -> None:
        self.policy.morning(on)
        self.look()

    def look(self) -> None:
        """Lets the policy send what may go, and come back when more may."""
        again = self.policy.look(self.clock.at)
        if again is not None and (self._looks_at is None or again < self._looks_at or self._looks_at <= self.clock.at):
            self._looks_at = again
            self.at(again, self.look)

    def _month_end(self, on: date) -> None:
        receivables = sum(bill.open_minor for bill in self._issued)
        current = sum(bill.open_minor for bill in self._issued if bill.due_on >= on)
        began = on.replace(day=1)
        sales = sum(bill.minor for bill in self._issued if began <= bill.issued_on <= on)
        why: Counter[str] = Counter()
        for bill in self._issued:
            if bill.open_minor > 0 and bill.due_on < on:
                why[self._why_late(bill)] += bill.open_minor
        self.month_ends.append(MonthEnd(on, receivables, current, sales, why))
        self.policy.month_end(on, receivables)

    def _why_late(self, bill: Bill) -> str:
        """The one cause that an overdue bill is put down to; what comes first here counts."""
        if bill.ordered_minor or bill.waiting_minor:
            return ON_ITS_WAY
        if bill.trouble in ("short", "document") and not bill.is_solved:
            return DISPUTED
        if self.is_broke(bill.who):
            return INSOLVENT
        if "plan" in bill.said or (bill.promised_on is not None and bill.promised_on >= self.today):
            return PROMISED
        return FORGOTTEN if bill.forgotten else BY_HABIT

    # Money.

    def plans_to_pay(self, bill: Bill, on: date) -> None:
        """The customer means to give their bank the order that day; what they meant before no longer counts."""
        bill.plan += 1
        plan, on = bill.plan, working_day(bill.who.country, max(on, self.today))
        bill.pays_on = on
        self.at(moment(bill.who.zone, on, 14), lambda: self._order(bill, plan))

    def _order(self, bill: Bill, plan: int) -> None:
        wants = bill.open_minor - bill.waiting_minor
        if bill.trouble == "short" and not bill.is_solved:
            wants -= bill.disputed_minor
        is_stuck = bill.trouble == "document" and not bill.is_solved
        if bill.plan != plan or wants <= 0 or is_stuck or bill.ordered_minor or self.is_broke(bill.who):
            return
        draw = self.chance.of("order", bill.number, plan)
        if draw.random() < PAYS_PART:
            wants = max(1, wants // 2)
        self.order(bill, wants)

    def order(self, bill: Bill, minor: int) -> None:
        """The bank has the order; the money arrives one or two working days later."""
        draw = self.chance.of("bank", bill.number, bill.plan, minor)
        bill.ordered_on, bill.ordered_minor = self.today, minor
        arrives = working_days_later(SELLER_COUNTRY, self.today, draw.choice((1, 1, 2)))
        self.at(moment(SELLER_ZONE, arrives, 10), lambda: self._arrives(bill, minor))

    def _arrives(self, bill: Bill, minor: int) -> None:
        bill.ordered_minor = 0
        minor = min(minor, bill.open_minor - bill.waiting_minor)
        if minor <= 0:
            return
        self.counts["payments"] += 1
        key = f"{bill.number}-{self.counts['payments']}"
        draw = self.chance.of("arrives", bill.number, bill.plan)
        names_bill = draw.random() >= NAMES_NO_BILL
        if names_bill:
            bill.paid_minor += minor
        else:
            bill.waiting_minor += minor
            later = working_days_later(SELLER_COUNTRY, self.today, draw.choice((1, 2)))
            self.at(moment(SELLER_ZONE, later, 11), lambda: self._matched(bill, minor, key))
        self.policy.money(bill, minor, self.today, key, names_bill=names_bill)
        if names_bill and draw.random() < IS_TAKEN_BACK:
            later = working_days_later(SELLER_COUNTRY, self.today, 3)
            self.at(moment(SELLER_ZONE, later, 10), lambda: self._taken_back(bill, minor, key))
        self._settled(bill)
        self.look()

    def _matched(self, bill: Bill, minor: int, key: str) -> None:
        bill.waiting_minor -= minor
        bill.paid_minor += minor
        self.policy.matched(bill, key)
        self._settled(bill)

    def _settled(self, bill: Bill) -> None:
        if bill.open_minor <= 0 and bill.settled_on is None:
            bill.settled_on = self.today
        elif bill.open_minor - bill.waiting_minor > 0 and (bill.pays_on is None or bill.pays_on <= self.today):
            # What is left of a part payment is thought of again after a while; a plan has its own days.
            self.plans_to_pay(bill, self.today + timedelta(days=21))

    def _taken_back(self, bill: Bill, minor: int, key: str) -> None:
        bill.paid_minor -= minor
        bill.settled_on = None
        self.counts["payments taken back"] += 1
        self.policy.taken_back(bill, minor, self.today, key)
        self.plans_to_pay(bill, self.today + timedelta(days=10))

    def is_broke(self, person: Person) -> bool:
        return person.broke_from is not None and self.today >= person.broke_from

    # Words.

    def reads(self, read: Read) -> None:
        """A reminder has arrived where it was sent."""
        self.counts["reminders"] += 1
        self.customers.got_reminder(read)

    def writes(self, letter: Letter, when: datetime) -> None:
        self.at(when, lambda: self._written(letter))

    def _written(self, letter: Letter) -> None:
        self.counts["letters"] += 1
        self.counts[f"said {letter.kind}"] += 1
        hearing = self.policy.hear(letter)
        self.customers.was_answered(letter, hearing)
        self.look()

    def in_office(self, person: Person, when: datetime) -> datetime:
        """The moment itself when the customer's office is open then, else the next opening."""
        local = when.astimezone(ZoneInfo(person.zone))
        if is_working(person.country, local.date()) and 9 <= local.hour < 17:
            return when
        day = local.date() if local.hour < 9 else local.date() + timedelta(days=1)
        return moment(person.zone, working_day(person.country, day), 9, local.minute)
