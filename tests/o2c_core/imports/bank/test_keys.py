"""Statements overlap; a movement has one key wherever it is repeated."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.imports.bank.statement import Statement, Transaction, completed
from tests.o2c_core.imports.bank.files import MONDAY, OURS, THEIRS, Booked, Part, camt, from_camt, keys

# Few values, so that transactions often look alike.
_transactions = st.builds(
    Transaction,
    amount_minor=st.sampled_from([100, 200]),
    currency=st.just("EUR"),
    direction=st.sampled_from(["in", "out"]),
    is_reversal=st.booleans(),
    booked_on=st.integers(0, 4).map(lambda days: MONDAY + timedelta(days=days)),
    value_on=st.just(MONDAY),
    payer_account=st.sampled_from([None, THEIRS]),
    text=st.sampled_from(["", "Factuur 42"]),
    end_to_end=st.sampled_from([None, "E1"]),
    is_part=st.booleans(),
)


def a_statement(transactions: list[Transaction], number: str = "1") -> Statement:
    moved = sum(transaction.signed_minor for transaction in transactions)
    whole = Statement("test", OURS, "EUR", number, MONDAY, MONDAY, 0, moved, tuple(transactions))
    return completed(whole, "test.xml")


@given(st.lists(_transactions, max_size=12), st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=6))
def test_any_overlapping_statements_of_whole_days_give_the_keys_of_the_whole(
    transactions: list[Transaction], windows: list[tuple[int, int]]
) -> None:
    booked = sorted(transactions, key=lambda transaction: transaction.booked_on)
    spans = [(min(window), max(window)) for window in windows] + [(0, 1), (2, 4)]
    statements = [
        a_statement([
            transaction
            for transaction in booked
            if MONDAY + timedelta(days=first) <= transaction.booked_on <= MONDAY + timedelta(days=last)
        ])
        for first, last in spans
    ]  # fmt: skip
    whole = keys([a_statement(booked)])
    assert set(keys(statements)) == set(whole)
    assert len(set(whole)) == len(booked)


@given(st.lists(_transactions, max_size=12), st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=6))
def test_with_the_banks_reference_a_statement_may_begin_and_end_anywhere(
    transactions: list[Transaction], cuts: list[tuple[int, int]]
) -> None:
    booked = [replace(each, bank_reference=f"B{number}") for number, each in enumerate(transactions)]
    pieces = [booked[min(cut) : max(cut)] for cut in cuts] + [booked[:5], booked[5:]]
    assert set(keys([a_statement(piece) for piece in pieces])) == set(keys([a_statement(booked)]))


@given(st.lists(_transactions, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_the_order_in_a_statement_changes_no_key(transactions: list[Transaction], chance: object) -> None:
    shuffled = list(transactions)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert set(keys([a_statement(shuffled)])) == set(keys([a_statement(transactions)]))


ONE = Booked(1_000, bank_reference="B1", parts=(Part(text="Factuur 42"),))
NAMELESS = replace(ONE, bank_reference=None)
BATCH = Booked(1_000, bank_reference="B1", parts=(Part(400, text="a"), Part(600, text="b")))


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (ONE, ONE, True),
        (ONE, replace(ONE, parts=(Part(text="FACTUUR  42", name="B. Jansen"),)), True),
        (ONE, replace(ONE, value_on=date(2026, 3, 20)), True),
        (ONE, replace(ONE, bank_reference="B2"), False),
        (ONE, replace(ONE, on=date(2026, 3, 17)), False),
        (ONE, replace(ONE, minor=1_001), False),
        (ONE, replace(ONE, minor=-1_000), False),
        (NAMELESS, NAMELESS, True),
        (NAMELESS, replace(NAMELESS, bank_reference="NONREF"), True),
        (NAMELESS, replace(NAMELESS, numbered="000007"), True),
        (NAMELESS, replace(NAMELESS, numbered="2026031600000007"), False),
        (NAMELESS, replace(NAMELESS, parts=(Part(text="Fac-\ntuur 42"),)), True),
        (NAMELESS, replace(NAMELESS, parts=(Part(text="Factuur 43"),)), False),
        (NAMELESS, replace(NAMELESS, parts=(Part(text="Factuur 42", account=OURS),)), False),
        (BATCH, replace(BATCH, parts=BATCH.parts[::-1]), True),
        (BATCH, replace(BATCH, parts=(Part(400, text="a"), Part(600, text="c"))), False),
    ],
)
def test_what_makes_two_entries_the_same(one: Booked, other: Booked, is_same: bool) -> None:
    first = from_camt(camt(one, version="02", number="1"))
    second = from_camt(camt(Booked(555, parts=(Part(text="before"),)), other, version="08", number="2"))
    assert (set(keys([first])) <= set(keys([second]))) is is_same


@pytest.mark.parametrize("entry", [
    NAMELESS,
    ONE,
    replace(BATCH, parts=(Part(500, text="a"), Part(500, text="a"))),
    replace(BATCH, parts=(Part(500, end_to_end="E1"), Part(500, end_to_end="E1"))),
])  # fmt: skip
def test_two_that_are_truly_equal_in_one_statement_are_two(entry: Booked) -> None:
    statement = from_camt(camt(entry, entry))
    assert len(set(keys([statement]))) == len(statement.transactions) > 1
