"""A seller's last twelve months in figures, per currency: what the DSO family is made of, and what comes of it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from o2c_core.figures import dso
from o2c_core.figures.ageing import ageing
from o2c_core.figures.dso import DAYS, Figure
from o2c_core.money import Money

COUNT_BACK_MONTHS = 24
LATELY = 30
AT_RISK_DAYS = 90


@dataclass(frozen=True)
class Year:
    """What the figures of one currency are made of, in minor units: a year that ends with the day `on`.

    `open` is what was open on invoices, of which `current` was not yet due; money not yet set against any invoice is not
    taken off, as nobody knows which it pays. `sales` are invoices less credit notes, with tax. `open_before` was open
    `LATELY` days before, and `lately` was sold since. `months` are (sales, days) of the calendar months back from `on`,
    the latest first.
    """

    currency: str
    on: date
    open: int = 0
    current: int = 0
    sales: int = 0
    open_before: int = 0
    lately: int = 0
    months: tuple[tuple[int, int], ...] = field(default=())
    due: int = 0
    due_unpaid: int = 0
    paid_invoices: int = 0
    paid_days: int = 0
    late_days: int = 0

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    @property
    def figures(self) -> dict[str, Figure]:
        """By name, in the order in which they are read."""
        whole, best = dso.dso(self.open, self.sales), dso.best_possible_dso(self.current, self.sales)
        return {
            "dso": whole,
            "best_possible_dso": best,
            "average_days_delinquent": dso.average_days_delinquent(whole, best),
            "count_back_dso": dso.count_back(self.open, self.months),
            "collection_effectiveness": dso.collection_effectiveness(
                self.open_before, self.lately, self.open, self.current, months=1
            ),
            "average_days_to_pay": dso.days_to_pay(self.paid_days, self.paid_invoices),
            "percent_current": dso.percent_current(self.current, self.open),
            "at_risk": dso.at_risk(self.due_unpaid, self.due),
        }


_SALES = text("""
    SELECT currency, date_trunc('month', issued_on)::date AS month, sum(minor) AS sales,
           sum(minor) FILTER (WHERE issued_on > :begin) AS of_year,
           sum(minor) FILTER (WHERE issued_on > :lately) AS lately
    FROM (
        SELECT currency, issued_on, sum(total_minor) AS minor
        FROM invoice WHERE seller_id = :seller AND issued_on BETWEEN :first AND :on GROUP BY 1, 2
        UNION ALL
        SELECT currency, issued_on, -sum(total_minor)
        FROM credit_note WHERE seller_id = :seller AND issued_on BETWEEN :first AND :on GROUP BY 1, 2
    ) sold
    GROUP BY 1, 2
""")

# An invoice is paid on the day of the last allocation that completed it; one that was only credited or written off was
# not paid. Invoices older than three years are left where they are.
PAID_INVOICES = """
    SELECT i.customer_id, i.currency, i.issued_on, i.due_on, max(a.allocated_on) AS paid_on
    FROM invoice i JOIN allocation a ON a.invoice_id = i.id AND a.allocated_on <= :on
    WHERE i.seller_id = :seller AND i.issued_on BETWEEN cast(:begin AS date) - 730 AND :on AND NOT i.is_in_instalments
    GROUP BY i.id
    HAVING sum(a.amount_minor) >= i.total_minor AND max(a.allocated_on) > :begin
       AND sum(a.amount_minor) FILTER (WHERE a.payment_id IS NOT NULL) > 0
"""

_PAID = text(f"""
    SELECT currency, count(*) AS invoices, sum(greatest(paid_on - issued_on, 0)) AS days,
           sum(greatest(paid_on - due_on, 0)) AS late
    FROM ({PAID_INVOICES}) paid GROUP BY 1
""")  # noqa: S608 (made of constants)

_DUE = text("""
    SELECT i.currency, sum(i.total_minor) AS billed, sum(i.total_minor - coalesce(used.minor, 0)) AS unpaid
    FROM invoice i
    LEFT JOIN (
        SELECT a.invoice_id, sum(a.amount_minor) AS minor
        FROM allocation a JOIN invoice i ON i.id = a.invoice_id
        WHERE i.seller_id = :seller AND i.due_on BETWEEN :due_from AND :due_until AND a.allocated_on <= :on
        GROUP BY 1
    ) used ON used.invoice_id = i.id
    WHERE i.seller_id = :seller AND i.due_on BETWEEN :due_from AND :due_until AND i.issued_on <= :on
    GROUP BY 1
""")


def years(session: Session, seller_id: UUID, on: date) -> list[Year]:
    """The year that ended with that day, per currency in which anything was open or sold, in order of code."""
    begin = on - timedelta(days=DAYS)
    months = list(_months(on))
    place = {
        "seller": seller_id,
        "on": on,
        "begin": begin,
        "lately": on - timedelta(days=LATELY),
        "first": min(months[-1][0], begin + timedelta(days=1)),
        "due_from": begin - timedelta(days=AT_RISK_DAYS - 1),
        "due_until": on - timedelta(days=AT_RISK_DAYS),
    }
    sold: dict[str, dict[date, Row[Any]]] = {}
    for row in session.execute(_SALES, place):
        sold.setdefault(row.currency, {})[row.month] = row
    before = {book.currency: book for book in ageing(session, seller_id, on - timedelta(days=LATELY))}
    after = {book.currency: book for book in ageing(session, seller_id, on)}
    paid = {row.currency: row for row in session.execute(_PAID, place)}
    due = {row.currency: row for row in session.execute(_DUE, place)}
    found = []
    for currency in sorted(sold.keys() | before.keys() | after.keys()):
        of_month = sold.get(currency, {})
        found.append(
            Year(
                currency,
                on,
                open=after[currency].open.minor if currency in after else 0,
                current=after[currency].buckets[0].minor if currency in after else 0,
                sales=sum(int(row.of_year or 0) for row in of_month.values()),
                open_before=before[currency].open.minor if currency in before else 0,
                lately=sum(int(row.lately or 0) for row in of_month.values()),
                months=tuple((int(of_month[first].sales) if first in of_month else 0, days) for first, days in months),
                due=int(due[currency].billed) if currency in due else 0,
                due_unpaid=int(due[currency].unpaid) if currency in due else 0,
                paid_invoices=int(paid[currency].invoices) if currency in paid else 0,
                paid_days=int(paid[currency].days) if currency in paid else 0,
                late_days=int(paid[currency].late) if currency in paid else 0,
            )
        )
    return found


def _months(on: date) -> Iterator[tuple[date, int]]:
    """The first day and the days of each calendar month back from that day; the latest may be a part of one."""
    first, days = on.replace(day=1), on.day
    for _ in range(COUNT_BACK_MONTHS):
        yield first, days
        last = first - timedelta(days=1)
        first, days = last.replace(day=1), monthrange(last.year, last.month)[1]
