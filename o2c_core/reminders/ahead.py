"""What would go out on each of the coming days, on the ledger as it is: nobody pays, answers or objects meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.money import Money
from o2c_core.reminders.ahead_day import AheadDay, Going, Kept
from o2c_core.reminders.candidates import customers_owing, customers_with_invoices_to_come
from o2c_core.reminders.debts import Debt, debts_of
from o2c_core.reminders.decisions import QUIET, most_telling
from o2c_core.reminders.ladder import Used
from o2c_core.reminders.looks import next_look
from o2c_core.reminders.may_contact import Answer, Claim, Reason, Yes, about_claims, may_contact
from o2c_core.reminders.morning import HOUR, due_day
from o2c_core.reminders.planning import mode_of
from o2c_core.reminders.trial import by_lot
from o2c_core.reminders.unplanned import Unplanned, work_around

DAYS_MAX = 92
_CUSTOMERS_PER_BATCH = 500


@dataclass(frozen=True)
class Ahead:
    """The days from the first on, in order; fewer than were asked for, or none, where that were too many to look at.

    `read_at` is the moment at which the ledger was read, `asked_until` the last day that was asked for, and `looks` how
    many customers had to be looked at for it, one on several days counted as often.
    """

    seller: Seller
    first: date
    days: tuple[AheadDay, ...]
    read_at: datetime
    asked_until: date
    looks: int = 0

    @property
    def is_whole(self) -> bool:
        return bool(self.days) and self.days[-1].on == self.asked_until

    @property
    def going(self) -> tuple[Going, ...]:
        return tuple(one for day in self.days for one in day.going)

    def to_json(self) -> dict[str, Any]:
        return {
            "seller": self.seller.ref,
            "first": self.first.isoformat(),
            "read_at": self.read_at.isoformat(),
            "is_whole": self.is_whole,
            "messages": sum(len(day.messages) for day in self.days),
            "calls": sum(len(day.calls) for day in self.days),
            "days": [
                {
                    "on": day.on.isoformat(), "has_run": day.has_run, "going": [one.to_json() for one in day.going],
                    "held": [one.to_json() for one in day.held],
                }
                for day in self.days
            ],
        }  # fmt: skip


def ahead(
    session: Session, seller: Seller, first: date, days: int, now: datetime, *, looks_max: int | None = None
) -> Ahead:
    """The plan of each day, as if every message of the days before had gone out and none had been answered.

    The ledger is read again for every day on which a customer's answer can be another, because holds, promises and plans
    end on days of their own; nothing is written. What waits for approval counts as approved on the day it is written.
    With `looks_max` no day is begun with which more customers would have been looked at than that.
    """
    assert 1 <= days <= DAYS_MAX
    looking = _Looking(session, seller, now, first + timedelta(days=days))
    found: list[AheadDay] = []
    for on in (first + timedelta(days=after) for after in range(days)):
        if looks_max is not None and looking.count + looking.due(on) > looks_max:
            break
        found.append(looking.day(on))
    return Ahead(seller, first, tuple(found), now, first + timedelta(days=days - 1), looking.count)


@dataclass
class _Remembered:
    """What went out on the days before, as the ledger would have it by then."""

    used: dict[tuple[UUID, int, bool], dict[str, Used]] = field(default_factory=dict)
    reminded_on: dict[UUID, tuple[date, ...]] = field(default_factory=dict)

    def as_of_then(self, debt: Debt) -> Debt:
        claims = tuple(
            replace(claim, used={**(claim.used or {}), **self.used.get(_key(claim), {})}, is_drafted=False)
            for claim in debt.facts.claims
        )
        reminded_on = (*debt.facts.reminded_on, *self.reminded_on.get(debt.customer.id, ()))
        return replace(debt, facts=replace(debt.facts, claims=claims, reminded_on=reminded_on, has_draft=False))

    def keep(self, debt: Debt, answers: Sequence[object], on: date) -> None:
        for claim, answer in zip(debt.facts.claims, answers, strict=True):
            if isinstance(answer, Yes):
                self.used.setdefault(_key(claim), {})[answer.rung.name] = Used(on, answer.rung.days)
        self.reminded_on[debt.customer.id] = (*self.reminded_on.get(debt.customer.id, ()), on)


class _Looking:
    """One look at the coming days: who has to be looked at when, and what went out on the days before."""

    def __init__(self, session: Session, seller: Seller, now: datetime, until: date) -> None:
        self._session, self._seller, self._now = session, seller, now
        self._remembered = _Remembered()
        # Where runs are made by hand they are taken to be made on working days too.
        self._settings = {"reminders": {**(seller.settings or {}).get("reminders", {}), "by_itself": True}}
        self._looks: dict[UUID, date] = dict.fromkeys(customers_owing(session, seller.id), date.min)
        # Of what is only issued in these days nobody can say yet when it is to be looked at.
        self._always = customers_with_invoices_to_come(session, seller.id, now.date(), until)
        self._unreadable: dict[UUID, Kept] = {}
        self.count = 0

    def due(self, on: date) -> int:
        """How many have to be looked at on that day."""
        return sum(day <= on for day in self._looks.values()) if self._runs(on) else 0

    def day(self, on: date) -> AheadDay:
        if not self._runs(on):
            return AheadDay(on, has_run=False)
        going: list[Going] = []
        held: list[Kept] = []
        wanted = [customer_id for customer_id, day in self._looks.items() if day <= on]
        for at in range(0, len(wanted), _CUSTOMERS_PER_BATCH):
            for found in self._batch(wanted[at : at + _CUSTOMERS_PER_BATCH], on):
                if isinstance(found, Going):
                    going.append(found)
                else:
                    held.append(found)
        held += self._unreadable.values()
        going.sort(key=lambda one: (-one.days, -one.asked.minor, one.name))
        held.sort(key=lambda one: (one.reason.value, -one.open.minor if one.open else 0, one.name))
        return AheadDay(on, True, tuple(going), tuple(held))

    def _runs(self, on: date) -> bool:
        moment = morning_of(self._seller, on, self._now)
        return due_day(self._settings, self._seller.country, self._seller.time_zone, moment) == on

    def _batch(self, customers: Sequence[UUID], on: date) -> list[Going | Kept]:
        moment = morning_of(self._seller, on, self._now)
        self.count += len(customers)
        for customer_id in customers:
            # Who owes nothing any more by then is not looked at again.
            self._looks.pop(customer_id)
        debts, broke = work_around(customers, lambda some: debts_of(self._session, some, on, moment, only_open=True))
        found: list[Going | Kept] = []
        for debt in debts:
            decided, broken = work_around([debt.customer.id], partial(self._decide, debt, on, moment))
            found += decided
            broke += broken
        self._cannot_read(broke)
        self._session.expunge_all()
        return found

    def _decide(self, read: Debt, on: date, moment: datetime, _alone: Sequence[UUID]) -> list[Going | Kept]:
        """What goes to that customer, or why nothing does; neither where nothing was to be decided."""
        debt, customer_id = self._remembered.as_of_then(read), read.customer.id
        facts = debt.facts
        earned, _ = by_lot(about_claims(facts.claims, facts.currency, on), facts.claims, customer_id, on)
        answers = may_contact(facts, on, moment, earned=earned)
        decided = _kept(debt, answers) or _going(debt, answers)
        if isinstance(decided, Going):
            self._remembered.keep(debt, answers, on)
            facts = self._remembered.as_of_then(read).facts
            answers = about_claims(facts.claims, facts.currency, on)
        again = on + timedelta(days=1) if customer_id in self._always else next_look(facts.claims, answers, on)
        if again is not None:
            self._looks[customer_id] = min(again, self._looks.get(customer_id, again))
        return [decided] if decided is not None else []

    def _cannot_read(self, broke: Sequence[Unplanned]) -> None:
        """They are held on every day, and not read again."""
        for one in broke:
            self._looks.pop(one.customer_id, None)
            customer = self._session.get_one(Customer, one.customer_id)
            self._unreadable[customer.id] = Kept(
                customer.ref, customer.name, None, Reason.UNREADABLE, Reason.UNREADABLE.sentence
            )


def _kept(debt: Debt, answers: Sequence[Answer]) -> Kept | None:
    """Why nothing goes to that customer; None where something does, or nothing was to be decided."""
    if any(isinstance(answer, Yes) for answer in answers):
        return None
    why, facts = most_telling(answers), debt.facts
    if why.reason in QUIET:
        return None
    opened = Money(sum(claim.open_minor for claim in facts.claims if claim.plan is None), facts.currency)
    return Kept(debt.customer.ref, debt.customer.name, opened, why.reason, why.sentence)


def _going(debt: Debt, answers: Sequence[Answer]) -> Going | None:
    """What goes to that customer; None where nothing does."""
    facts, customer = debt.facts, debt.customer
    asked = [(claim, answer) for claim, answer in zip(facts.claims, answers, strict=True) if isinstance(answer, Yes)]
    if not asked:
        return None
    amount = Money(sum(answer.asked.minor for _, answer in asked), facts.currency)
    highest, answer = max(asked, key=lambda one: one[1].rung.days)
    return Going(
        customer.ref,
        customer.name,
        tuple(dict.fromkeys(claim.number for claim, _ in asked)),
        amount,
        answer.rung.name,
        answer.rung.days,
        highest.ladder.name,
        "call" if debt.is_call else debt.recipient.channel if debt.recipient else answer.rung.channels[0],
        mode_of([one.rung for _, one in asked], amount),
    )


def morning_of(seller: Seller, on: date, now: datetime) -> datetime:
    """The moment of that day's run: at the seller's hour, or now where that is later."""
    hour = int((seller.settings or {}).get("reminders", {}).get("hour", HOUR))
    moment = datetime.combine(on, time(hour), ZoneInfo(seller.time_zone)).astimezone(now.tzinfo)
    is_today = now.astimezone(ZoneInfo(seller.time_zone)).date() == on
    return max(moment, now) if is_today else moment


def _key(claim: Claim) -> tuple[UUID, int, bool]:
    return claim.invoice_id, claim.part, claim.plan is not None
