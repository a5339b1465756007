"""What reminding brings, by the trials whose groups were drawn by lot, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from babel.numbers import format_decimal
from sqlalchemy.orm import Session

from o2c_core.figures.lift import FOLLOWED_DAYS, Line, lift
from o2c_core.reminders.trial import AS_WRITTEN, HELD_OUT
from web.reader import Reader

HOW = (
    f"Each invoice is followed for {FOLLOWED_DAYS} days from the day the lot decided about it, in the group it was in then, "
    "whatever became of the message; each customer counts once. The difference is given with its 95 % interval (Welch); "
    "where it may as well be none, that is said instead of a figure."
)


@dataclass(frozen=True)
class ArmTold:
    """One group of a trial: how many are in it, and each measure with what it differs by."""

    name: str
    customers: int
    invoices: int
    too_recent: int
    measures: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class TrialTold:
    """A trial at a step, with its groups."""

    name: str
    rung: str
    arms: Sequence[ArmTold]


def trials(session: Session, seller_id: UUID, reader: Reader) -> list[TrialTold]:
    """Every trial of the seller as it stands today."""
    found = []
    for (name, rung), lines in groupby(lift(session, seller_id, reader.today), key=lambda one: (one.trial, one.rung)):
        arms = [_arm(arm, list(of_arm), reader) for arm, of_arm in groupby(lines, key=lambda one: one.arm)]
        found.append(TrialTold(name, rung, arms))
    return found


def _arm(name: str, lines: Sequence[Line], reader: Reader) -> ArmTold:
    first = lines[0]
    measures = [
        (one.measure.name, _number(one.value, one.measure.unit, reader), _difference(one, reader)) for one in lines
    ]
    return ArmTold(arm_in_words(name), first.customers, first.invoices, first.too_recent, measures)


def arm_in_words(name: str) -> str:
    """ "not reminded", "as the step says", "tone clear"."""
    if name == HELD_OUT:
        return "not reminded"
    return "as the step says" if name == AS_WRITTEN else name.replace("=", " ").replace("+", ", ")


def _difference(one: Line, reader: Reader) -> str:
    told = one.difference
    if not told.is_shown:
        return told.remark
    unit = one.measure.unit
    return (
        f"{_number(told.value, unit, reader, signed=True)} (from {_number(told.low, unit, reader, signed=True)} "
        f"to {_number(told.high, unit, reader, signed=True)})"
    )


def _number(value: float | None, unit: str, reader: Reader, *, signed: bool = False) -> str:
    if value is None:
        return "–"
    sign = "+" if signed and value > 0 else ""
    shown = format_decimal(round(value, 1), format="#,##0.0", locale=reader.locale)
    return f"{sign}{shown}\N{NO-BREAK SPACE}{'%' if unit == 'per cent' else unit}"
