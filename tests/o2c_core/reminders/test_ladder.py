"""Which rung an invoice has earned."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.reminders.ladder import LADDER, Rung, Used, may_follow_on, newest_reached, next_step_on, rung_for

DUE = date(2026, 3, 2)
NAMES = [rung.name for rung in LADDER]
DAYS = {rung.name: rung.days for rung in LADDER}


def used_at(*names: str) -> dict[str, Used]:
    """Those steps, each used on its day; "other:12" is a step of another ladder that stood at day 12."""
    steps = {}
    for name in names:
        said, _, days = name.partition(":")
        after = int(days) if days else DAYS[said]
        steps[said] = Used(DUE + timedelta(days=after), after)
    return steps


@pytest.mark.parametrize("line", [
    "day  -4  used -                        earns nothing",
    "day  -3  used -                        earns courtesy",
    "day  -1  used -                        earns courtesy",
    "day  -1  used courtesy                 earns nothing",
    "day   0  used courtesy                 earns due",
    "day   0  used -                        earns due",
    "day   1  used courtesy                 earns due",
    "day   1  used due                      earns nothing",
    "day   6  used courtesy,due             earns nothing",
    "day   7  used courtesy,due             earns first",
    "day  13  used -                        earns first",
    "day  14  used -                        earns second",
    "day  14  used due                      earns second",
    "day  14  used due,second               earns nothing",
    "day  29  used second                   earns nothing",
    "day  30  used second                   earns last",
    "day 400  used -                        earns last",
    "day  31  used last                     earns nothing",
    "day 400  used courtesy,due,last        earns nothing",
    "day   8  used second                   earns nothing",
    # A ladder that was changed since: what stood no lower than this step is not followed by it.
    "day  20  used old:10                  earns second",
    "day  20  used old:14                  earns nothing",
    "day  20  used old:21                  earns nothing",
    "day  30  used old:21                  earns last",
])  # fmt: skip
def test_the_newest_step_reached_is_earned_once_and_the_ladder_is_never_climbed_down(line: str) -> None:
    found = re.fullmatch(r"day +(\S+) +used +(\S+) +earns (.+)", line)
    assert found
    day, used, outcome = found.groups()
    rung = rung_for(DUE, DUE + timedelta(days=int(day)), used_at(*([] if used == "-" else used.split(","))))
    assert (rung.name if rung else "nothing") == outcome


@given(st.lists(st.integers(-10, 60), max_size=40))
def test_no_rung_is_used_twice_whatever_the_run_days_are(run_days: list[int]) -> None:
    used: list[str] = []
    for day in run_days:
        rung = rung_for(DUE, DUE + timedelta(days=day), used_at(*used))
        if rung is not None:
            assert rung.days <= day
            used.append(rung.name)
    assert len(used) == len(set(used))
    assert [NAMES.index(name) for name in used] == sorted(NAMES.index(name) for name in used)


@given(st.integers(-10, 60))
def test_the_next_step_is_the_first_day_on_which_something_else_is_reached(day: int) -> None:
    on = DUE + timedelta(days=day)
    coming = next_step_on(DUE, on)
    if coming is None:
        assert newest_reached(DUE, on) == LADDER[-1]
    else:
        assert newest_reached(DUE, coming - timedelta(days=1)) == newest_reached(DUE, on)
        assert newest_reached(DUE, coming) != newest_reached(DUE, on)


def test_the_due_date_and_the_courtesy_are_not_called_late() -> None:
    assert [rung.name for rung in LADDER if not rung.says_late] == ["courtesy", "due"]


TIGHT = tuple(Rung(f"tight {days}", days) for days in (0, 2, 4, 6))


@pytest.mark.parametrize(("rung", "used", "ladder", "day"), [
    # A step that was renamed, or a customer moved to another ladder, the day after one.
    ("first", "old:0@6", LADDER, 11),
    ("second", "old:10@13", LADDER, 18),
    # The step before was late: runs were missed, or a hold ended.
    ("first", "due:0@6", LADDER, 11),
    ("second", "first:7@13", LADDER, 18),
    ("first", "due:0@2", LADDER, 7),
    # A courtesy asked for nothing and keeps nothing back.
    ("due", "courtesy:-3@-1", LADDER, None),
    # A ladder whose own steps stand closer may be quicker, and never quicker than they stand.
    ("tight 4", "tight 2:2@3", TIGHT, 5),
    ("tight 4", "first:7@3", TIGHT, 5),
    ("tight 0", "old:0@-1", TIGHT, 4),
])  # fmt: skip
def test_the_same_invoice_is_left_in_peace_for_a_while_whatever_the_step_before_was_called(
    rung: str, used: str, ladder: tuple[Rung, ...], day: int | None
) -> None:
    name, stands, on = re.fullmatch(r"([\w ]+):(-?\d+)@(-?\d+)", used).groups()  # type: ignore[union-attr]
    before = {name: Used(DUE + timedelta(days=int(on)), int(stands))}
    step = next(one for one in ladder if one.name == rung)
    assert may_follow_on(step, before, ladder) == (None if day is None else DUE + timedelta(days=day))
