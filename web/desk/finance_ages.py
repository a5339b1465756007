"""Whose open amounts are of one age: what a bar of the ageing is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from o2c_core.figures.ageing import ageing_by_customer
from o2c_core.money import Money, total

# The ages as an address says them, in the order of the buckets.
AGE_NAMES = ("current", "1-30", "31-60", "61-90", "over-90")
SHOWN = 200


@dataclass(frozen=True)
class OfAge:
    """What one customer owes of that age, and in all."""

    ref: str
    name: str
    amount: Money
    open: Money


@dataclass(frozen=True)
class Aged:
    """The customers that owe something of that age, the largest amounts first; `count` and `sum` are of all of them."""

    shown: Sequence[OfAge]
    count: int
    sum: Money


def aged_customers(session: Session, seller_id: UUID, on: date, bucket: int, currency: str) -> Aged:
    """Raises: UnknownCurrency."""
    found = [
        OfAge(one.ref, one.name, one.ageing.buckets[bucket], one.ageing.open)
        for one in ageing_by_customer(session, seller_id, on)
        if one.ageing.currency == currency and one.ageing.buckets[bucket].minor
    ]
    found.sort(key=lambda one: (-one.amount.minor, one.name))
    return Aged(found[:SHOWN], len(found), total((one.amount for one in found), currency))
