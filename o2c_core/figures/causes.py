"""What lay behind the disputes and complaints that were resolved in a period: how many, how much, how long, and the trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2c_core.documents.table import Cell
from o2c_core.money import Money

# The period of the report that is asked for by its day alone.
DAYS = 90
COLUMNS = (
    "Cause", "About", "Currency", "Disputes", "Complaints", "Disputed", "Credited", "Written off", "Median days",
    "Share %", "Period before",
)  # fmt: skip

# Names that differ only in capitals are one, shown as most people wrote it. A case without a cause counts as well, so that
# the sum is all that was resolved; a complaint has the currency of its credit, else the customer's.
_CASES = """
    SELECT d.currency, d.amount_minor AS disputed_minor, coalesce(n.total_minor, 0) AS credited_minor,
           coalesce(w.amount_minor, 0) AS written_minor, d.cause, d.cause_about, 1 AS disputes, 0 AS complaints,
           (d.opened_at AT TIME ZONE :zone)::date AS opened_on, (d.resolved_at AT TIME ZONE :zone)::date AS resolved_on
    FROM dispute d LEFT JOIN credit_note n ON n.id = d.credit_note_id LEFT JOIN write_off w ON w.id = d.write_off_id
    WHERE d.seller_id = :seller AND d.state = 'resolved'
    UNION ALL
    SELECT coalesce(n.currency, c.currency), 0, coalesce(n.total_minor, 0), 0, k.cause, k.cause_about, 0, 1,
           (k.opened_at AT TIME ZONE :zone)::date, (k.resolved_at AT TIME ZONE :zone)::date
    FROM complaint k JOIN customer c ON c.id = k.customer_id LEFT JOIN credit_note n ON n.id = k.credit_note_id
    WHERE k.seller_id = :seller AND k.state = 'resolved'
"""
_CAUSES = text(f"""
    SELECT cause, mode() WITHIN GROUP (ORDER BY cause_about) AS about, currency,
           count(*) FILTER (WHERE is_now AND disputes = 1) AS disputes,
           count(*) FILTER (WHERE is_now AND complaints = 1) AS complaints,
           coalesce(sum(disputed_minor) FILTER (WHERE is_now), 0) AS disputed_minor,
           coalesce(sum(credited_minor) FILTER (WHERE is_now), 0) AS credited_minor,
           coalesce(sum(written_minor) FILTER (WHERE is_now), 0) AS written_minor,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY resolved_on - opened_on) FILTER (WHERE is_now) AS median_days,
           count(*) FILTER (WHERE NOT is_now) AS before
    FROM (SELECT cases.*, resolved_on >= :first AS is_now FROM ({_CASES}) cases
          WHERE resolved_on >= :before AND resolved_on <= :last) cases
    GROUP BY cause, lower(cause_about), currency
    ORDER BY count(*) FILTER (WHERE is_now) DESC, sum(credited_minor) FILTER (WHERE is_now) DESC NULLS LAST,
             cause, lower(min(cause_about)), currency
""")  # noqa: S608 (made of constants)


@dataclass(frozen=True)
class Period:
    """Days from `first` up to and including `last`; the one before it is as long."""

    first: date
    last: date

    @property
    def before(self) -> date:
        """The first day of the period before."""
        return self.first - (self.last - self.first) - timedelta(days=1)

    @classmethod
    def of(cls, last: date, days: int = DAYS) -> Period:
        return cls(last - timedelta(days=days - 1), last)


@dataclass(frozen=True)
class Caused:
    """What one cause, with what it names, was behind in the period, in one currency. Without a cause nobody said it."""

    cause: str | None
    about: str | None
    currency: str
    disputes: int
    complaints: int
    disputed: Money
    credited: Money
    written_off: Money
    median_days: Decimal | None
    before: int

    @property
    def cases(self) -> int:
        return self.disputes + self.complaints

    @property
    def trend(self) -> int:
        """How many more cases than in the period before."""
        return self.cases - self.before


def causes(session: Session, seller_id: UUID, period: Period) -> list[Caused]:
    """Every cause of the period or the one before it, that of the most cases first."""
    zone = session.execute(text("SELECT time_zone FROM seller WHERE id = :seller"), {"seller": seller_id}).scalar_one()
    asked = {
        "seller": seller_id, "zone": zone, "first": period.first, "last": period.last, "before": period.before,
    }  # fmt: skip
    return [
        Caused(
            row.cause,
            row.about,
            row.currency,
            int(row.disputes),
            int(row.complaints),
            Money(int(row.disputed_minor), row.currency),
            Money(int(row.credited_minor), row.currency),
            Money(int(row.written_minor), row.currency),
            None if row.median_days is None else Decimal(str(row.median_days)).quantize(Decimal("0.1")),
            int(row.before),
        )
        for row in session.execute(_CAUSES, asked)
    ]


def share(one: Caused, all_: Sequence[Caused]) -> Decimal | None:
    """Of all cases of the period, the part of that cause, in per cent; None in a period without any."""
    together = sum(each.cases for each in all_)
    return Decimal(one.cases * 100) / together if together else None


def causes_on(session: Session, seller_id: UUID, on: date) -> list[list[Cell]]:
    """The report: the ninety days up to that one."""
    return table_of(causes(session, seller_id, Period.of(on)))


def table_of(found: Sequence[Caused]) -> list[list[Cell]]:
    """The rows under COLUMNS."""
    rows: list[list[Cell]] = []
    for one in found:
        part = share(one, found)
        rows.append(
            [one.cause, one.about, one.currency, one.disputes, one.complaints, one.disputed, one.credited,
             one.written_off, one.median_days, None if part is None else part.quantize(Decimal("0.1")), one.before]
        )  # fmt: skip
    return rows
