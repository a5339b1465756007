"""The API's small rules: cursors, amounts, days, the rate, and what a request's fingerprint is."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from o2c_core.integrations.rate import Bucket
from o2c_core.money import Money, NotAnAmount
from web.api.paging import cursor_after, read_cursor
from web.api.problems import BadCursor
from web.api.shapes import AmountAsked, Day, Line, Moment, Price, Prose, Quantity, Ref, plain, shown


class Everything(BaseModel):
    ref: Ref = "C1"
    line: Line = "x"
    prose: Prose = "x"
    day: Day = date(2026, 3, 16)
    moment: Moment | None = None
    quantity: Quantity = Decimal(1)
    price: Price = Decimal(1)


@given(st.uuids())
def test_a_cursor_leads_back_to_its_row_and_is_fit_for_an_address(key: UUID) -> None:
    assert read_cursor(cursor_after(key)) == key
    assert re.fullmatch(r"[A-Za-z0-9_-]{23}", cursor_after(key))


@given(st.text())
def test_a_cursor_nobody_gave_out_is_refused(text: str) -> None:
    try:
        key = read_cursor(text)
    except BadCursor:
        return
    assert cursor_after(key) == text


@given(st.integers(1, 10**15), st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_an_amount_that_was_told_can_be_sent_back(minor: int, currency: str) -> None:
    told = shown(Money(minor, currency))
    assert AmountAsked(**told.model_dump()).money() == Money(minor, currency)
    assert Decimal(told.decimal) == Money(minor, currency).major


@pytest.mark.parametrize(
    ("decimal", "fits"), [("12.34", True), (None, True), ("12.340", False), ("1234", False), ("12,34", False)]
)
def test_a_decimal_that_says_something_else_is_refused(decimal: str | None, fits: bool) -> None:
    asked = AmountAsked(minor=1234, currency="EUR", decimal=decimal)
    if fits:
        assert asked.money() == Money(1234, "EUR")
    else:
        with pytest.raises(NotAnAmount):
            asked.money()


@pytest.mark.parametrize(("field", "value", "fits"), [
    ("ref", "C 1/é-田", True), ("ref", "a\x00", False), ("ref", "a\x7f", False), ("ref", "", False), ("ref", "x" * 101, False),
    ("ref", "a\ud83d", False), ("line", "a\tb", False), ("prose", "two\nlines\tand a tab", True), ("prose", "bell\x07", False),
    ("day", "2026-03-16", True), ("day", "2026-3-16", False), ("day", "2026-02-30", False), ("day", "0000-01-01", False),
    ("day", "9999-12-31", False), ("day", 1770000000, False), ("day", "2026-03-16T00:00:00", False), ("day", "२०२६-०३-१६", False),
    ("moment", "2026-03-16T11:00:00Z", True), ("moment", "2026-03-16T11:00:00", False), ("moment", 1770000000, False),
    ("moment", "9999-12-31T23:59:59-23:59", False), ("moment", "0001-01-01T00:00:00+23:59", False),
    ("quantity", "2.5", True), ("quantity", 3, True), ("quantity", "0", False), ("quantity", "-1", False), ("quantity", "0.0001", False),
    ("quantity", "NaN", False), ("quantity", "Infinity", False), ("quantity", "1e400", False), ("price", "-12.5", True),
    ("price", "1e12", False),
])  # fmt: skip
def test_what_fits_and_what_does_not(field: str, value: Any, fits: bool) -> None:
    if fits:
        Everything(**{field: value})
    else:
        with pytest.raises(ValidationError):
            Everything(**{field: value})


@pytest.mark.parametrize(
    ("number", "text"), [("2.000", "2"), ("2.500", "2.5"), ("100", "100"), ("1E+3", "1000"), ("0.000", "0")]
)
def test_a_number_is_told_without_trailing_zeros(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text


@given(st.lists(st.floats(0, 2), max_size=100))
def test_a_bucket_never_lets_more_through_than_its_rate_allows(pauses: list[float]) -> None:
    bucket, now, through = Bucket(5, 0.0), 0.0, 0
    for pause in pauses:
        now += pause
        through += bucket.take(now, 2, 5) == 0
    assert through <= 5 + 2 * now + 1e-6


def test_who_waits_as_long_as_told_is_let_through() -> None:
    bucket = Bucket(1, 0.0)
    assert bucket.take(0, 2, 1) == 0
    wait = bucket.take(0, 2, 1)
    assert wait > 0
    assert bucket.take(wait, 2, 1) == 0
