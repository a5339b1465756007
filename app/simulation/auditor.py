"""The auditor: looks over every reminder at the instant it leaves, by rules of its own.

It shares nothing with the rules it checks: its own SQL, its own table of hours and its own memory of what happened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text

from app.simulation.calendars import is_holiday
from app.simulation.people import Person
from app.simulation.trade import Bill
from o2c_core.store.store import Store

# From which hour to which (local time where the customer is) a reminder may leave; never on Sundays and holidays.
HOURS: dict[str, tuple[int, int]] = {"email": (8, 20), "sms": (9, 20)}
HOURS_US: dict[str, tuple[int, int]] = {"email": (8, 21), "sms": (9, 20)}

_NAMED = text("""
    SELECT r.invoice_id, r.part, r.rung, r.days, i.number, i.customer_id,
           (SELECT coalesce(sum(d.amount_minor), 0) FROM dispute d
             WHERE d.invoice_id = i.id AND d.state = 'open') AS disputed,
           (SELECT coalesce(sum(p.amount_minor), 0) FROM promise p JOIN promised_invoice pi ON pi.promise_id = p.id
             WHERE pi.invoice_id = i.id AND p.state = 'open' AND p.promised_on + CAST(p.grace_days AS integer) >= :day
               AND NOT EXISTS (SELECT 1 FROM promised_invoice more
                                WHERE more.promise_id = p.id AND more.invoice_id <> i.id)) AS promised,
           EXISTS (SELECT 1 FROM hold h WHERE h.customer_id = i.customer_id AND h.kind = 'reminders'
                     AND (h.invoice_id IS NULL OR h.invoice_id = i.id) AND h.from_on <= :day AND h.until_on >= :day
                     AND (h.ended_on IS NULL OR h.ended_on > :day)) AS held,
           EXISTS (SELECT 1 FROM payment_plan l JOIN planned_invoice li ON li.plan_id = l.id
                    WHERE li.invoice_id = i.id AND l.state = 'active') AS planned,
           EXISTS (SELECT 1 FROM document_problem f WHERE f.invoice_id = i.id AND f.state = 'open') AS lacking,
           (SELECT coalesce(sum(s.amount_minor), 0) FROM payment_said s JOIN said_invoice si ON si.payment_said_id = s.id
             WHERE si.invoice_id = i.id AND s.state = 'open' AND s.until_on >= :day
               AND NOT EXISTS (SELECT 1 FROM said_invoice more
                                WHERE more.payment_said_id = s.id AND more.invoice_id <> i.id)) AS on_its_way
    FROM reminder r JOIN invoice i ON i.id = r.invoice_id WHERE r.message_id = :message ORDER BY r.days, i.number
""")
# A part of a plan is spoken of from two days before its day to the end of its grace, by steps that name the plan.
PLAN_AHEAD_DAYS = 2
_PLAN = text("""
    SELECT l.number, l.grace_days, p.position, p.due_on, p.amount_minor,
           ARRAY(SELECT i.number FROM planned_invoice li JOIN invoice i ON i.id = li.invoice_id
                  WHERE li.plan_id = l.id) AS invoices
    FROM payment_plan l JOIN plan_part p ON p.plan_id = l.id
    WHERE l.state = 'active' AND l.id IN (SELECT plan_id FROM planned_invoice WHERE invoice_id = :invoice)
    ORDER BY p.position
""")
_REFUSED = text("""
    SELECT bool_or(NOT is_given) FROM (
        SELECT DISTINCT ON (contact_id, address) is_given FROM consent
        WHERE channel = :channel AND purpose = 'reminders' AND address = :address
        ORDER BY contact_id, address, at DESC, id DESC) latest
""")
_OPEN = text("""
    SELECT coalesce(sum(i.total_minor), 0) - coalesce((SELECT sum(a.amount_minor) FROM allocation a), 0) AS open
    FROM invoice i
