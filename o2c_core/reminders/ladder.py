"""The ladder: which reminder, if any, an invoice has earned on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

# How a reminder sounds, from the friendliest on. Each has its approved sentences in every language.
TONES = ("courtesy", "neutral", "asking", "clear", "serious")
# Where a step may be taken, in the order in which they are tried; "call" makes a task for a person. Nobody is asked for
# money in our web chat, so "chat" is another word for the chat that reaches people where they are, which is WhatsApp.
CHANNELS = ("email", "sms", "whatsapp", "chat", "call")
Mode = Literal["automatic", "approve", "draft"]
MODES: tuple[Mode, ...] = ("automatic", "approve", "draft")
# The same invoice is not reminded of again sooner than this, however late a step came or whichever ladder it is on now;
# a week between two steps less a weekend on which the first of them had to wait.
AGAIN_DAYS_MIN = 5


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder; `days` counts from the due date and is negative before it.

    `says_late` is false for steps whose wording must not call an invoice late: the due date itself is not late.
    `wording` names the approved sentences, `role` who at the customer hears it. With `mode` "approve" a person looks at
    it before it leaves, with "draft" it is only written down; `automatic_below_major` lets smaller messages go by
    themselves all the same. `minimum_major` is what must be asked for at least. Units: both in major units of the
    currency asked for. `letter` adds the statement as a PDF. `arms` names what is tried by lot at this step.
    """

    name: str
    days: int
    says_late: bool = True
    channels: tuple[str, ...] = ("email", "sms")
    tone: str = "neutral"
    role: str = "accounts_payable"
    wording: str = ""
    minimum_major: Decimal = Decimal(1)
    mode: Mode = "automatic"
    automatic_below_major: Decimal | None = None
    letter: bool = False
    arms: tuple[str, ...] = ()

    @property
    def sentences(self) -> str:
        """The name of its approved sentences: its own where it has none of another."""
        return self.wording or self.name


@dataclass(frozen=True, slots=True)
class Ladder:
    """A named policy of steps, by day. `spacing_days` is the least time between two reminders to one customer."""

    name: str
    rungs: tuple[Rung, ...]
    version: int = 1
    spacing_days: int = 0

    @property
    def last(self) -> Rung:
        return self.rungs[-1]


@dataclass(frozen=True, slots=True)
class Used:
    """A step that was used: on which day, and how many days from the due date it stood in its ladder."""

    on: date
    days: int


LADDER: tuple[Rung, ...] = (
    Rung("courtesy", -3, says_late=False, tone="courtesy"),
    Rung("due", 0, says_late=False),
    Rung("first", 7, tone="asking"),
    Rung("second", 14, tone="clear"),
    Rung("last", 30, tone="serious"),
)
# What holds where nothing else was chosen.
STANDARD = Ladder("standard", LADDER)


def newest_reached(due_on: date, on: date, ladder: Sequence[Rung] = LADDER) -> Rung | None:
    """The last step whose day has come, used or not; None before the first."""
    reached = [rung for rung in ladder if (on - due_on).days >= rung.days]
    return reached[-1] if reached else None


def rung_for(due_on: date, on: date, used: Mapping[str, Used], ladder: Sequence[Rung] = LADDER) -> Rung | None:
    """The step the invoice has earned on that day and has not had yet.

    Only the newest step reached counts: what was missed is not made up for, so a courtesy is not sent once the
    invoice is due. A ladder is never climbed down: once a step was used, no earlier one follows, whatever day is
    asked about and whichever ladder it was used on. After the last step there is nothing; then it is a person's turn.
    """
    newest = newest_reached(due_on, on, ladder)
    if newest is None or newest.name in used or any(step.days >= newest.days for step in used.values()):
        return None
    return newest


def may_follow_on(rung: Rung, used: Mapping[str, Used], ladder: Sequence[Rung] = LADDER) -> date | None:
    """The first day on which that step may come after those used; None where none of them keeps it back.

    Days are counted from the day something was said and not from the name or place of the step, so that a step renamed, a
    customer moved to another ladder, or a step that was late brings nobody two reminders in a row. Only a ladder whose own
    steps stand closer together may be quicker. A courtesy asked for nothing, and so keeps nothing back.
    """
    asked = [step.on for step in used.values() if step.days >= 0]
    if not asked:
        return None
    before = max((one.days for one in ladder if 0 <= one.days < rung.days), default=rung.days - AGAIN_DAYS_MIN)
    return max(asked) + timedelta(days=min(AGAIN_DAYS_MIN, rung.days - before))


def next_step_on(due_on: date, on: date, ladder: Sequence[Rung] = LADDER) -> date | None:
    """The day after `on` on which the next step is reached; None when the last one has been."""
    coming = [rung.days for rung in ladder if rung.days > (on - due_on).days]
    return due_on + timedelta(days=coming[0]) if coming else None
