"""How much of an invoice was late on each day: by its parts, what was paid when, and what is left aside."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.invoices.invoice import Instalment, Invoice
from o2c_core.notices.late import parts_of, standings_of

DUE = date(2026, 1, 31)
ON = date(2026, 3, 16)


def day(number: int) -> date:
    """That many days after the due day."""
    return DUE + timedelta(days=number)


@pytest.mark.parametrize(
    ("moves", "aside", "expected"),
    [
        ([], 0, [(1, 1000)]),
        ([(10, 400)], 0, [(1, 1000), (10, 600)]),
        ([(10, 400), (12, 600)], 0, [(1, 1000), (10, 600), (12, 0)]),
        # Paid before it was late: it never was.
        ([(-5, 400)], 0, [(1, 600)]),
        ([(0, 1000)], 0, [(1, 0)]),
        ([(1, 1000)], 0, [(1, 0)]),
        # A payment the bank took back.
        ([(5, 1000), (9, -1000)], 0, [(1, 1000), (5, 0), (9, 1000)]),
        # What was credited has no day: it was never owed.
        ([(None, 300)], 0, [(1, 700)]),
        ([(10, 400)], 250, [(1, 750), (10, 350)]),
        ([(10, 900)], 250, [(1, 750), (10, 0)]),
        # After the day it is asked about nothing counts.
        ([(99, 400)], 0, [(1, 1000)]),
    ],
)
def test_what_was_late_on_which_day(
    moves: list[tuple[int | None, int]], aside: int, expected: list[tuple[int, int]]
) -> None:
    dated = [(None if at is None else day(at), minor) for at, minor in moves]
    standings = standings_of((0, DUE, 1000, 0), dated, aside, ON)
    assert [((one.from_on - DUE).days, one.minor) for one in standings] == expected


def test_money_fills_the_earlier_parts_first() -> None:
    moves = [(day(-30), 250)]
    assert standings_of((1, DUE, 200, 0), moves, 0, ON)[-1].minor == 0
    assert standings_of((2, DUE, 200, 200), moves, 0, ON)[-1].minor == 150
    assert standings_of((3, DUE, 200, 400), moves, 0, ON)[-1].minor == 200


def test_the_last_instalment_takes_what_the_total_leaves() -> None:
    invoice = Invoice(total_minor=1001, due_on=day(60), is_in_instalments=True)
    for position, minor in enumerate((333, 333, 333), 1):
        invoice.instalments.append(Instalment(position=position, due_on=day(position), amount_minor=minor))
    assert [(part[0], part[2], part[3]) for part in parts_of(invoice)] == [(1, 333, 0), (2, 333, 333), (3, 335, 666)]


@given(
    st.integers(1, 10**9),
    st.lists(st.tuples(st.one_of(st.none(), st.integers(-60, 44)), st.integers(1, 10**9)), max_size=6),
    st.integers(0, 10**9),
)
def test_never_more_was_late_than_the_part_and_never_less_than_nothing(
    amount: int, moves: list[tuple[int | None, int]], aside: int
) -> None:
    dated = [(None if at is None else day(at), minor) for at, minor in moves]
    standings = standings_of((0, DUE, amount, 0), dated, aside, ON)
    assert standings[0].from_on == day(1)
    assert all(0 <= one.minor <= amount for one in standings)
    assert all(first.from_on < second.from_on for first, second in pairwise(standings))
    # Without anything taken back it only falls, and ends at what is open less what is left aside.
    assert all(first.minor > second.minor for first, second in pairwise(standings))
    open_ = max(0, amount - sum(minor for _, minor in moves))
    assert standings[-1].minor == max(0, open_ - aside)
