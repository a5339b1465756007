"""What would go out on each of the coming days, on the ledger as it is: nobody pays, answers or objects meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from o2c_core.customers.seller import Seller
from o2c_core.money import Money
from o2c_core.reminders.candidates import next_customers
from o2c_core.reminders.debts import Debt, debts_of
from o2c_core.reminders.decisions import QUIET, most_telling
from o2c_core.reminders.ladder import Mode, Used
from o2c_core.reminders.may_contact import Claim, Reason, Yes, about_claims, may_contact
from o2c_core.reminders.morning import HOUR, due_day
from o2c_core.reminders.planning import mode_of
from o2c_core.reminders.trial import by_lot

DAYS_MAX = 92
_CUSTOMERS_PER_BATCH = 500


@dataclass(frozen=True)
class Going:
    """One message (or call) to one customer about one currency; `mode` says whether somebody looks at it first."""

    customer: str
    name: str
    numbers: tuple[str, ...]
    asked: Money
    rung: str
    days: int
    ladder: str
    channel: str
    mode: Mode

    @property
    def is_call(self) -> bool:
        return self.channel == "call"

    def to_json(self) -> dict[str, Any]:
        return {
            "customer": self.customer, "name": self.name, "invoices": list(self.numbers), "asked": str(self.asked.major),
            "currency": self.asked.currency, "rung": self.rung, "days": self.days, "ladder": self.ladder,
            "channel": self.channel, "mode": self.mode,
        }  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """One customer and currency with something open who hears nothing that day, and why."""

    customer: str
    name: str
    open: Money
    reason: Reason
    sentence: str

    def to_json(self) -> dict[str, Any]:
        return {
            "customer": self.customer, "name": self.name, "open": str(self.open.major), "currency": self.open.currency,
            "reason": self.reason.value, "sentence": self.sentence,
        }  # fmt: skip


@dataclass(frozen=True)
class AheadDay:
    """One day; without a run (a weekend, a holiday of the seller) nothing goes out and nobody is held."""

    on: date
    has_run: bool
    going: tuple[Going, ...] = ()
    held: tuple[Kept, ...] = ()

    @property
    def messages(self) -> tuple[Going, ...]:
        return tuple(one for one in self.going if not one.is_call)

    @property
    def calls(self) -> tuple[Going, ...]:
        return tuple(one for one in self.going if one.is_call)

    @property
    def totals(self) -> list[Money]:
        return sums(one.asked for one in self.going)

    def reasons(self) -> list[tuple[Reason, int]]:
        """How many are held, by reason, the most first."""
        counts: dict[Reason, int] = {}
        for one in self.held:
            counts[one.reason] = counts.get(one.reason, 0) + 1
        return sorted(counts.items(), key=lambda one: (-one[1], one[0].value))


@dataclass(frozen=True)
class Ahead:
    """The days from the first on, in order."""

    seller: Seller
    days: tuple[AheadDay, ...]

    @property
    def going(self) -> tuple[Going, ...]:
        return tuple(one for day in self.days for one in day.going)

    def to_json(self) -> dict[str, Any]:
        return {
            "seller": self.seller.ref,
            "first": self.days[0].on.isoformat() if self.days else None,
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


def ahead(session: Session, seller: Seller, first: date, days: int, now: datetime) -> Ahead:
    """The plan of each day, as if every message of the days before had gone out and none had been answered.

    The ledger is read again for every day, because holds, promises and plans end on days of their own; nothing is
    written. What waits for approval counts as approved on the day it is written.
    """
    assert 1 <= days <= DAYS_MAX
    remembered = _Remembered()
    wanted = [first + timedelta(days=after) for after in range(days)]
    return Ahead(seller, tuple(_day(session, seller, on, now, remembered) for on in wanted))


def sums(amounts: Iterable[Money]) -> list[Money]:
    """By currency."""
    found: dict[str, Money] = {}
    for amount in amounts:
        found[amount.currency] = found.get(amount.currency, Money.zero(amount.currency)) + amount
    return [found[currency] for currency in sorted(found)]


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


def _day(session: Session, seller: Seller, on: date, now: datetime, remembered: _Remembered) -> AheadDay:
    moment = morning_of(seller, on, now)
    # Where runs are made by hand they are taken to be made on working days too.
    settings = {"reminders": {**(seller.settings or {}).get("reminders", {}), "by_itself": True}}
    if due_day(settings, seller.country, seller.time_zone, moment) != on:
        return AheadDay(on, has_run=False)
    going: list[Going] = []
    held: list[Kept] = []
    after: UUID | None = None
    while batch := next_customers(session, seller.id, after, _CUSTOMERS_PER_BATCH):
        for read in debts_of(session, batch, on, moment, only_open=True):
            debt = remembered.as_of_then(read)
            found = _decided(debt, on, moment, remembered)
            if isinstance(found, Going):
                going.append(found)
            elif found is not None:
                held.append(found)
        session.expunge_all()
        after = batch[-1]
    going.sort(key=lambda one: (-one.days, -one.asked.minor, one.name))
    held.sort(key=lambda one: (one.reason.value, -one.open.minor, one.name))
    return AheadDay(on, True, tuple(going), tuple(held))


def _decided(debt: Debt, on: date, moment: datetime, remembered: _Remembered) -> Going | Kept | None:
    """What goes to that customer, or why nothing does; None where nothing was to be decided."""
    facts, customer = debt.facts, debt.customer
    earned, _ = by_lot(about_claims(facts.claims, facts.currency, on), facts.claims, customer.id, on)
    answers = may_contact(facts, on, moment, earned=earned)
    asked = [(claim, answer) for claim, answer in zip(facts.claims, answers, strict=True) if isinstance(answer, Yes)]
    if not asked:
        why = most_telling(answers)
        opened = Money(sum(claim.open_minor for claim in facts.claims if claim.plan is None), facts.currency)
        return None if why.reason in QUIET else Kept(customer.ref, customer.name, opened, why.reason, why.sentence)
    remembered.keep(debt, answers, on)
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
