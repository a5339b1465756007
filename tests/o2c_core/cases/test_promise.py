"""When a promise is kept or broken, on which days one may be made, and what it covers."""

import re
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.cases.promise import (
    MOVES,
    Awaited,
    Covered,
    Promise,
    PromisedInThePast,
    PromisedTooFar,
    PromisedTooOften,
    check_day,
    cover,
    is_undone,
    promise_state,
)
from o2c_core.errors import Refused

FRIDAY = date(2026, 3, 20)
TODAY = date(2026, 3, 16)
ONE, TWO, THREE = (UUID(int=n) for n in (1, 2, 3))


def a_promise(state: str = "open", minor: int = 5_000, grace: int = 2) -> Promise:
    return Promise(amount_minor=minor, currency="EUR", promised_on=FRIDAY, grace_days=grace, state=state)


@pytest.mark.parametrize("line", [
    "day -1  paid     0  left 5000  open",
    "day  0  paid     0  left 5000  open",
    "day  2  paid  4999  left    1  open",
    "day  3  paid  4999  left    1  broken",
    "day  3  paid     0  left 5000  broken",
    "day  3  paid  5000  left    0  kept",
    # Money that is there may still be taken back: kept is said when the last day is over.
    "day -9  paid  5000  left 2000  open",
    "day  2  paid  5000  left    0  open",
    "day  3  paid  5000  left 2000  kept",
    "day 30  paid  6000  left    0  kept",
    # A credit note took the rest away: nobody broke their word.
    "day  3  paid  1000  left    0  kept",
    "day  2  paid     0  left    0  open",
    # What was paid in and taken back again does not count.
    "day  3  paid -1000  left 5000  broken",
])  # fmt: skip
def test_a_promise_breaks_the_day_after_its_grace(line: str) -> None:
    found = re.fullmatch(r"day +(\S+) +paid +(\S+) +left +(\S+) +(.+)", line)
    assert found
    day, paid, left, outcome = found.groups()
    assert promise_state(a_promise(), int(paid), FRIDAY + timedelta(days=int(day)), left_minor=int(left)) == outcome


@pytest.mark.parametrize("state", ["kept", "broken", "replaced"])
@given(st.integers(-9_000, 9_000), st.integers(-30, 30))
def test_what_is_settled_stays_as_it_is(state: str, paid: int, days: int) -> None:
    assert promise_state(a_promise(state), paid, FRIDAY + timedelta(days=days)) == state


STEPS = st.lists(st.tuples(st.integers(-6, 6), st.integers(-6_000, 6_000)), max_size=8)


@given(STEPS, st.integers(1, 9_000), st.integers(0, 3))
def test_only_money_that_stayed_until_the_last_day_keeps_it(
    steps: list[tuple[int, int]], minor: int, grace: int
) -> None:
    """Money comes and is taken back on days around the promised one; every day is looked at, as the sweep does."""
    promise = a_promise(minor=minor, grace=grace)
    seen = ["open"]
    for offset in range(-7, 9):
        day = FRIDAY + timedelta(days=offset)
        came = sum(amount for on, amount in steps if on <= offset)
        promise.state = promise_state(promise, came, day, left_minor=max(0, minor - came))
        seen.append(promise.state)
    there = sum(amount for on, amount in steps if on <= grace + 1)
    assert promise.state == ("kept" if there >= minor else "broken")
    assert seen.count("open") == 1 + 7 + grace + 1  # it is settled on the day after the last, and never again
    assert all(to == now or to in MOVES[now] for now, to in pairwise(seen))


@pytest.mark.parametrize(("state", "paid", "left", "undone"), [
    ("kept", 4_999, 1, True), ("kept", 5_000, 0, False), ("kept", 0, 0, False), ("broken", 0, 5_000, False),
    ("open", 0, 5_000, False),
])  # fmt: skip
def test_a_kept_promise_whose_money_was_taken_back_is_undone_and_stays_kept(
    state: str, paid: int, left: int, undone: bool
) -> None:
    promise = a_promise(state)
    assert is_undone(promise, paid, left) is undone
    promise.undone_on = TODAY
    assert not is_undone(promise, paid, left)  # said once


