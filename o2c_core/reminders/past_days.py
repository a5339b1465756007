"""What a ladder would have asked for on past days, walked day by day over what was open on each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from o2c_core.money import Money, exponent
from o2c_core.reminders.ladder import Ladder, Rung, Used, may_follow_on, newest_reached, rung_for

# Whom, in which currency: what is written to somebody on a day is one message.
Whom = tuple[UUID, str]


@dataclass(frozen=True, slots=True)
class PastClaim:
    """An invoice or a part of it, with what of it was open on each day.

    `minor` was open at first, or from `since` on; `paid` are days with what was set against the invoice on them (below zero
    where it was taken back). Money fills the parts before it first: there are `before` minor units of those. Only the
    `is_last` part takes what is more, or taken back.
    """

    invoice_id: UUID
    part: int
    customer_id: UUID
    currency: str
    due_on: date
    minor: int
    before: int = 0
    is_last: bool = True
    since: date | None = None
    paid: tuple[tuple[date, int], ...] = ()

    def open_on(self, day: date) -> int:
        """What was open of it when that day began, in minor units."""
        if self.since is not None and day <= self.since:
            return 0
        paid = sum(minor for on, minor in self.paid if on < day)
        if paid < 0:
            return self.minor - paid if self.is_last else self.minor
        return max(0, min(self.minor, self.before + self.minor - paid))


@dataclass(frozen=True, slots=True)
class Asked:
    """One message or call there would have been: the highest step in it, how much it asked for, and of how many invoices."""

    on: date
    customer_id: UUID
    rung: Rung
    amount: Money
    invoices: int

    @property
    def is_call(self) -> bool:
        return self.rung.channels == ("call",)

    @property
    def needs_approval(self) -> bool:
        """Whether somebody would have had to let it go first."""
        if self.is_call or self.rung.mode == "automatic":
            return False
        below = self.rung.automatic_below_major
        return below is None or self.amount.major >= below


@dataclass
class Walked:
    """What came of the days: what would have been asked for, and how often somebody was held for a reason of then."""

    asked: list[Asked] = field(default_factory=list)
    held: int = 0

    @property
    def messages(self) -> int:
        return sum(not one.is_call for one in self.asked)

    @property
    def calls(self) -> int:
        return sum(one.is_call for one in self.asked)

    @property
    def to_approve(self) -> int:
        return sum(one.needs_approval for one in self.asked)

    @property
    def customers(self) -> int:
        return len({one.customer_id for one in self.asked})

    @property
    def by_step(self) -> list[tuple[str, int, int]]:
        """Name, day and how many of each step, in the order of their days."""
        counts = Counter((one.rung.name, one.rung.days) for one in self.asked)
        return [(name, days, count) for (name, days), count in sorted(counts.items(), key=lambda one: one[0][1])]


def walk(
    claims: Sequence[PastClaim],
    ladders: Mapping[UUID, Ladder],
    run_days: Sequence[date],
    held: Collection[tuple[UUID, str, date]] = (),
) -> Walked:
    """What each invoice's ladder would have asked for on those days, in their order.

    Whatever stood before the first day counts as said on its own day. Who was `held` on a day (customer, currency, day)
    hears nothing on it and keeps the step. The rules are the ladder's own: the newest step reached, never down, never twice,
    the least days between two reminders of an invoice, and between two to a customer.

    Source: o2c_core/reminders/ladder.py, whose functions decide.
    """
    walked = Walked()
    if not run_days:
        return walked
    used = {at: _before(claim, ladders[claim.invoice_id], run_days[0]) for at, claim in enumerate(claims)}
    last_said: dict[Whom, date] = {}
    by_whom: dict[Whom, list[int]] = {}
    for at, claim in enumerate(claims):
        by_whom.setdefault((claim.customer_id, claim.currency), []).append(at)
    for day in run_days:
        for whom, theirs in by_whom.items():
            steps = [
                (at, rung, minor)
                for at in theirs
                if (rung := _earned(claims[at], ladders[claims[at].invoice_id], used[at], day)) is not None
                and _is_worth_it(rung, minor := claims[at].open_on(day), whom[1])
            ]
            if not steps:
                continue
            if (*whom, day) in held:
                walked.held += 1
                continue
            spacing = max(ladders[claims[at].invoice_id].spacing_days for at, *_ in steps)
            before = last_said.get(whom)
            if before is not None and day < before + timedelta(days=spacing):
                continue
            last_said[whom] = day
            for at, rung, _ in steps:
                used[at][rung.name] = Used(day, rung.days)
            highest = max((rung for _, rung, _ in steps), key=lambda rung: rung.days)
            amount = Money(sum(minor for *_, minor in steps), whom[1])
            walked.asked.append(Asked(day, whom[0], highest, amount, len({claims[at].invoice_id for at, *_ in steps})))
    return walked


def _before(claim: PastClaim, ladder: Ladder, first: date) -> dict[str, Used]:
    """The step that stood before the first day, as said on its own."""
    rung = newest_reached(claim.due_on, first - timedelta(days=1), ladder.rungs)
    return {rung.name: Used(claim.due_on + timedelta(days=rung.days), rung.days)} if rung is not None else {}


def _earned(claim: PastClaim, ladder: Ladder, used: Mapping[str, Used], day: date) -> Rung | None:
    rung = rung_for(claim.due_on, day, used, ladder.rungs)
    if rung is None:
        return None
    earliest = may_follow_on(rung, used, ladder.rungs)
    return rung if earliest is None or day >= earliest else None


def _is_worth_it(rung: Rung, minor: int, currency: str) -> bool:
    return minor > 0 and minor >= int(rung.minimum_major * 10 ** exponent(currency))
