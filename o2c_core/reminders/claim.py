"""What a claim, an invoice or one part of it, has earned by itself on a day, whoever would be asked and however."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from o2c_core.cases.agreed import NotArrived
from o2c_core.cases.dispute import undisputed
from o2c_core.money import Money
from o2c_core.reminders.answer import Answer, No, NotNow, Reason, Yes
from o2c_core.reminders.ladder import (
    STANDARD,
    Ladder,
    Rung,
    Used,
    may_follow_on,
    newest_reached,
    next_step_on,
    rung_for,
)

# Below one euro, pound or yen a reminder costs everyone more than it brings.
MINIMUM_MAJOR = Decimal(1)


@dataclass(frozen=True, slots=True)
class Claim:
    """One invoice, or one part of it, as the ledger has it; amounts in minor units, `used` says which steps were used.

    `part` is 0 for a whole invoice and counts from 1 for instalments, each with a due day and an open amount of its own.
    The days `…_until` are the last on which a promise (grace included), the next part of a plan on track, a hold, money
    the customer says is on its way, or our own late delivery keeps it from being asked for. `waits_until` is the day
    before the one from which this payer, by habit, is reminded. `broken_on` is the day on which what they agreed to last
    did not hold, `is_drafted` whether a reminder of it waits for approval, `skipped` which steps a person left out, on
    which day. `missing` is money they said they paid for it, which did not come in its time. `plan` is the number of the
    payment plan whose part this is, `invoice_open_minor` for a part what is open on the whole invoice. `ladder` is the
    one that holds for it.
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
    used: Mapping[str, Used] | None = None
    promised_minor: int = 0
    promised_on: date | None = None
    promised_until: date | None = None
    plan_part_on: date | None = None
    plan_until: date | None = None
    held_until: date | None = None
    part: int = 0
    parts: int = 0
    in_flight_until: date | None = None
    document_problem_since: date | None = None
    our_delay_until: date | None = None
    waits_until: date | None = None
    broken_on: date | None = None
    skipped: Mapping[str, date] | None = None
    is_drafted: bool = False
    plan: str | None = None
    invoice_open_minor: int = 0
    missing: NotArrived | None = None
    ladder: Ladder = STANDARD


def asked_for(claim: Claim, currency: str) -> Money:
    """What may be asked for at most: what is open less what is disputed and what was promised for a day to come."""
    return undisputed(Money(claim.open_minor, currency), Money(claim.disputed_minor + claim.promised_minor, currency))


def about_claims(claims: Sequence[Claim], currency: str, on: date) -> tuple[Answer, ...]:
    """What each claim has earned on that day by itself, whoever would get it and however they are reached."""
    minimum = Money.rounded(MINIMUM_MAJOR, currency).minor
    return tuple(_about_claim(claim, currency, minimum, on) for claim in claims)


def _about_claim(claim: Claim, currency: str, minimum: int, on: date) -> Answer:
    # Counted in minor units and not as Money: a run gives this answer a million times.
    free = max(0, claim.open_minor - claim.disputed_minor)
    asked = max(0, free - claim.promised_minor)
    if claim.open_minor <= 0:
        return No(Reason.CREDITED if claim.credited_minor > 0 else Reason.PAID)
    if free == 0:
        return NotNow(None, Reason.DISPUTED)
    if free < minimum:
        return No(Reason.BELOW_MINIMUM)
    waiting = _agreed(claim, on)
    if waiting is not None:
        return waiting
    # What a promise leaves over is asked for, unless that is too little to write about.
    if claim.promised_until is not None and asked < minimum:
        return _not_until(claim.promised_until, on, Reason.PROMISED, claim.promised_on)
    if claim.is_drafted:
        return NotNow(None, Reason.WAITS_FOR_APPROVAL)
    used = claim.used or {}
    rung = rung_for(claim.due_on, on, used, claim.ladder.rungs) or _after_breaking(claim, on, used)
    if rung is None:
        return _no_step(claim.due_on, on, used, claim.ladder.rungs)
    if used and not _broke_since(claim, used):
        free_on = may_follow_on(rung, used, claim.ladder.rungs)
        if free_on is not None and on < free_on:
            return NotNow(free_on, Reason.SPACING, free_on)
    if rung.minimum_major != MINIMUM_MAJOR and asked < Money.rounded(rung.minimum_major, currency).minor:
        return No(Reason.BELOW_MINIMUM)
    if claim.skipped and rung.name in claim.skipped:
        return NotNow(next_step_on(claim.due_on, on, claim.ladder.rungs), Reason.SKIPPED, claim.skipped[rung.name])
    # Before the due day nobody is asked for anything, so neither habit nor our own delay stands in the way of a courtesy.
    for until, reason in ((claim.our_delay_until, Reason.OUR_DELAY), (claim.waits_until, Reason.HABIT)):
        if rung.says_late and until is not None and on <= until:
            return _not_until(until, on, reason, until + timedelta(days=1))
    return Yes(rung, Money(asked, currency))


def _agreed(claim: Claim, on: date) -> NotNow | None:
    """What keeps the whole claim from being asked for, whatever its step."""
    if claim.held_until is not None:
        return _not_until(claim.held_until, on, Reason.ON_HOLD, claim.held_until)
    if claim.has_open_complaint:
        return NotNow(None, Reason.OPEN_COMPLAINT)
    if claim.document_problem_since is not None:
        return NotNow(None, Reason.DOCUMENT_PROBLEM, claim.document_problem_since)
    if claim.in_flight_until is not None and on <= claim.in_flight_until:
        return _not_until(claim.in_flight_until, on, Reason.IN_FLIGHT, claim.in_flight_until)
    if claim.plan_until is not None:
        return _not_until(claim.plan_until, on, Reason.ON_PLAN, claim.plan_part_on)
    return None


def _after_breaking(claim: Claim, on: date, used: Mapping[str, Used]) -> Rung | None:
    """The step above the highest that was used, at once: who broke what they agreed to is not waited for again.

    Only where it is late and nothing was said since; before anything was used the newest step reached is earned anyway.
    """
    if not used or on <= claim.due_on or not _broke_since(claim, used):
        return None
    highest = max(step.days for step in used.values())
    # A ladder changed since may have moved a step that was used: it is not used again by the name it has kept.
    return next((rung for rung in claim.ladder.rungs if rung.days > highest and rung.name not in used), None)


def _broke_since(claim: Claim, used: Mapping[str, Used]) -> bool:
    """Whether what they agreed to did not hold after the last that was said."""
    return claim.broken_on is not None and all(step.on < claim.broken_on for step in used.values())


def _not_until(last: date, on: date, reason: Reason, day: date | None) -> NotNow:
    """Not up to and including that day, which may be one that has gone by while people settle it."""
    return NotNow(max(last, on) + timedelta(days=1), reason, day)


def _no_step(due_on: date, on: date, used: Mapping[str, Used], ladder: Sequence[Rung]) -> Answer:
    coming = next_step_on(due_on, on, ladder)
    newest = newest_reached(due_on, on, ladder)
    if newest is None and not used:
        return NotNow(coming, Reason.NOT_YET, coming)
    latest = max(step.on for step in used.values())
    highest = max(used.values(), key=lambda step: step.days)
    if highest.days >= ladder[-1].days and latest < on:
        return No(Reason.LADDER_DONE, highest.on)
    following = newest_reached(due_on, coming, ladder) if coming is not None else None
    if coming is not None and following is not None:
        coming = max(coming, may_follow_on(following, used, ladder) or coming)
    same = used.get(newest.name) if newest else None
    return NotNow(coming, Reason.ALREADY_REMINDED, same.on if same else latest)