@pytest.mark.parametrize(("promised_on", "due_on", "again", "odd"), [
    (TODAY, TODAY, 0, None),
    (TODAY - timedelta(days=1), TODAY, 0, PromisedInThePast),
    # Fourteen days from today for what is late, from the due day for what is not.
    (TODAY + timedelta(days=14), TODAY - timedelta(days=30), 0, None),
    (TODAY + timedelta(days=15), TODAY - timedelta(days=30), 0, PromisedTooFar),
    (TODAY + timedelta(days=24), TODAY + timedelta(days=10), 0, None),
    (TODAY + timedelta(days=25), TODAY + timedelta(days=10), 0, PromisedTooFar),
    (TODAY, TODAY, 1, None),
    (TODAY, TODAY, 2, PromisedTooOften),
])  # fmt: skip
def test_a_promise_is_for_a_day_within_what_may_be_agreed(
    promised_on: date, due_on: date, again: int, odd: type[Refused] | None
) -> None:
    def check() -> None:
        check_day(promised_on, earliest=TODAY, today=TODAY, due_on=due_on, days_max=14, again=again, again_max=1)

    if odd is None:
        return check()
    with pytest.raises(odd):
        check()
    return None


def awaited(minor: int, on: int = 0, *ids: UUID) -> Awaited:
    day = FRIDAY + timedelta(days=on)
    return Awaited(minor, day, day + timedelta(days=2), frozenset(ids))


@pytest.mark.parametrize(("promises", "free", "covered"), [
    ([awaited(100)], [(ONE, 60), (TWO, 60)], {ONE: 60, TWO: 40}),
    ([awaited(100, 0, TWO)], [(ONE, 60), (TWO, 60)], {TWO: 60}),
    ([awaited(50, 0, TWO, THREE)], [(ONE, 60), (TWO, 0), (THREE, 60)], {THREE: 50}),
    ([awaited(30, 7), awaited(40, 0)], [(ONE, 60)], {ONE: 60}),
    ([awaited(0), awaited(-5)], [(ONE, 60)], {}),
    ([], [(ONE, 60)], {}),
])  # fmt: skip
def test_a_promise_covers_the_oldest_of_its_invoices_first(
    promises: list[Awaited], free: list[tuple[UUID, int]], covered: dict[UUID, int]
) -> None:
    assert {key: part.minor for key, part in cover(promises, free).items()} == covered


def test_an_invoice_two_promises_cover_is_looked_at_again_when_the_first_is_over() -> None:
    both = cover([awaited(30, 7), awaited(20, 0)], [(ONE, 60)])
    assert both == {ONE: Covered(50, FRIDAY, FRIDAY + timedelta(days=2))}


IDS = [UUID(int=n) for n in range(1, 6)]
promises = st.builds(
    Awaited,
    left_minor=st.integers(-100, 10_000),
    promised_on=st.dates(FRIDAY, FRIDAY + timedelta(days=9)),
    until_on=st.just(FRIDAY + timedelta(days=11)),
    invoice_ids=st.frozensets(st.sampled_from(IDS), max_size=3),
)


@given(st.lists(promises, max_size=4), st.lists(st.integers(0, 5_000), min_size=5, max_size=5))
def test_never_more_is_covered_than_was_promised_or_is_open(of_customer: list[Awaited], open_: list[int]) -> None:
    free = list(zip(IDS, open_, strict=True))
    covered = cover(of_customer, free)
    for invoice_id, minor in free:
        assert 0 <= (covered[invoice_id].minor if invoice_id in covered else 0) <= minor
    promised = sum(max(0, promise.left_minor) for promise in of_customer)
    assert sum(part.minor for part in covered.values()) <= promised
    named = {key for promise in of_customer for key in promise.invoice_ids or IDS}
    assert set(covered) <= named
