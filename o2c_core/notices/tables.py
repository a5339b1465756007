"""The dated tables of late payment, as late_payment.toml has them, read once and checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache, cached_property
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from o2c_core.errors import Refused

KindOfCustomer = Literal["business", "consumer"]
KINDS_OF_CUSTOMER = ("business", "consumer")
_BASES = ("law", "well known", "second hand")
EU = "EU"


class OddTables(ValueError):
    """The tables of late payment contradict themselves or leave something open."""


class NotInTheTables(Refused):
    """The tables of late payment say nothing about that day or country; somebody has to add it."""


@dataclass(frozen=True)
class Reference:
    """A published rate in percent a year, over whole half-years; both days count."""

    name: str
    valid_from: date
    valid_to: date
    percent: Decimal
    basis: str
    source: str


@dataclass(frozen=True)
class InterestRule:
    """By which reference rate and how many points above it a late debt bears interest."""

    country: str
    kind: str
    currency: str
    valid_from: date
    valid_to: date | None
    reference: str
    plus: Decimal
    moves: str
    year: str
    basis: str
    source: str

    def days_in_year(self, year: int) -> int:
        is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return 366 if self.year == "calendar" and is_leap else 365


@dataclass(frozen=True)
class FixedSumRule:
    """What is owed for a late payment whatever asking for it cost; `steps` are (debt of at least, sum) in major units."""

    country: str
    kind: str
    currency: str
    valid_from: date
    valid_to: date | None
    per: str
    steps: tuple[tuple[Decimal, Decimal], ...]
    basis: str
    source: str


@dataclass(frozen=True)
class CostScale:
    """Collection costs as a share of the principal: `bands` are (width, percent), the last without a width."""

    country: str
    kind: str
    currency: str
    valid_from: date
    valid_to: date | None
    minimum: Decimal
    maximum: Decimal
    bands: tuple[tuple[Decimal | None, Decimal], ...]
    basis: str
    source: str


@dataclass(frozen=True)
class SmallClaimsCap:
    """What the costs over claims of less than `below` of one customer may come to in so many months, in major units."""

    country: str
    kind: str
    currency: str
    valid_from: date
    valid_to: date | None
    below: Decimal
    sum: Decimal
    months: int
    basis: str
    source: str


class _Rule(Protocol):
    @property
    def country(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


R = TypeVar("R", bound=_Rule)


@dataclass(frozen=True)
class Tables:
    """Everything in the file. What holds for a country is its own entry; for other states of the Union the directive's."""

    eu_members: frozenset[str]
    references: tuple[Reference, ...]
    interest: tuple[InterestRule, ...]
    fixed_sums: tuple[FixedSumRule, ...]
    costs: tuple[CostScale, ...]
    small_claims: tuple[SmallClaimsCap, ...] = ()

    @cached_property
    def _rates(self) -> Mapping[str, tuple[Reference, ...]]:
        """The rates by name, newest first: what is asked about is mostly lately."""
        newest = sorted(self.references, key=lambda one: one.valid_from, reverse=True)
        return {name: tuple(one for one in newest if one.name == name) for name in {one.name for one in newest}}

    def country_of_law(self, country: str) -> str | None:
        """The entry that a country's debts go by: its own, "EU" for members without one, None elsewhere."""
        code = country.upper()
        if any(rule.country == code for rule in self.interest):
            return code
        return EU if code in self.eu_members else None

    def reference(self, name: str, on: date) -> Reference:
        """Raises: NotInTheTables."""
        found = next((one for one in self._rates.get(name, ()) if one.valid_from <= on <= one.valid_to), None)
        if found is None:
            raise NotInTheTables(
                f"The reference rate '{name}' is not known for {on.isoformat()}; add it to late_payment.toml first.",
                reference=name, on=on,
            )  # fmt: skip
        return found

    def interest_rule(self, country: str, kind: str, on: date) -> InterestRule:
        """Raises: NotInTheTables."""
        return _found(self.interest, country, kind, on, "interest for late payment")

    def fixed_sum_rule(self, country: str, kind: str, on: date) -> FixedSumRule:
        """Raises: NotInTheTables."""
        return _found(self.fixed_sums, country, kind, on, "fixed sum for late payment")

    def cost_scale(self, country: str, kind: str, on: date) -> CostScale:
        """Raises: NotInTheTables."""
        return _found(self.costs, country, kind, on, "scale of collection costs")

    def small_claims_cap(self, country: str, kind: str, on: date) -> SmallClaimsCap | None:
        """None where small claims are not capped together."""
        held = (
            cap for cap in self.small_claims if cap.valid_from <= on and (cap.valid_to is None or on <= cap.valid_to)
        )
        return next((cap for cap in held if (cap.country, cap.kind) == (country, kind)), None)


def _found(rules: Iterable[R], country: str, kind: str, on: date, what: str) -> R:
    for rule in rules:
        is_held = rule.valid_from <= on and (rule.valid_to is None or on <= rule.valid_to)
        if (rule.country, rule.kind) == (country, kind) and is_held:
            return rule
    raise NotInTheTables(
        f"There is no {what} for a {kind} in {country} on {on.isoformat()} in the tables.",
        country=country, kind=kind, on=on,
    )  # fmt: skip


@cache
def late_payment_tables() -> Tables:
    """The tables of this version of the house."""
    return read_tables(Path(__file__).with_name("late_payment.toml").read_text(encoding="utf-8"))


