"""What a formal notice asks for and announces, worked out from what is late and the tables, before any word is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from o2c_core.money import Money, total
from o2c_core.notices.costs import collection_costs, fixed_sum, vat_on
from o2c_core.notices.interest import Interest, Segment, interest
from o2c_core.notices.kinds import NoticeKind
from o2c_core.notices.late import LatePart
from o2c_core.notices.setting import NoticeSetting
from o2c_core.notices.tables import KindOfCustomer


@dataclass(frozen=True)
class WorkedLine:
    """One late part with the interest on it; `interest` is None where none is asked."""

    late: LatePart
    interest: Interest | None

    @property
    def interest_minor(self) -> int:
        return 0 if self.interest is None else self.interest.amount.minor

    @property
    def working(self) -> list[dict[str, Any]]:
        return [] if self.interest is None else [_stored(segment) for segment in self.interest.segments]


@dataclass(frozen=True)
class Worked:
    """All the figures of a notice. `percent` is the rate of the last day where it is one for all lines; `daily` what each
    further day adds, rounded down."""

    lines: tuple[WorkedLine, ...]
    principal: Money
    interest: Money
    fixed: Money
    costs: Money
    vat: Money
    percent: Decimal | None
    daily: Money


def work_out(
    kind: NoticeKind, customer_kind: KindOfCustomer, parts: Sequence[LatePart], currency: str, on: date,
    setting: NoticeSetting,
) -> Worked:  # fmt: skip
    """The figures of that day. Each invoice's interest is rounded once, so the total is the sum of what each line says.

    Raises: NotInTheTables; OtherMoney.
    """
    zero = Money.zero(currency)
    beside = kind.asks_beside_principal(customer_kind)
    lines = tuple(
        WorkedLine(part, _interest(kind, customer_kind, part, on) if beside and kind.asks_interest else None)
        for part in parts
    )
    principal = total((part.principal for part in parts), currency)
    fixed, costs = zero, zero
    if beside and kind.asks_fixed_sum:
        fixed = fixed_sum(_debts(parts), currency, country=kind.country, kind=customer_kind, on=on)
    if kind.announces_costs:
        costs = collection_costs(principal, country=kind.country, kind=customer_kind, on=on)
    rates = {line.interest.segments[-1].percent for line in lines if line.interest and line.interest.segments}
    return Worked(
        lines=lines,
        principal=principal,
        interest=total((line.interest.amount for line in lines if line.interest), currency),
        fixed=fixed,
        costs=costs,
        vat=vat_on(costs, setting.vat_percent, may_reclaim=setting.may_reclaim_vat),
        percent=next(iter(rates)) if len(rates) == 1 else None,
        daily=_daily(lines, currency),
    )


def _interest(kind: NoticeKind, customer_kind: KindOfCustomer, part: LatePart, on: date) -> Interest:
    began_on = part.standings[0].from_on
    return interest(
        part.standings, part.principal.currency, country=kind.country, kind=customer_kind, from_on=began_on, to_on=on,
        started_on=began_on,
    )  # fmt: skip


def _debts(parts: Sequence[LatePart]) -> list[Money]:
    """The late amount of each invoice: instalments of one invoice are one debt, which asks less where sums are fixed."""
    debts: dict[str, Money] = {}
    for part in parts:
        number = part.invoice.number
        debts[number] = debts.get(number, Money.zero(part.principal.currency)) + part.principal
    return list(debts.values())


def _daily(lines: Sequence[WorkedLine], currency: str) -> Money:
    last = [line.interest.segments[-1] for line in lines if line.interest and line.interest.segments]
    each = sum((segment.exact / segment.days for segment in last), Fraction(0))
    return Money(each.__floor__(), currency)


def _stored(segment: Segment) -> dict[str, Any]:
    return {
        "from_on": segment.from_on.isoformat(),
        "to_on": segment.to_on.isoformat(),
        "days": segment.days,
        "principal_minor": segment.minor,
        "percent": str(segment.percent),
        "year_days": segment.year_days,
    }
