"""Whether a customer may be reminded of what they owe, asked when it is planned and again when it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Literal
from uuid import UUID

from o2c_core import days
from o2c_core.cases.dispute import undisputed
from o2c_core.money import Money
from o2c_core.reminders.ladder import LADDER, Rung, newest_reached, next_step_on, rung_for

# Below one euro, pound or yen a reminder costs everyone more than it brings.
MINIMUM_MAJOR = Decimal(1)

Reach = Literal["usable", "none", "failed"]


class Reason(Enum):
    """Why somebody is not reminded; the value is the word in reports, `sentence` is what finance reads."""

    sentence: str

    def __new__(cls, word: str, sentence: str) -> Reason:
        member = object.__new__(cls)
        member._value_ = word
        member.sentence = sentence
        return member

    WALK_IN = "walk_in", "Walk-in customers are not reminded."
    PAID = "paid", "It has been paid."
    CREDITED = "credited", "A credit note covers it."
    DISPUTED = "disputed", "Everything open on it is disputed."
    BELOW_MINIMUM = "below_minimum", "What is left of it is too little to write about."
    ON_HOLD = "on_hold", "Reminders are on hold until {day}."
    ON_PLAN = "on_plan", "It is paid by a payment plan; its next part is due on {day}."
    PROMISED = "promised", "The customer promised to pay it by {day}."
    OPEN_COMPLAINT = "open_complaint", "A complaint about it is waiting for our answer."
    NOT_YET = "not_yet", "It is too early; the first step comes on {day}."
    ALREADY_REMINDED = "already_reminded", "Already reminded at this step on {day}."
    LADDER_DONE = "ladder_done", "The last step was used on {day}; it is a person's turn."
    NO_ADDRESS = "no_address", "There is no email address to write to."
    BOUNCED = "bounced", "Email to this customer does not arrive; the address needs to be corrected."
    OPTED_OUT = "opted_out", "Reminders by email were refused by who would get them."
    CONVERSATION_LIVE = "conversation_live", "A person of ours is in conversation with this customer."
    MONEY_PENDING = "money_pending", "Money or credit not yet matched to invoices covers it."
    AMOUNT_CHANGED = "amount_changed", "The amount changed after the reminder was written."
    OUT_OF_DATE = "out_of_date", "It was written too long ago to be sent; the next run writes a new one."


@dataclass(frozen=True)
class Yes:
    """It may be asked for: this much, at this step."""

    rung: Rung
    asked: Money


@dataclass(frozen=True)
class NotNow:
    """Not today; `until` is the first day on which the answer can be another, None when that depends on people."""

    until: date | None
    reason: Reason
    day: date | None = None

    @property
    def sentence(self) -> str:
        return _sentence(self.reason, self.day)


@dataclass(frozen=True)
class No:
    """There is nothing to ask for, or nobody to ask."""

    reason: Reason
    day: date | None = None

    @property
    def sentence(self) -> str:
        return _sentence(self.reason, self.day)


Answer = Yes | NotNow | No


def _sentence(reason: Reason, day: date | None) -> str:
    return reason.sentence.format(day=days.show(day, "en_GB")) if day else reason.sentence


@dataclass(frozen=True, slots=True)
class Claim:
    """One invoice as the ledger has it; amounts in minor units, `used` says which steps were used on which day.

    The days `…_until` are the last on which a promise (grace included), the next part of a plan on track, or a hold
    keeps it from being asked for.
    """

    invoice_id: UUID
    number: str
    due_on: date
    total_minor: int
    open_minor: int
    credited_minor: int = 0
    disputed_minor: int = 0
    disputes: tuple[str, ...] = ()
    has_open_complaint: bool = False
    used: Mapping[str, date] | None = None
    promised_minor: int = 0
    promised_on: date | None = None
    promised_until: date | None = None
    plan_part_on: date | None = None
    plan_until: date | None = None
    held_until: date | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that decides whether one customer is reminded of what is owed in one currency."""

    currency: str
    claims: tuple[Claim, ...]
    reach: Reach = "usable"
    is_walk_in: bool = False
    has_refused: bool = False
    agent_speaks: bool = False
    unapplied_minor: int = 0


