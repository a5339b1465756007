"""What a trial showed: what reminding does to days to pay, replies and complaints, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import sqrt
from statistics import NormalDist, fmean, variance
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2c_core.reminders.answer import Reason
from o2c_core.reminders.trial import HELD_OUT, parts_of

# Every invoice is followed for so long after its customer came into the trial. Those younger than that are left out
# whole, paid or not: counting only the paid ones of them would make every arm look quick.
FOLLOWED_DAYS = 30
# Below so many customers in a group nothing is concluded.
CUSTOMERS_MIN = 30
# Who had earned the step and was not written to that day all the same. They came into their arm then, as those who are
# held out do, whom the same might have befallen: groups that the lot made alike stay alike.
_UNWRITTEN = (
    Reason.WALK_IN, Reason.MONEY_PENDING, Reason.NO_ADDRESS, Reason.BOUNCED, Reason.OPTED_OUT, Reason.CONVERSATION_LIVE,
    Reason.UNANSWERED, Reason.AWAY, Reason.SPACING, Reason.PAUSED, Reason.OFTEN_ENOUGH, Reason.REST_DAY, Reason.NO_HOURS,
    Reason.WAITS_FOR_APPROVAL,
)  # fmt: skip
TOO_FEW = f"Not enough data: fewer than {CUSTOMERS_MIN} customers in a group."
MAY_BE_NONE = "Not enough data: the difference may as well be none."
IS_COMPARED_WITH = "The group the others are compared with."
NOTHING_TO_COMPARE = "Nothing to compare with: the trial has one group only."


@dataclass
class Member:
    """One customer in a trial: days to pay per invoice (None where it was not paid in time), and what they said."""

    customer_id: UUID
    spells: list[int | None] = field(default_factory=list)
    has_replied: bool = False
    has_complained: bool = False


@dataclass(frozen=True)
class Measure:
    """A figure per customer, so that one with many invoices counts once; shares in per cent."""

    name: str
    unit: str


DAYS_TO_PAY = Measure(f"Days to pay, at most {FOLLOWED_DAYS}", "days")
PAID_IN_TIME = Measure(f"Paid within {FOLLOWED_DAYS} days", "per cent")
REPLIED = Measure(f"Replied within {FOLLOWED_DAYS} days", "per cent")
COMPLAINED = Measure(f"Complained within {FOLLOWED_DAYS} days", "per cent")
MEASURES = (DAYS_TO_PAY, PAID_IN_TIME, REPLIED, COMPLAINED)


@dataclass(frozen=True)
class Difference:
    """What an arm has more than the group it is compared with, with the 95 % confidence interval.

    `remark` says when nothing may be concluded; then `low` and `high` are shown all the same, where there are any.
    """

    value: float | None
    low: float | None
    high: float | None
    remark: str = ""

    @property
    def is_shown(self) -> bool:
        return not self.remark


@dataclass(frozen=True)
class Line:
    """One measure of one arm of a trial; `too_recent` invoices are not in it yet."""

    trial: str
    rung: str
    arm: str
    customers: int
    invoices: int
    too_recent: int
    measure: Measure
    value: float | None
    difference: Difference


@dataclass
class Arm:
    """An arm's members, and how many invoices are too young to count."""

    members: list[Member] = field(default_factory=list)
    too_recent: int = 0


def values(members: Iterable[Member], measure: Measure) -> list[float]:
    """The measure of each customer. Days to pay are a restricted mean: what is not paid in time counts as the whole time."""
    found = []
    for member in members:
        if measure is DAYS_TO_PAY:
            found.append(fmean(FOLLOWED_DAYS if days is None else days for days in member.spells))
        elif measure is PAID_IN_TIME:
            found.append(100 * fmean(days is not None for days in member.spells))
        else:
            found.append(100.0 * (member.has_replied if measure is REPLIED else member.has_complained))
    return found


def difference(arm: Sequence[float], other: Sequence[float]) -> Difference:
    """Mean of the arm less mean of the other, with Welch's interval: the groups need not vary alike.

    Source: B. L. Welch, Biometrika 34 (1947), with Satterthwaite's degrees of freedom.
    """
    if min(len(arm), len(other)) < CUSTOMERS_MIN:
        return Difference(None, None, None, TOO_FEW)
    value = fmean(arm) - fmean(other)
    parts = [variance(one) / len(one) for one in (arm, other)]
    whole = sum(parts)
    if whole == 0:
        return Difference(value, value, value, "" if value else MAY_BE_NONE)
    # By shares of the whole, since the squares of very small variances are nothing.
    freedom = 1 / sum((part / whole) ** 2 / (len(one) - 1) for part, one in zip(parts, (arm, other), strict=True))
    half = student_t(freedom) * sqrt(whole)
    low, high = value - half, value + half
    return Difference(value, low, high, MAY_BE_NONE if low <= 0 <= high else "")


