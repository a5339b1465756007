"""What every fact was for every customer of a seller, day by day: read for all of them at once, whichever days are asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.escalations.facts import Fact, Value, facts
from o2c_core.escalations.last_steps import last_steps
from o2c_core.escalations.queries import DERIVED, Reading, read
from o2c_core.money import exponent

# For more days than these the rows are fetched as they are needed, so that a year of many customers fits in memory.
DAYS_AT_ONCE = 7
ROWS_AT_ONCE = 10_000
_PLACES = Decimal("0.0001")
SHARE_MAX = Decimal(999)
_ON_RECORD = (
    Customer.id, Customer.ref, Customer.name, Customer.kind, Customer.parent_id, Customer.country, Customer.language,
    Customer.currency, Customer.segment, Customer.credit_limit_minor,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a rule is asked about: one customer, or a group by the company at its head."""

    id: UUID
    ref: str
    name: str
    kind: str


@dataclass(slots=True)
class _Sums:
    """What the queries found for one subject on one day: amounts by currency in minor units, and everything else."""

    amounts: dict[str, dict[str, int]] = field(default_factory=dict)
    others: dict[str, int | bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Day:
    """One day's facts, by subject. Only what was asked for is in them."""

    on: date
    values: Mapping[UUID, Mapping[str, Value]]


class Measured:
    """The facts of one seller's customers, or of its groups, on any days."""

    def __init__(self, session: Session, seller_id: UUID, wanted: Collection[str], *, about: str = "customer") -> None:
        self._session, self._seller_id = session, seller_id
        self._wanted: Sequence[Fact] = [facts()[name] for name in wanted]
        self._customers = {one.id: one for one in session.execute(_of_seller(seller_id, *_ON_RECORD))}
        self._heads = heads({one.id: one.parent_id for one in self._customers.values()})
        self._is_group = about == "group"
        self._within: dict[UUID, list[UUID]] = {}
        for one in self._customers:
            self._within.setdefault(self._heads[one] if self._is_group else one, []).append(one)
        self._derived = [fact for fact in self._wanted if fact.name in DERIVED]
        # What holds for everybody about whom nothing is found: most of them, on most days.
        self._at_rest = {
            key: {fact.name: self._of_record(fact, key, members) for fact in self._wanted}
            for key, members in self._within.items()
        }

    @cached_property
    def subjects(self) -> Mapping[UUID, Subject]:
        """Everybody there is to judge, in order of reference."""
        found = (self._customers[key] for key in self._within)
        return {one.id: Subject(one.id, one.ref, one.name, one.kind) for one in found}

    def on(self, day: date) -> Day:
        return next(self.days(day, day))

    def days(self, first: date, last: date) -> Iterator[Day]:
        """Every day from the first to the last, both included."""
        readings = [(reading, _ByDay(self._rows(reading, first, last))) for reading in read(self._wanted)]
        for count in range((last - first).days + 1):
            day = first + timedelta(days=count)
            sums: dict[UUID, _Sums] = {}
            for reading, rows in readings:
                for row in rows.of(day):
                    if row[1] in self._customers:
                        _take(sums.setdefault(row[1], _Sums()), reading.columns, row)
            yield Day(day, self._at_rest | self._values(sums) if sums else self._at_rest)

    def _rows(self, reading: Reading, first: date, last: date) -> Iterable[Sequence[Any]]:
        about: dict[str, Any] = {"seller": self._seller_id, "first": first, "last": last}
        if reading.source == "ladder":
            about |= last_steps(self._session, self._seller_id)
        at_once = (last - first).days < DAYS_AT_ONCE
        options = {} if at_once else {"stream_results": True, "yield_per": ROWS_AT_ONCE}
        return self._session.execute(reading.query, about, execution_options=options)

    def _values(self, sums: Mapping[UUID, _Sums]) -> dict[UUID, dict[str, Value]]:
        """The facts of those about whom something was found."""
        if self._is_group:
            touched = {self._heads[one]: None for one in sums}
            sums = {head: _together(self._within[head], sums) for head in touched}
            in_groups = sums
        else:
            in_groups = self._groups(sums)
            # Who has nothing overdue may be in a group that has.
            touched = dict.fromkeys(sums) | {one: None for head in in_groups for one in self._companies[head]}
        found = {}
        for key in touched:
            mine = sums.get(key)
            values = dict(self._at_rest[key])
            if mine is not None:
                for name, amounts in mine.amounts.items():
                    if name in values:
                        values[name] = _most(amounts)
                for name, value in mine.others.items():
                    if name in values:
                        values[name] = _as_value(facts()[name], value)
            for fact in self._derived:
                values[fact.name] = self._worked_out(fact.name, key, mine, in_groups.get(self._heads[key]))
            found[key] = values
        return found

    def _groups(self, sums: Mapping[UUID, _Sums]) -> dict[UUID, _Sums]:
        """What is overdue in every group; nothing where no rule asks for it."""
        if all(fact.name != "group_overdue" for fact in self._wanted):
            return {}
        groups: dict[UUID, _Sums] = {}
        for customer_id, of_one in sums.items():
            group = groups.setdefault(self._heads[customer_id], _Sums())
            _add(group.amounts.setdefault("overdue", {}), of_one.amounts.get("overdue", {}))
        return groups

    @cached_property
    def _companies(self) -> Mapping[UUID, Sequence[UUID]]:
        found: dict[UUID, list[UUID]] = {}
        for one, head in self._heads.items():
            found.setdefault(head, []).append(one)
        return found

    def _worked_out(self, name: str, key: UUID, mine: _Sums | None, group: _Sums | None) -> Decimal:
        """A fact that follows from others."""
        if name == "group_overdue":
            return _most(group.amounts.get("overdue", {})) if group is not None else Decimal(0)
        if mine is None:
            return Decimal(0)
        limits = self._limits(self._within[key])
        used = ((sum(mine.amounts.get(of, {}).get(each, 0) for of in DERIVED[name]), each) for each in limits)
        return max((_share(minor, limits[each]) for minor, each in used), default=Decimal(0))

    def _of_record(self, fact: Fact, key: UUID, members: Sequence[UUID]) -> Value:
        """What is on record about the customer itself, as it is today; of any other fact, what it is where nothing is found."""
        if fact.source != "customers":
            return fact.blank
        match fact.name:
            case "credit_limit":
                return _most(self._limits(members))
            case "has_credit_limit":
                return bool(self._limits(members))
            case name:
                return str(getattr(self._customers[key], name) or "")

    def _limits(self, members: Sequence[UUID]) -> Mapping[str, int]:
        """The credit limits by currency; a currency nobody has a limit in is not there. A limit of 0 is one."""
        limits: dict[str, int] = {}
        for one in (self._customers[member] for member in members):
            if one.credit_limit_minor is not None:
                _add(limits, {one.currency: one.credit_limit_minor})
        return limits


class _ByDay:
    """Rows that come in order of their day, handed out a day at a time."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._groups = groupby(rows, key=itemgetter(0))
        self._next = next(self._groups, None)

    def of(self, day: date) -> Sequence[Sequence[Any]]:
        if self._next is None or self._next[0] != day:
            return ()
        rows = list(self._next[1])
        self._next = next(self._groups, None)
        return rows


def members_of(session: Session, seller_id: UUID, head_id: UUID) -> list[UUID]:
    """Every company of the group with that head, the head too, in order of reference."""
    rows = session.execute(_of_seller(seller_id, Customer.id, Customer.parent_id))
    found = heads({row.id: row.parent_id for row in rows})
    return [one for one, head in found.items() if head == head_id]


def _of_seller(seller_id: UUID, *columns: Any) -> Any:
    """Whom rules are about: not who buys at the counter, and not who was forgotten."""
    return (
        select(*columns)
        .where(Customer.seller_id == seller_id, Customer.is_walk_in.is_(False), Customer.erased_at.is_(None))
        .order_by(Customer.ref)
    )


def heads(parents: Mapping[UUID, UUID | None]) -> dict[UUID, UUID]:
    """The company at the head of each customer's group; one that nobody stands above is its own.

    Companies that own each other in a circle have the first of them as their head.
    """
    found = {}
    for one in parents:
        head, passed = one, {one}
        while (above := parents.get(head)) is not None and above in parents:
            if above in passed:
                head = min(passed)
                break
            passed.add(above)
            head = above
        found[one] = head
    return found


def _take(mine: _Sums, columns: Sequence[Fact], row: Sequence[Any]) -> None:
    """Adds what a row says to what other currencies' rows said."""
    for at, fact in enumerate(columns, 3):
        value = row[at]
        if fact.kind == "amount":
            _add(mine.amounts.setdefault(fact.name, {}), {row[2]: value})
        else:
            before = mine.others.get(fact.name)
            mine.others[fact.name] = value if before is None else _joined(fact, before, value)


def _together(members: Sequence[UUID], sums: Mapping[UUID, _Sums]) -> _Sums:
    whole = _Sums()
    for one in (sums[member] for member in members if member in sums):
        for name, amounts in one.amounts.items():
            _add(whole.amounts.setdefault(name, {}), amounts)
        for name, value in one.others.items():
            before = whole.others.get(name)
            whole.others[name] = value if before is None else _joined(facts()[name], before, value)
    return whole


def _joined(fact: Fact, one: int | bool, other: int | bool) -> int | bool:
    return one + other if fact.adds == "sum" else max(one, other)


def _as_value(fact: Fact, found: int | bool) -> Value:
    if fact.kind == "yes_no":
        return bool(found)
    return fact.values[found] if fact.adds == "worst" else Decimal(found)


def _share(minor: int, limit: int) -> Decimal:
    """What of the limit that is, both in one currency. Of a limit of 0 anything is as much as can be."""
    if minor <= 0:
        return Decimal(0)
    return min(Decimal(minor) / limit, SHARE_MAX).quantize(_PLACES) if limit > 0 else SHARE_MAX


def _add(to: dict[str, int], amounts: Mapping[str, int]) -> None:
    for currency, minor in amounts.items():
        to[currency] = to.get(currency, 0) + minor


def _most(amounts: Mapping[str, int]) -> Decimal:
    """The largest of the amounts at face value, in major units: sums are never made across currencies."""
    return max((Decimal(minor).scaleb(-exponent(currency)) for currency, minor in amounts.items()), default=Decimal(0))
