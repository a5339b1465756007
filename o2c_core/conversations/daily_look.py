"""The daily look at what was agreed: one seller's own day, what was found on it, and what may have been undone since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, update
from sqlalchemy.orm import Session

from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.invoices.payment import PaymentReturn

ROWS_PER_BATCH = 1000
# A direct debit can be taken back for thirteen months. Source: Directive (EU) 2015/2366 art. 71(1).
UNDONE_DAYS = 400


@dataclass(frozen=True)
class Sweep:
    """What a sweep found, in numbers. What is undone was kept, and its money has been taken back."""

    promises_kept: int = 0
    promises_broken: int = 0
    promises_undone: int = 0
    plans_kept: int = 0
    plans_broken: int = 0
    plans_undone: int = 0
    plans_withdrawn: int = 0
    payments_arrived: int = 0
    payments_missing: int = 0
    holds_ending: int = 0
    holds_ended: int = 0

    def __add__(self, other: Sweep) -> Sweep:
        return Sweep(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(Sweep)})


@dataclass(frozen=True)
class SellersDay:
    """One seller's own day."""

    seller_id: UUID
    day: date
    now: datetime


def last_of(keys: Sequence[UUID]) -> UUID | None:
    """Where the next batch begins; None when this was the last."""
    return keys[-1] if len(keys) == ROWS_PER_BATCH else None


def may_be_undone(noun: type[Promise | PaymentPlan], on: SellersDay) -> tuple[ColumnElement[bool], ...]:
    """Only where something was taken back at all does the money have to be counted again."""
    taken_back = exists().where(
        PaymentReturn.customer_id == noun.customer_id,
        PaymentReturn.kind != "refund",
        PaymentReturn.returned_on > on.day - timedelta(days=UNDONE_DAYS),
    )
    return noun.undone_on.is_(None), noun.settled_on > on.day - timedelta(days=UNDONE_DAYS), taken_back


def mark_undone(session: Session, one: Promise | PaymentPlan, on: SellersDay) -> bool:
    noun = type(one)
    moved = session.scalars(
        update(noun)
        .where(noun.id == one.id, noun.state == "kept", noun.undone_on.is_(None))
        .values(undone_on=on.day)
        .returning(noun.id)
        .execution_options(synchronize_session=False)
    )
    return moved.one_or_none() is not None
