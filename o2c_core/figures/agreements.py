"""How promises and disputes went over a year: kept or broken, and how long it took to resolve them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2c_core.figures.dso import DAYS, Figure

NONE_SETTLED = "No promise was settled in the period."
NONE_RESOLVED = "No dispute was resolved in the period."


def promise_kept_rate(kept: int, broken: int) -> Figure:
    """Of the promises that were settled, the part that was kept, in per cent; also for their amounts.

    Promises still open and those replaced by a later one are left out.

    Source: the promise-to-pay kept rate of collections practice; docs/figures.md.
    """
    settled = kept + broken
    return Figure(Decimal(kept * 100) / settled) if settled else Figure(None, NONE_SETTLED)


@dataclass(frozen=True)
class Promises:
    """One currency's promises: those settled in the year, and those open at its end. Amounts are minor units."""

    currency: str
    kept: int
    kept_minor: int
    broken: int
    broken_minor: int
    open: int
    open_minor: int

    @property
    def rate(self) -> Figure:
        return promise_kept_rate(self.kept, self.broken)

    @property
    def amount_rate(self) -> Figure:
        return promise_kept_rate(self.kept_minor, self.broken_minor)


_PROMISES = text("""
    SELECT currency,
           count(*) FILTER (WHERE outcome = 'kept') AS kept,
           coalesce(sum(amount_minor) FILTER (WHERE outcome = 'kept'), 0) AS kept_minor,
           count(*) FILTER (WHERE outcome = 'broken') AS broken,
           coalesce(sum(amount_minor) FILTER (WHERE outcome = 'broken'), 0) AS broken_minor,
           count(*) FILTER (WHERE outcome = 'open') AS open,
           coalesce(sum(amount_minor) FILTER (WHERE outcome = 'open'), 0) AS open_minor
    FROM (
        SELECT currency, amount_minor,
               CASE WHEN settled_on IS NULL OR settled_on > :on THEN 'open'
                    WHEN settled_on > :begin THEN state END AS outcome
        FROM promise WHERE seller_id = :seller AND made_on <= :on AND (state <> 'replaced' OR settled_on > :on)
    ) made
    GROUP BY 1 ORDER BY 1
""")


def promises(session: Session, seller_id: UUID, on: date) -> list[Promises]:
    """The promises of the year that ended with that day, per currency."""
    found = session.execute(_PROMISES, {"seller": seller_id, "on": on, "begin": on - timedelta(days=DAYS)})
    return [Promises(row.currency, *(int(count) for count in row[1:])) for row in found]


def cycle_days(days: list[int]) -> tuple[Figure, Figure]:
    """The median and the mean number of days from opening to resolving.

    Source: dispute cycle time, as in SAP's and HighRadius' dispute management figures; docs/figures.md.
    """
    if not days:
        return Figure(None, NONE_RESOLVED), Figure(None, NONE_RESOLVED)
    return Figure(Decimal(str(median(days)))), Figure(Decimal(sum(days)) / len(days))


@dataclass(frozen=True)
class Disputes:
    """One currency's disputes: days each took that was resolved in the year, and what is open at its end."""

    currency: str
    days: list[int]
    open_days: list[int]
    open_minor: int

    @property
    def median(self) -> Figure:
        return cycle_days(self.days)[0]

    @property
    def mean(self) -> Figure:
        return cycle_days(self.days)[1]


_DISPUTES = text("""
    SELECT currency, amount_minor, opened_on, CASE WHEN resolved_on <= :on THEN resolved_on END AS resolved_on
    FROM (
        SELECT d.currency, d.amount_minor, (d.opened_at AT TIME ZONE s.time_zone)::date AS opened_on,
               (d.resolved_at AT TIME ZONE s.time_zone)::date AS resolved_on
        FROM dispute d JOIN seller s ON s.id = d.seller_id WHERE d.seller_id = :seller
    ) dispute
    WHERE opened_on <= :on AND (resolved_on IS NULL OR resolved_on > :begin)
    ORDER BY currency
""")


def disputes(session: Session, seller_id: UUID, on: date) -> list[Disputes]:
    """The disputes of the year that ended with that day, per currency; days are the seller's calendar days."""
    found: dict[str, Disputes] = {}
    open_minor: dict[str, int] = {}
    for row in session.execute(_DISPUTES, {"seller": seller_id, "on": on, "begin": on - timedelta(days=DAYS)}):
        one = found.setdefault(row.currency, Disputes(row.currency, [], [], 0))
        if row.resolved_on is None:
            one.open_days.append((on - row.opened_on).days)
            open_minor[row.currency] = open_minor.get(row.currency, 0) + int(row.amount_minor)
        else:
            one.days.append((row.resolved_on - row.opened_on).days)
    return [Disputes(one.currency, one.days, one.open_days, open_minor.get(one.currency, 0)) for one in found.values()]
