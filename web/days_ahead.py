"""The coming days of reminders as a page: a calendar, then each day; the same on screen, in print and as one file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from o2c_core.money import Money
from o2c_core.reminders.ahead import Ahead
from o2c_core.reminders.ahead_day import AheadDay, Going, sums
from o2c_core.reminders.answer import Reason
from o2c_core.reminders.ladders.summary import when
from web.reader import Reader
from web.rendering import STATIC, written

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LEVELS = 4
# So many of a day stand on the page, those with the most at stake first.
ROWS_MAX = 40
# What a list of several reasons calls each, where its word alone says too little; the whole sentence is one click away.
_IN_SHORT = {
    Reason.ON_PLAN: "on a payment plan", Reason.BOUNCED: "address does not work", Reason.SPACING: "reminded a short while ago",
    Reason.HABIT: "usually pay a few days late", Reason.IN_FLIGHT: "say they have paid", Reason.OUR_DELAY: "we delivered late",
    Reason.DOCUMENT_PROBLEM: "something is missing on our side", Reason.HELD_OUT: "left out by lot",
    Reason.NOT_YET: "too early", Reason.AWAY: "away", Reason.OPTED_OUT: "asked not to be written to",
    Reason.UNANSWERED: "wait for our answer", Reason.OFTEN_ENOUGH: "reminded often enough this week",
    Reason.CONVERSATION_LIVE: "in conversation with a person", Reason.TALKING: "in conversation",
    Reason.LADDER_DONE: "past the last step", Reason.UNREADABLE: "could not be worked out",
}  # fmt: skip


def in_short(reason: Reason) -> str:
    """The reason in a few words, for a list of several."""
    return _IN_SHORT.get(reason) or str(reason.value).replace("_", " ")


@dataclass(frozen=True)
class Cell:
    """One day of the calendar; None stands for a day that is not looked at. `level` from 0 to 4 is how much goes out."""

    on: date
    day: AheadDay | None
    level: int


@dataclass(frozen=True)
class Step:
    """How much goes out at one step in all those days."""

    title: str
    count: int
    totals: list[Money]


def weeks(found: Ahead) -> list[list[Cell]]:
    """The days as weeks from Monday on, filled up at both ends."""
    if not found.days:
        return []
    most = max((len(day.going) for day in found.days), default=0)
    by_day = {day.on: day for day in found.days}
    first = found.days[0].on - timedelta(days=found.days[0].on.weekday())
    last = found.days[-1].on + timedelta(days=6 - found.days[-1].on.weekday())
    cells = [
        Cell(on, day := by_day.get(on), -(-len(day.going) * _LEVELS // most) if day and most else 0)
        for on in (first + timedelta(days=after) for after in range((last - first).days + 1))
    ]
    return [cells[at : at + 7] for at in range(0, len(cells), 7)]


def steps(found: Ahead) -> list[Step]:
    by_days: dict[int, list[Going]] = {}
    for one in found.going:
        by_days.setdefault(one.days, []).append(one)
    return [Step(when(days), len(all_), sums(one.asked for one in all_)) for days, all_ in sorted(by_days.items())]


def held_over(found: Ahead) -> list[tuple[Reason, int]]:
    """How many customers are held at some time in those days, by reason."""
    people: dict[Reason, set[str]] = {}
    for day in found.days:
        for one in day.held:
            people.setdefault(one.reason, set()).add(one.customer)
    return sorted(((reason, len(refs)) for reason, refs in people.items()), key=lambda one: (-one[1], one[0].value))


def as_file(found: Ahead, reader: Reader) -> str:
    """The page as one file that needs nothing else: its styles stand in it, and it has no script."""
    styles = "\n".join((STATIC / name).read_text(encoding="utf-8") for name in ("parley.css", "reminders.css"))
    # Our own style sheets, which hold nothing of anybody else's.
    return written("ahead_file.html", styles=Markup(styles), **about(found, reader, has_links=False))  # noqa: S704


def about(found: Ahead, reader: Reader, *, has_links: bool) -> dict[str, object]:
    """What the page says."""
    return {
        "seller": found.seller,
        "reader": reader,
        "found": found,
        "weeks": weeks(found),
        "weekdays": WEEKDAYS,
        "steps": steps(found),
        "held_over": held_over(found),
        "totals": sums(one.asked for one in found.going),
        "first": found.first,
        "last": found.days[-1].on if found.days else None,
        "when": when,
        "in_short": in_short,
        "has_links": has_links,
        # The file holds everything, and is what the page points to for the rest.
        "rows_max": ROWS_MAX if has_links else None,
    }