""")


@dataclass(frozen=True)
class Violation:
    """A promise that did not hold: which, for what, and when."""

    promise: str
    what: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.promise}: {self.what}"


@dataclass(frozen=True)
class Named:
    """A bill that a reminder names, and by which step."""

    number: str
    rung: str
    days: int


@dataclass
class Auditor:
    """Told of money and words as they become known; asked at every send."""

    store: Store
    seller_zone: str
    people: dict[str, Person] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    checked: Counter[str] = field(default_factory=Counter)
    _open: dict[str, int] = field(default_factory=dict)
    _unmatched: Counter[int] = field(default_factory=Counter)
    _stopped: set[tuple[str, str]] = field(default_factory=set)
    _bounced: set[tuple[str, str]] = field(default_factory=set)
    _used: dict[tuple[UUID, int, str], UUID] = field(default_factory=dict)

    # What becomes known.

    def knows(self, people: Sequence[Person]) -> None:
        for person in people:
            for address in (person.email, person.office, person.phone):
                if address:
                    self.people[address] = person

    def issued(self, bill: Bill) -> None:
        self._open[bill.number] = bill.minor

    def lowered(self, number: str, minor: int) -> None:
        """Money or credit was set against it; below zero, it was taken back."""
        self._open[number] -= minor

    def unmatched(self, person: Person, minor: int) -> None:
        """Money came that nobody has matched yet; below zero, it has been."""
        self._unmatched[person.number] += minor

    def stopped(self, channel: str, address: str) -> None:
        self._stopped.add((channel, address))

    def bounced(self, channel: str, address: str) -> None:
        self._bounced.add((channel, address))

    def failed(self, message_id: UUID) -> None:
        """It did not arrive, so nobody was reminded by it."""
        for key in [key for key, message in self._used.items() if message == message_id]:
            del self._used[key]

    # What is checked.

    def check_reminder(self, message_id: UUID, channel: str, to: str, now: datetime) -> list[Named]:
        """What it names, the newest step last; every promise that does not hold is written down."""
        self.checked["reminders"] += 1
        day = now.astimezone(ZoneInfo(self.seller_zone)).date()
        with self.store.session() as session:
            named = session.execute(_NAMED, {"message": message_id, "day": day}).all()
            refused = session.scalar(_REFUSED, {"channel": channel, "address": to})
        if not named:
            self._blame("about nothing", f"message {message_id}", now)
        for row in named:
            self._check_bill(row, message_id, day, now)
        person = self.people.get(to)
        asked = sum(max(0, self._open[row.number] - int(row.disputed)) for row in named)
        if person is not None and named and 0 < asked <= self._unmatched[person.number]:
            self._blame("after payment", f"{person.ref}: unmatched money covers it", now)
        if refused or (channel, to) in self._stopped:
            self._blame("after stop", f"{channel} to {to}", now)
        if (channel, to) in self._bounced:
            self._blame("to an address that bounced", f"{channel} to {to}", now)
        if person is None:
            self._blame("to nobody we know", to, now)
        elif not self.is_hour(person, channel, now):
            self._blame("outside hours", f"{person.ref} in {person.zone} by {channel}", now)
        return [Named(row.number, row.rung, row.days) for row in named]

    def _check_bill(self, row: Any, message_id: UUID, day: date, now: datetime) -> None:
        left = self._open[row.number]
        undisputed = left - int(row.disputed)
        if left <= 0:
            self._blame("after payment", row.number, now)
        elif undisputed <= 0:
            self._blame("after dispute", row.number, now)
        elif int(row.promised) >= undisputed:
            self._blame("after promise", row.number, now)
        elif int(row.on_its_way) >= undisputed:
            self._blame("while money is on its way", row.number, now)
        if row.lacking:
            self._blame("while the invoice lacks something", row.number, now)
        if row.held:
            self._blame("on hold", row.number, now)
        speaks_of_plan = str(row.rung).startswith(("plan_soon ", "plan_late "))
        if speaks_of_plan:
            self._check_part(row, day, now)
        elif row.planned:
            self._blame("on plan", row.number, now)
        key = (row.invoice_id, int(row.part), str(row.rung))
        if self._used.get(key) is not None:
            self._blame("duplicate", f"{row.number} at {row.rung}", now)
        self._used[key] = message_id

    def _check_part(self, row: Any, day: date, now: datetime) -> None:
        """A plan's own reminder: its part is at hand, and no money has come for it."""
        with self.store.session() as session:
            parts = session.execute(_PLAN, {"invoice": row.invoice_id}).all()
        own = [part for part in parts if str(row.rung).endswith(f" {part.number}") and part.position == row.part]
        if not own:
            self._blame("on plan", f"{row.number}: no such part of a plan that runs", now)
            return
        (part,) = own
        first, last = part.due_on - timedelta(days=PLAN_AHEAD_DAYS), part.due_on + timedelta(days=int(part.grace_days))
        if not first <= day <= last:
            self._blame("on plan", f"{row.number}: its part is due on {part.due_on}", now)
        later = sum(int(other.amount_minor) for other in parts if other.position > part.position)
        if sum(self._open[number] for number in part.invoices) <= later:
            self._blame("after payment", f"{row.number}: part {part.position} of the plan", now)

    def is_hour(self, person: Person, channel: str, now: datetime) -> bool:
        local = now.astimezone(ZoneInfo(person.zone))
        first, last = (HOURS_US if person.country == "US" else HOURS)[channel]
        return local.weekday() < 6 and not is_holiday(person.country, local.date()) and first <= local.hour < last

    def check_books(self, on: date, buckets_minor: int, open_minor: int, now: datetime) -> None:
        """The buckets of the ageing, the ledger's own rows, this auditor's count and the world's are one amount."""
        self.checked["books"] += 1
        with self.store.session() as session:
            in_rows = int(session.execute(_OPEN).scalar_one())
        own = sum(self._open.values())
        if len({buckets_minor, in_rows, own, open_minor}) > 1:
            said = f"{on}: buckets {buckets_minor}, rows {in_rows}, auditor {own}, world {open_minor}"
            self._blame("buckets equal ledger", said, now)

    def _blame(self, promise: str, what: str, now: datetime) -> None:
        self.violations.append(Violation(promise, what, now))