def asked_for(claim: Claim, currency: str) -> Money:
    """What may be asked for at most: what is open less what is disputed and what was promised for a day to come."""
    return undisputed(Money(claim.open_minor, currency), Money(claim.disputed_minor + claim.promised_minor, currency))


def may_contact(facts: Facts, on: date, ladder: Sequence[Rung] = LADDER) -> tuple[Answer, ...]:
    """One answer per claim, in their order; those that are Yes go into one message.

    What is wrong with a claim itself is said before what is wrong with writing at all, so that a paid invoice is
    "paid" also where there is no address.
    """
    answers = tuple(_about_claim(claim, facts, on, ladder) for claim in facts.claims)
    against = _about_customer(facts, [answer for answer in answers if isinstance(answer, Yes)])
    if against is None:
        return answers
    return tuple(against if isinstance(answer, Yes) else answer for answer in answers)


def _about_claim(claim: Claim, facts: Facts, on: date, ladder: Sequence[Rung]) -> Answer:
    minimum = Money.rounded(MINIMUM_MAJOR, facts.currency)
    free = undisputed(Money(claim.open_minor, facts.currency), Money(claim.disputed_minor, facts.currency))
    asked = asked_for(claim, facts.currency)
    if claim.open_minor <= 0:
        return No(Reason.CREDITED if claim.credited_minor > 0 else Reason.PAID)
    if free.is_zero:
        return NotNow(None, Reason.DISPUTED)
    if free < minimum:
        return No(Reason.BELOW_MINIMUM)
    if claim.held_until is not None:
        return _not_until(claim.held_until, on, Reason.ON_HOLD, claim.held_until)
    if claim.has_open_complaint:
        return NotNow(None, Reason.OPEN_COMPLAINT)
    if claim.plan_until is not None:
        return _not_until(claim.plan_until, on, Reason.ON_PLAN, claim.plan_part_on)
    # What a promise leaves over is asked for, unless that is too little to write about.
    if claim.promised_until is not None and asked < minimum:
        return _not_until(claim.promised_until, on, Reason.PROMISED, claim.promised_on)
    used = claim.used or {}
    rung = rung_for(claim.due_on, on, used, ladder)
    return Yes(rung, asked) if rung else _no_step(claim.due_on, on, used, ladder)


def _not_until(last: date, on: date, reason: Reason, day: date | None) -> NotNow:
    """Not up to and including that day, which may be one that has gone by while people settle it."""
    return NotNow(max(last, on) + timedelta(days=1), reason, day)


def _no_step(due_on: date, on: date, used: Mapping[str, date], ladder: Sequence[Rung]) -> Answer:
    coming = next_step_on(due_on, on, ladder)
    newest = newest_reached(due_on, on, ladder)
    if newest is None and not used:
        return NotNow(coming, Reason.NOT_YET, coming)
    latest = max(used.values())
    if ladder[-1].name in used and latest < on:
        return No(Reason.LADDER_DONE, used[ladder[-1].name])
    return NotNow(coming, Reason.ALREADY_REMINDED, used.get(newest.name, latest) if newest else latest)


def _about_customer(facts: Facts, wanted: Sequence[Yes]) -> Answer | None:
    if not wanted:
        return None
    if facts.is_walk_in:
        return No(Reason.WALK_IN)
    if facts.has_refused:
        return No(Reason.OPTED_OUT)
    if facts.reach != "usable":
        return No(Reason.BOUNCED if facts.reach == "failed" else Reason.NO_ADDRESS)
    if facts.agent_speaks:
        return NotNow(None, Reason.CONVERSATION_LIVE)
    if facts.unapplied_minor >= sum(answer.asked.minor for answer in wanted):
        return NotNow(None, Reason.MONEY_PENDING)
    return None
