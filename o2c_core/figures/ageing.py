"""Ageing: what is open, by how late it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, ScalarSelect, case, cast, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Allocation, Payment
from o2c_core.money import Money

BUCKETS = ("current", "1-30", "31-60", "61-90", "over 90")


@dataclass(frozen=True)
class Ageing:
    """One currency's open amounts by days past the due date; `unapplied` is money and credit held, as a negative.

    The buckets and `unapplied` sum to `balance`. Ageing is by due date, and the due date itself is not late.
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


def ageing(session: Session, seller_id: UUID, on: date) -> list[Ageing]:
    """The seller's whole book as it stood at the end of that day, per currency in order of code.

    What was allocated, received or credited after that day is not counted; nor are invoices issued after it.
    """
    allocated = _used(Allocation.invoice_id, on, Invoice.id)
    left = Invoice.total_minor - allocated
    days = cast(literal(on), Date) - Invoice.due_on
    bucket = case((days <= 0, 0), (days <= 30, 1), (days <= 60, 2), (days <= 90, 3), else_=4)
    query = (
        select(Invoice.currency, bucket, func.sum(left))
        .where(Invoice.seller_id == seller_id, Invoice.issued_on <= on)
        .group_by(Invoice.currency, bucket)
    )
    sums: dict[str, list[int]] = {}
    for currency, number, minor in session.execute(query):
        sums.setdefault(currency, [0] * len(BUCKETS))[number] = int(minor)
    unapplied = _unapplied(session, seller_id, on)
    return [
        Ageing(
            currency,
            tuple(Money(minor, currency) for minor in sums.get(currency, [0] * len(BUCKETS))),
            Money(-unapplied.get(currency, 0), currency),
        )
        for currency in sorted(sums.keys() | unapplied.keys())
    ]


def _used(by: InstrumentedAttribute[Any], on: date, of: InstrumentedAttribute[Any]) -> ScalarSelect[int]:
    """What the document `of` the enclosing query had allocated by the end of that day, in minor units."""
    return (
        select(func.coalesce(func.sum(Allocation.amount_minor), 0))
        .where(by == of, Allocation.allocated_on <= on)
        .scalar_subquery()
    )


def _unapplied(session: Session, seller_id: UUID, on: date) -> dict[str, int]:
    money = select(
        Payment.currency, (Payment.amount_minor - _used(Allocation.payment_id, on, Payment.id)).label("left")
    ).where(Payment.seller_id == seller_id, Payment.received_on <= on)
    credit = select(
        CreditNote.currency,
        (CreditNote.total_minor - _used(Allocation.credit_note_id, on, CreditNote.id)).label("left"),
    ).where(CreditNote.seller_id == seller_id, CreditNote.issued_on <= on)
    both = money.union_all(credit).subquery()
    rows = session.execute(select(both.c.currency, func.sum(both.c.left)).group_by(both.c.currency))
    return {currency: int(minor) for currency, minor in rows}
