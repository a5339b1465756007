"""How fast sales become money: the DSO family as formulas over amounts of one currency.

Amounts are whole minor units; "credit sales" include tax where the receivables do, as they do here. A figure that cannot
be told, since it would divide by nothing, says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

DAYS, MONTHS = 365, 12


@dataclass(frozen=True)
class Figure:
    """A number of days or a percentage, exactly; where there is none, `why_not` is a sentence."""

    value: Decimal | None
    why_not: str = ""

    def rounded(self, places: int = 2) -> Decimal | None:
        """Rounded half away from zero, for people."""
        return None if self.value is None else self.value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


NO_SALES = "Nothing was sold on credit in the period."
NOTHING_TO_COLLECT = "There was nothing to collect in the period."
NOTHING_OPEN = "Nothing is open."
MORE_THAN_SALES = "More is open than was sold in all the months that were counted."
NOTHING_DUE = "Nothing fell due in the period."
NOTHING_PAID = "No invoice was paid in full in the period."


def dso(receivables: int, credit_sales: int, days: int = DAYS) -> Figure:
    """Days sales outstanding: total receivables x days / credit sales of those days.

    Source: Credit Research Foundation, KPI definitions (crfonline.org).
    """
    return _ratio(receivables * days, credit_sales, NO_SALES)


def best_possible_dso(current: int, credit_sales: int, days: int = DAYS) -> Figure:
    """What the DSO would be if nobody paid late: receivables not yet due x days / credit sales of those days.

    Source: Credit Research Foundation, KPI definitions (crfonline.org).
    """
    return _ratio(current * days, credit_sales, NO_SALES)


def average_days_delinquent(whole: Figure, best: Figure) -> Figure:
    """How many days of the DSO are due to being late: ADD = DSO - best-possible DSO.

    Source: Credit Research Foundation, KPI definitions (crfonline.org).
    """
    if whole.value is None or best.value is None:
        return Figure(None, whole.why_not or best.why_not)
    return Figure(whole.value - best.value)


def collection_effectiveness(begin: int, credit_sales: int, end: int, current: int, months: int = MONTHS) -> Figure:
    """CEI, in per cent: (begin + sales/months - end) / (begin + sales/months - end not yet due) x 100.

    `begin` and `end` are total receivables at the ends of the period, `current` those at its end that are not yet due.
    100 means that everything that was due was collected.

    Source: Credit Research Foundation, KPI definitions (crfonline.org).
    """
    collectable = begin * months + credit_sales
    return _ratio((collectable - end * months) * 100, collectable - current * months, NOTHING_TO_COLLECT)


def count_back(receivables: int, months: Sequence[tuple[int, int]]) -> Figure:
    """Count-back DSO: how many days of the latest sales are still to be paid.

    `months` are (sales, days), the latest first. Each month's sales are taken off the receivables; a month that is not
    used up counts for its part of days. A month in which more was credited than sold only counts its days.

    Source: the count-back (exhaustion) method, as in Oracle Financial Management's documentation on DSO; the example
    printed there takes 2,000 where 1,000 remains, and is not followed.
    """
    left, days = max(receivables, 0), Decimal(0)
    for sales, in_month in months:
        if left <= 0:
            break
        if sales > left:
            return Figure(days + Decimal(left) * in_month / sales)
        left, days = left - max(sales, 0), days + in_month
    return Figure(days) if left <= 0 else Figure(None, MORE_THAN_SALES)


def percent_current(current: int, receivables: int) -> Figure:
    """The part of what is open that is not yet due, in per cent.

    Source: Credit Research Foundation, KPI definitions (crfonline.org).
    """
    return _ratio(current * 100, receivables, NOTHING_OPEN)


def at_risk(unpaid: int, billed: int) -> Figure:
    """Of what was billed, the part that is unpaid 90 days past its due day, in per cent.

    Source: docs.upflow.io, "at-risk rate".
    """
    return _ratio(unpaid * 100, billed, NOTHING_DUE)


def days_to_pay(days: int, invoices: int) -> Figure:
    """The average number of days from an invoice to the money that completed its payment; each invoice counts once.

    Source: docs.upflow.io, "average days to pay".
    """
    return _ratio(days, invoices, NOTHING_PAID)


def _ratio(above: int, below: int, why_not: str) -> Figure:
    return Figure(Decimal(above) / Decimal(below)) if below > 0 else Figure(None, why_not)
