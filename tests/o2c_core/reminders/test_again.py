"""How soon the same invoice is reminded of again: never from one day to the next, whatever becomes of its ladder."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.reminders.claim import Claim, about_claims
from o2c_core.reminders.ladder import AGAIN_DAYS_MIN, STANDARD, Ladder, Rung, Used
from o2c_core.reminders.may_contact import No, NotNow, Reason, Yes
from tests.o2c_core.reminders.personal import INVOICE

DUE = date(2026, 3, 2)
RENAMED = Ladder("standard", tuple(replace(rung, name=f"{rung.name} anew") for rung in STANDARD.rungs), 2)
SHIFTED = Ladder("shifted", tuple(replace(rung, name=f"s{rung.days}", days=rung.days + 1) for rung in STANDARD.rungs))
CLAIM = Claim(INVOICE, "INV-1", DUE, 12_000, 12_000)


def answer(on: date, ladder: Ladder, used: dict[str, Used], **fields: object) -> Yes | NotNow | No:
    (found,) = about_claims([replace(CLAIM, ladder=ladder, used=used, **fields)], "EUR", on)  # type: ignore[arg-type]
    return found


def on_day(days: int) -> date:
    return DUE + timedelta(days=days)


@pytest.mark.parametrize(("ladder", "day", "used", "outcome"), [
    # On the ladder it was always on.
    (STANDARD, 7, {"due": 0}, "first"),
    (STANDARD, 14, {"due": 0, "first": 7}, "second"),
    # Renamed since: the stage that was reached counts, and not its name.
    (RENAMED, 8, {"first": 7}, "already_reminded until 14"),
    (RENAMED, 14, {"first": 7}, "second anew"),
    # On a ladder a day later in all its steps.
    (SHIFTED, 8, {"first": 7}, "spacing until 12"),
    (SHIFTED, 12, {"first": 7}, "s7"),
    # The step before came late: told to the day on which it may.
    (STANDARD, 6, {"due": 6}, "already_reminded until 11"),
    (STANDARD, 7, {"due": 6}, "spacing until 11"),
    (STANDARD, 11, {"due": 6}, "first"),
])  # fmt: skip
def test_what_was_said_counts_by_its_day(ladder: Ladder, day: int, used: dict[str, int], outcome: str) -> None:
    days = {rung.name: rung.days for rung in STANDARD.rungs}
    found = answer(on_day(day), ladder, {name: Used(on_day(at), days[name]) for name, at in used.items()})
    if isinstance(found, Yes):
        assert found.rung.name == outcome
    else:
        assert isinstance(found, NotNow)
        assert found.until is not None
        assert f"{found.reason.value} until {(found.until - DUE).days}" == outcome


def test_a_word_that_did_not_hold_since_is_news_and_is_not_waited_for() -> None:
    used = {"first": Used(on_day(9), 7)}
    assert isinstance(answer(on_day(12), STANDARD, used, broken_on=on_day(12)), Yes)
    assert isinstance(answer(on_day(14), STANDARD, {"first": Used(on_day(12), 7)}, broken_on=on_day(13)), Yes)
    quiet = answer(on_day(14), STANDARD, {"first": Used(on_day(12), 7)}, broken_on=on_day(11))
    assert isinstance(quiet, NotNow)
    assert quiet.reason is Reason.SPACING


RUNGS = st.lists(st.integers(-10, 60), min_size=1, max_size=8, unique=True).map(sorted)
LADDERS = st.lists(RUNGS, min_size=1, max_size=4)


@given(LADDERS, st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=75, max_size=75))
def test_however_ladders_change_and_runs_are_missed_there_is_peace_between_two_reminders_of_an_invoice(
    days: list[list[int]], runs: list[tuple[int, bool]]
) -> None:
    ladders = [
        Ladder(f"l{at}", tuple(Rung(f"{at}.{n}", day, says_late=day > 0) for n, day in enumerate(steps)))
        for at, steps in enumerate(days)
    ]
    used: dict[str, Used] = {}
    asked: list[tuple[date, int]] = []
    for at, (which, is_missed) in enumerate(runs):
        on, ladder = on_day(at - 12), ladders[which % len(ladders)]
        found = None if is_missed else answer(on, ladder, used)
        if not isinstance(found, Yes):
            continue
        assert found.rung.name not in used
        used[found.rung.name] = Used(on, found.rung.days)
        if found.rung.days >= 0:
            before = [rung.days for rung in ladder.rungs if 0 <= rung.days < found.rung.days]
            own = found.rung.days - before[-1] if before else AGAIN_DAYS_MIN
            asked.append((on, min(AGAIN_DAYS_MIN, own)))
    assert [step.days for step in used.values()] == sorted({step.days for step in used.values()})
    for (first, _), (second, gap) in pairwise(asked):
        assert (second - first).days >= gap