def read_tables(text: str) -> Tables:
    """Raises: OddTables."""
    said = tomllib.loads(text)
    if extra := said.keys() - {"eu_members", "reference", "interest", "fixed_sum", "collection_costs", "small_claims"}:
        raise OddTables(f"unknown: {', '.join(sorted(extra))}")
    try:
        tables = Tables(
            frozenset(said["eu_members"]),
            tuple(_reference(one) for one in said["reference"]),
            tuple(_interest(one) for one in said["interest"]),
            tuple(_fixed_sum(one) for one in said["fixed_sum"]),
            tuple(_costs(one) for one in said["collection_costs"]),
            tuple(_small_claims(one) for one in said["small_claims"]),
        )
    except (KeyError, InvalidOperation) as odd:
        raise OddTables(f"something is missing or not a number: {odd}") from odd
    _check(tables)
    return tables


def _reference(said: Mapping[str, Any]) -> Reference:
    _only(said, "name", "valid_to", "percent")
    first, last = said["valid_from"], said["valid_to"]
    if (first.month, first.day) not in ((1, 1), (7, 1)) or (last.month, last.day) not in ((6, 30), (12, 31)):
        raise OddTables(f"{said['name']}: a reference rate holds for whole half-years")
    return Reference(said["name"], first, last, _number(said["percent"]), said["basis"], said["source"])


def _interest(said: Mapping[str, Any]) -> InterestRule:
    _only(said, "country", "kind", "currency", "reference", "plus", "moves", "year")
    if said["moves"] not in ("half_year", "never") or said["year"] not in ("calendar", "365"):
        raise OddTables(f"interest of {said['country']}")
    return InterestRule(
        *_whose(said), said["reference"], _number(said["plus"]), said["moves"], said["year"], said["basis"], said["source"]
    )  # fmt: skip


def _fixed_sum(said: Mapping[str, Any]) -> FixedSumRule:
    _only(said, "country", "kind", "currency", "per", "steps")
    steps = tuple((_number(step["from"]), _number(step["sum"])) for step in said["steps"])
    rises = all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(steps))
    if said["per"] not in ("invoice", "notice") or not steps or steps[0][0] != 0 or not rises:
        raise OddTables(f"fixed sum of {said['country']}")
    return FixedSumRule(*_whose(said), said["per"], steps, said["basis"], said["source"])


def _costs(said: Mapping[str, Any]) -> CostScale:
    _only(said, "country", "kind", "currency", "minimum", "maximum", "bands")
    bands = tuple(
        (_number(band["width"]) if "width" in band else None, _number(band["percent"])) for band in said["bands"]
    )
    if [width is None for width, _ in bands] != [False] * (len(bands) - 1) + [True]:
        raise OddTables(f"collection costs of {said['country']}: only the last band has no width")
    return CostScale(
        *_whose(said), _number(said["minimum"]), _number(said["maximum"]), bands, said["basis"], said["source"]
    )  # fmt: skip


def _number(said: object) -> Decimal:
    """Numbers are written as text: one that passed through a binary fraction is not the one that was meant."""
    if not isinstance(said, str):
        raise OddTables(f"a number is written as text: {said}")
    return Decimal(said)


def _small_claims(said: Mapping[str, Any]) -> SmallClaimsCap:
    _only(said, "country", "kind", "currency", "below", "sum", "months")
    if not isinstance(said["months"], int) or said["months"] < 1:
        raise OddTables(f"months of the small claims of {said['country']}")
    return SmallClaimsCap(
        *_whose(said), _number(said["below"]), _number(said["sum"]), said["months"], said["basis"], said["source"]
    )


def _whose(said: Mapping[str, Any]) -> tuple[str, str, str, date, date | None]:
    return said["country"], said["kind"], said["currency"], said["valid_from"], said.get("valid_to")


def _only(said: Mapping[str, Any], *own: str) -> None:
    """Every entry says from when it holds and what it comes from."""
    needed = {"valid_from", "basis", "source", *own}
    if not needed <= said.keys() or said.keys() - needed - {"valid_to"}:
        raise OddTables(f"{sorted(needed ^ said.keys())} of {said.get('country') or said.get('name')}")
    if said["basis"] not in _BASES or not said["source"].strip():
        raise OddTables(f"basis or source of {said.get('country') or said.get('name')}")
    if "country" in said and not re.fullmatch(r"[A-Z]{2}", said["country"]):
        raise OddTables(f"country: {said['country']}")
    if said.get("kind", "business") not in KINDS_OF_CUSTOMER:
        raise OddTables(f"kind: {said['kind']}")
    if said.get("valid_to") is not None and said["valid_to"] < said["valid_from"]:
        raise OddTables(f"the days of {said.get('country') or said.get('name')}")


def _check(tables: Tables) -> None:
    """Two entries for the same never hold on the same day, and every reference that is pointed to is there."""
    _apart(tables.references, lambda one: one.name)
    for rules in (tables.interest, tables.fixed_sums, tables.costs, tables.small_claims):
        _apart(rules, lambda one: f"{one.country} {one.kind}")
    names = {one.name for one in tables.references}
    if missing := {rule.reference for rule in tables.interest} - names:
        raise OddTables(f"no reference rate: {', '.join(sorted(missing))}")
    if both := {rule.country for rule in tables.interest} & tables.eu_members:
        raise OddTables(f"has an entry of its own: {', '.join(sorted(both))}")


def _apart(rules: Iterable[Any], name: Callable[[Any], str]) -> None:
    in_order = sorted(rules, key=lambda one: (name(one), one.valid_from))
    for what, of_one in groupby(in_order, key=name):
        for earlier, later in pairwise(of_one):
            if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
                raise OddTables(f"two entries at once: {what}")