def student_t(freedom: float, within: float = 0.95) -> float:
    """How many standard errors to either side hold that share. Source: Abramowitz and Stegun 26.7.5; good from 10 degrees."""
    z = NormalDist().inv_cdf((1 + within) / 2)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, 1))


def lines_of(trial: str, rung: str, arms: dict[str, Arm]) -> list[Line]:
    """Every measure of every arm; compared with who was held out, or else with the first arm by name."""
    names = sorted(arms, key=lambda name: (name != HELD_OUT, name))
    against = names[0]
    lines = []
    for name in names:
        arm = arms[name]
        for measure in MEASURES:
            own = values(arm.members, measure)
            if name == against:
                compared = Difference(None, None, None, IS_COMPARED_WITH if len(names) > 1 else NOTHING_TO_COMPARE)
            else:
                compared = difference(own, values(arms[against].members, measure))
            invoices = sum(len(member.spells) for member in arm.members)
            lines.append(
                Line(
                    trial, rung, name, len(arm.members), invoices, arm.too_recent, measure, fmean(own) if own else None,
                    compared,
                )
            )  # fmt: skip
    return lines


def lift(session: Session, seller_id: UUID, on: date) -> list[Line]:
    """Every trial of the seller as it stands on that day, by what was decided, whatever became of the message."""
    trials: dict[tuple[str, str], dict[str, Arm]] = {}
    members: dict[tuple[str, UUID], Member] = {}
    unwritten = [reason.value for reason in _UNWRITTEN]
    facts = {"seller": seller_id, "on": on, "days": FOLLOWED_DAYS, "unwritten": unwritten}
    for row in session.execute(_SPELLS, facts):
        trial, rung, name = parts_of(row.label)
        arm = trials.setdefault((trial, rung), {}).setdefault(name, Arm())
        if not row.is_followed:
            arm.too_recent += 1
            continue
        member = members.get((row.label, row.customer_id))
        if member is None:
            member = members[row.label, row.customer_id] = Member(row.customer_id)
            member.has_replied, member.has_complained = bool(row.has_replied), bool(row.has_complained)
            arm.members.append(member)
        member.spells.append(_in_time(row))
    return [line for (trial, rung), arms in sorted(trials.items()) for line in lines_of(trial, rung, arms)]


def _in_time(row: Any) -> int | None:
    if row.paid_on is None:
        return None
    days = max(0, (row.paid_on - row.since).days)
    return days if days < FOLLOWED_DAYS else None


# An invoice comes into the trial on the first day on which the lot decided about it, and is followed from then on in the
# arm it was in: what became of the message makes no difference. `paid_on` is the day of the money that completed it.
_SPELLS = text("""
    WITH labelled AS (
        SELECT d.customer_id, d."on", trim(label) AS label, d.invoices
        FROM reminder_decision d, unnest(string_to_array(d.arm, ',')) AS label
        WHERE d.seller_id = :seller AND d.arm IS NOT NULL AND d."on" <= :on
    ), entered AS (
        SELECT l.customer_id, l.label, entry ->> 'number' AS number, min(l."on") AS since
        FROM labelled l, jsonb_array_elements(l.invoices) AS entry
        WHERE CASE WHEN split_part(l.label, ':', 2) = 'held_out' THEN entry ->> 'reason' = 'held_out'
                   ELSE entry ->> 'rung' = split_part(split_part(l.label, ':', 1), '@', 2)
                        OR entry ->> 'reason' = ANY(:unwritten) END
        GROUP BY 1, 2, 3
    )
    SELECT e.customer_id, e.label, e.since, e.since + CAST(:days AS integer) <= :on AS is_followed,
           CASE WHEN paid.minor >= i.total_minor THEN paid.last_on END AS paid_on,
           EXISTS (SELECT 1 FROM message m JOIN conversation c ON c.id = m.conversation_id
                    WHERE c.customer_id = e.customer_id AND m.direction = 'in' AND m.purpose = 'question'
                      AND m.created_at >= e.since AND m.created_at < e.since + CAST(:days AS integer)) AS has_replied,
           EXISTS (SELECT 1 FROM complaint k WHERE k.customer_id = e.customer_id
                      AND k.opened_at >= e.since AND k.opened_at < e.since + CAST(:days AS integer)) AS has_complained
    FROM entered e
    JOIN invoice i ON i.seller_id = :seller AND i.number = e.number
    LEFT JOIN LATERAL (
        SELECT sum(a.amount_minor) AS minor, max(a.allocated_on) FILTER (WHERE a.amount_minor > 0) AS last_on
        FROM allocation a WHERE a.invoice_id = i.id AND a.allocated_on <= :on
    ) paid ON true
    ORDER BY e.label, e.customer_id, e.since, e.number
""")
