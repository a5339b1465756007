"""Ageing: what is open, by how late it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from o2c_core.figures.parts import PARTS_IN_INSTALMENTS
from o2c_core.money import Money

BUCKETS = ("current", "1-30", "31-60", "61-90", "over 90")


@dataclass(frozen=True)
class Ageing:
    """One currency's open amounts by days past the due date; `unapplied` is money and credit held, as a negative.

    The buckets and `unapplied` sum to `balance`. Ageing is by due date, and the due date itself is not late; an invoice
    in instalments stands in as many buckets as its parts are due in, and money fills the earliest part first.

    Source: the Credit Research Foundation's ageing categories by days past due.
    """

    currency: str
    buckets: tuple[Money, ...]
    unapplied: Money

    @property
    def open(self) -> Money:
        return Money(sum(bucket.minor for bucket in self.buckets), self.currency)

    @property
    def overdue(self) -> Money:
        return Money(sum(bucket.minor for bucket in self.buckets[1:]), self.currency)

    @property
    def balance(self) -> Money:
        return self.open + self.unapplied


@dataclass(frozen=True)
class CustomerAgeing:
    """One customer's part of the book."""

    customer_id: UUID
    ref: str
    name: str
    ageing: Ageing


# The book as rows of open and held amounts, per day they are due on; what is held is due on no day. The days are summed
# before they are put into buckets: there are some hundreds of them, and a million invoices.
_BOOK = """
    SELECT {customer} AS customer_id, currency, due_on, sum(total_minor) AS open, 0 AS held
    FROM invoice WHERE seller_id = :seller AND issued_on <= :on AND NOT is_in_instalments
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT {customer}, currency, due_on, left_minor, 0 FROM ({parts}) parts
    UNION ALL
    SELECT {customer}, i.currency, i.due_on,
           -coalesce(sum(a.amount_minor) FILTER (WHERE NOT i.is_in_instalments), 0), {used}
    FROM allocation a JOIN invoice i ON i.id = a.invoice_id
    WHERE i.seller_id = :seller AND i.issued_on <= :on AND a.allocated_on <= :on
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT {customer}, currency, NULL, 0, sum(amount_minor)
    FROM payment WHERE seller_id = :seller AND received_on <= :on GROUP BY 1, 2
    UNION ALL
    SELECT {customer}, currency, NULL, 0, sum(total_minor)
    FROM credit_note WHERE seller_id = :seller AND issued_on <= :on GROUP BY 1, 2
    UNION ALL
    SELECT {customer}, currency, NULL, 0, -sum(amount_minor)
    FROM payment_return WHERE seller_id = :seller AND returned_on <= :on GROUP BY 1, 2
"""

# For the whole book, what was used of the money held is read off the rows that lower the invoices: the allocations are
# gone through once, and nothing can be lost between the two sides.
_WHOLE_BOOK = _BOOK.format(
    customer="NULL::uuid",
    parts=PARTS_IN_INSTALMENTS,
    used="-coalesce(sum(a.amount_minor) FILTER (WHERE a.write_off_id IS NULL), 0)",
)

# Per customer it is taken off whoever paid or was credited, who need not be whom the invoice was for.
_BOOK_OF_CUSTOMERS = f"""
    {_BOOK.format(customer="customer_id", parts=PARTS_IN_INSTALMENTS, used="0")}
    UNION ALL
    SELECT coalesce(m.customer_id, c.customer_id), i.currency, NULL, 0, -sum(a.amount_minor)
    FROM allocation a
    JOIN invoice i ON i.id = a.invoice_id
    LEFT JOIN payment m ON m.id = a.payment_id
    LEFT JOIN credit_note c ON c.id = a.credit_note_id
    WHERE i.seller_id = :seller AND i.issued_on <= :on AND a.allocated_on <= :on AND a.write_off_id IS NULL
    GROUP BY 1, 2
"""  # noqa: S608 (made of constants)

_COLUMNS = """
           coalesce(sum(open) FILTER (WHERE due_on >= :on), 0) AS current,
           coalesce(sum(open) FILTER (WHERE cast(:on AS date) - due_on BETWEEN 1 AND 30), 0) AS late_1_30,
           coalesce(sum(open) FILTER (WHERE cast(:on AS date) - due_on BETWEEN 31 AND 60), 0) AS late_31_60,
           coalesce(sum(open) FILTER (WHERE cast(:on AS date) - due_on BETWEEN 61 AND 90), 0) AS late_61_90,
           coalesce(sum(open) FILTER (WHERE cast(:on AS date) - due_on > 90), 0) AS late_over_90,
           -coalesce(sum(held), 0) AS unapplied
"""

_OF_ALL = text(f"SELECT currency, {_COLUMNS} FROM ({_WHOLE_BOOK}) book GROUP BY 1 ORDER BY 1")  # noqa: S608 (made of constants)

_BY_CUSTOMER = text(f"""
    SELECT aged.*, customer.id, customer.ref, customer.name
    FROM (SELECT customer_id, currency, {_COLUMNS} FROM ({_BOOK_OF_CUSTOMERS}) book GROUP BY 1, 2) aged
    JOIN customer ON customer.id = aged.customer_id
    WHERE (aged.current, late_1_30, late_31_60, late_61_90, late_over_90, unapplied) <> (0, 0, 0, 0, 0, 0)
    ORDER BY aged.currency, late_1_30 + late_31_60 + late_61_90 + late_over_90 DESC, aged.current DESC, customer.ref
""")  # noqa: S608 (made of constants)

_BY_SEGMENT = text(f"""
    SELECT customer.segment, book.currency, {_COLUMNS}
    FROM ({_BOOK_OF_CUSTOMERS}) book JOIN customer ON customer.id = book.customer_id
    GROUP BY 1, 2
    ORDER BY 1 NULLS LAST, 2
""")  # noqa: S608 (made of constants)


def ageing(session: Session, seller_id: UUID, on: date) -> list[Ageing]:
    """The seller's whole book as it stood at the end of that day, per currency in order of code.

    What was allocated, received, credited, returned or taken back after that day is not counted; nor are invoices issued
    after it, or what was set against them before.
    """
    return [_ageing(row) for row in session.execute(_OF_ALL, {"seller": seller_id, "on": on})]


def ageing_by_customer(session: Session, seller_id: UUID, on: date) -> list[CustomerAgeing]:
    """The same per customer with anything open or unapplied: by currency, then the most overdue first.

    The rows of a currency sum to its row of `ageing`, column by column. Money counts for whoever paid it.
    """
    found = session.execute(_BY_CUSTOMER, {"seller": seller_id, "on": on})
    return [CustomerAgeing(row.id, row.ref, row.name, _ageing(row)) for row in found]


def ageing_by_segment(session: Session, seller_id: UUID, on: date) -> list[tuple[str | None, Ageing]]:
    """The same per segment, by name and currency; customers without one come last."""
    return [(row.segment, _ageing(row)) for row in session.execute(_BY_SEGMENT, {"seller": seller_id, "on": on})]


def _ageing(row: Row[Any]) -> Ageing:
    buckets = (row.current, row.late_1_30, row.late_31_60, row.late_61_90, row.late_over_90)
    return Ageing(
        row.currency,
        tuple(Money(int(minor), row.currency) for minor in buckets),
        Money(int(row.unapplied), row.currency),
    )
