"""The ladder: which reminder, if any, an invoice has earned on a day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Rung:
    """One step of a ladder; `days` counts from the due date and is negative before it.

    `says_late` is false for steps whose wording must not call an invoice late: the due date itself is not late.
    """

    name: str
    days: int
    says_late: bool = True


LADDER: tuple[Rung, ...] = (
    Rung("courtesy", -3, says_late=False),
    Rung("due", 0, says_late=False),
    Rung("first", 7),
    Rung("second", 14),
    Rung("last", 30),
)


def newest_reached(due_on: date, on: date, ladder: Sequence[Rung] = LADDER) -> Rung | None:
    """The last step whose day has come, used or not; None before the first."""
    reached = [rung for rung in ladder if (on - due_on).days >= rung.days]
    return reached[-1] if reached else None


def rung_for(due_on: date, on: date, used: Collection[str], ladder: Sequence[Rung] = LADDER) -> Rung | None:
    """The step the invoice has earned on that day and has not had yet.

    Only the newest step reached counts: what was missed is not made up for, so a courtesy is not sent once the
    invoice is due. A ladder is never climbed down: once a step was used, no earlier one follows, whatever day is
    asked about. After the last step there is nothing; then it is a person's turn.
    """
    newest = newest_reached(due_on, on, ladder)
    if newest is None or any(rung.name in used for rung in ladder if rung.days >= newest.days):
        return None
    return newest


def next_step_on(due_on: date, on: date, ladder: Sequence[Rung] = LADDER) -> date | None:
    """The day after `on` on which the next step is reached; None when the last one has been."""
    coming = [rung.days for rung in ladder if rung.days > (on - due_on).days]
    return due_on + timedelta(days=coming[0]) if coming else None
