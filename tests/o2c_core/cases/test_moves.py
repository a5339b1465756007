"""Cases only ever move forwards, whatever is asked of them."""

import itertools
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.cases import complaint, dispute, hold, plan, promise
from o2c_core.cases.hold import Hold
from o2c_core.cases.moves import Moves, Settled, move

TABLES: dict[str, Moves] = {
    "dispute": dispute.MOVES,
    "complaint": complaint.MOVES,
    "promise": promise.MOVES,
    "plan": plan.MOVES,
    "hold": hold.MOVES,
}
STATES = {
    "dispute": {"open", "resolved"},
    "complaint": {"open", "resolved"},
    "promise": set(promise.STATES),
    "plan": set(plan.STATES),
    "hold": {"coming", "running", "ended"},
}
DAY = date(2026, 3, 16)


@dataclass
class Case:
    state: str


@pytest.mark.parametrize("name", TABLES)
def test_every_state_is_in_its_table(name: str) -> None:
    table = TABLES[name]
    assert set(table) == STATES[name]
    assert {to for moves in table.values() for to in moves} <= set(table)


@given(st.data(), st.sampled_from(sorted(TABLES)))
def test_no_case_ever_comes_back_to_a_state_it_has_left(data: st.DataObject, name: str) -> None:
    table = TABLES[name]
    case = Case(next(iter(table)))
    been = [case.state]
    for asked in data.draw(st.lists(st.sampled_from(sorted(table)), max_size=12)):
        allowed = asked in table[case.state]
        try:
            move(case, asked, table)
        except Settled:
            assert not allowed
            assert case.state == been[-1]
            continue
        assert allowed
        assert asked not in been
        been.append(asked)


@given(
    st.integers(0, 10),
    st.integers(0, 10),
    st.none() | st.integers(0, 21),
    st.lists(st.integers(-5, 30), min_size=2, max_size=10),
)
def test_a_hold_only_moves_forwards_as_the_days_go_by(
    start: int, length: int, ended: int | None, days: list[int]
) -> None:
    held = Hold(
        from_on=DAY + timedelta(days=start),
        until_on=DAY + timedelta(days=start + length),
        ended_on=None if ended is None else DAY + timedelta(days=start + min(ended, length + 1)),
    )
    stood = [held.stands(DAY + timedelta(days=day)) for day in sorted(days)]
    for before, after in itertools.pairwise(stood):
        assert after == before or after in hold.MOVES[before]
