"""Payment terms: when an invoice is due, in what parts, and what paying early takes off."""

from __future__ import annotations

import calendar
import itertools
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.customers.terms import DAYS_MAX, Part, PaymentTerms, TermsUnclear, parse_terms, rows_of, stored_parts


@st.composite
def parts(draw: st.DrawFn) -> tuple[Part, ...]:
    """Shares in hundredths of a percent that sum to 100, on days that follow each other."""
    cuts = sorted(draw(st.sets(st.integers(1, 9_999), min_size=1, max_size=5)))
    shares = [after - before for before, after in itertools.pairwise([0, *cuts, 10_000])]
    days = sorted(draw(st.sets(st.integers(0, DAYS_MAX), min_size=len(shares), max_size=len(shares))))
    return tuple(Part(Decimal(share) / 100, day) for share, day in zip(shares, days, strict=True))


@st.composite
def terms(draw: st.DrawFn) -> PaymentTerms:
    shared = draw(st.one_of(st.just(()), parts()))
    days = shared[-1].days if shared else draw(st.integers(0, DAYS_MAX))
    month_end = None if shared else draw(st.sampled_from([None, "after", "before"]))
    percent = within = None
    if draw(st.booleans()):
        percent = Decimal(draw(st.integers(1, 9_999))) / 100
        within = draw(st.integers(0, DAYS_MAX if month_end else days))
    return PaymentTerms(days, month_end, percent, within, shared)


DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))
AMOUNTS = st.integers(1, 10**12)


@given(terms())
def test_terms_read_back_as_they_are_written(said: PaymentTerms) -> None:
    assert parse_terms(str(said)) == said
    assert stored_parts(rows_of(said.parts)) == said.parts


@given(parts(), DAYS, AMOUNTS)
def test_instalments_sum_to_the_total_and_their_days_follow_each_other(
    shared: tuple[Part, ...], issued_on: date, total: int
) -> None:
    said = PaymentTerms(shared[-1].days, parts=shared)
    found = said.instalments(issued_on, total)
    assert sum(minor for _, minor in found) == total
    days = [due_on for due_on, _ in found]
    assert days == sorted(set(days))
    assert days[-1] == said.due_on(issued_on)
    assert all(minor >= 0 for _, minor in found)
    assert all(
        abs(minor - total * part.percent / 100) < len(found) for (_, minor), part in zip(found, shared, strict=True)
    )


@given(terms(), DAYS)
def test_nothing_is_due_before_it_is_issued_and_month_ends_are_month_ends(said: PaymentTerms, issued_on: date) -> None:
    due_on = said.due_on(issued_on)
    assert due_on >= issued_on
    if said.month_end == "after":
        assert due_on.day == calendar.monthrange(due_on.year, due_on.month)[1]
        assert due_on - issued_on < timedelta(days=said.days + 31)
    if said.month_end == "before":
        assert (due_on - timedelta(days=said.days)).month == issued_on.month


@given(terms(), AMOUNTS)
def test_a_discount_is_never_more_than_the_total(said: PaymentTerms, total: int) -> None:
    off = said.discount_minor(total)
    assert 0 <= off <= total
    assert (off == 0) or said.discount_percent is not None


@pytest.mark.parametrize(
    ("said", "issued_on", "due_on"),
    [
        ("net 30", date(2026, 1, 31), date(2026, 3, 2)),
        ("net 30 eom", date(2026, 1, 31), date(2026, 3, 31)),
        ("net 30 eom", date(2026, 1, 29), date(2026, 2, 28)),
        ("net 30 eom", date(2028, 1, 30), date(2028, 2, 29)),
        ("net 0 eom", date(2028, 2, 29), date(2028, 2, 29)),
        ("net 0 eom", date(2026, 2, 28), date(2026, 2, 28)),
        ("eom", date(2026, 2, 1), date(2026, 2, 28)),
        ("eom+30", date(2026, 1, 31), date(2026, 3, 2)),
        ("eom+30", date(2028, 1, 1), date(2028, 3, 1)),
        ("eom+15", date(2026, 12, 31), date(2027, 1, 15)),
        ("2/10 net 30", date(2026, 1, 5), date(2026, 2, 4)),
        ("30%@0 + 70%@60", date(2026, 1, 5), date(2026, 3, 6)),
        ("net 365", date(2027, 3, 1), date(2028, 2, 29)),
    ],
)
def test_the_last_day_to_pay(said: str, issued_on: date, due_on: date) -> None:
    assert parse_terms(said).due_on(issued_on) == due_on


@pytest.mark.parametrize(
    ("said", "total", "off"),
    [
        ("2/10 net 30", 10_000, 200),
        ("2/10 net 30", 25, 1),
        ("2/10 net 30", 24, 0),
        ("2.5/10 net 30", 1_234_567, 30_864),
        ("net 30", 10_000, 0),
    ],
)
def test_a_discount_is_rounded_half_up_to_the_smallest_unit(said: str, total: int, off: int) -> None:
    assert parse_terms(said).discount_minor(total) == off


@pytest.mark.parametrize(
    ("total", "expected"),
    [(100, [33, 33, 34]), (1, [0, 0, 1]), (1_234_567, [411_481, 411_481, 411_605]), (2, [0, 0, 2])],
)
def test_the_last_instalment_takes_what_rounding_leaves(total: int, expected: list[int]) -> None:
    said = parse_terms("33.33%@0 + 33.33%@30 + 33.34%@60")
    assert [minor for _, minor in said.instalments(date(2026, 1, 5), total)] == expected


@pytest.mark.parametrize(
    "said",
    ["", "soon", "net 400", "50%@0 + 40%@30", "50%@30 + 50%@0", "50%@30 + 50%@30", "100%@0 + 0%@30", "2/40 net 30",
     "0/10 net 30", "100/10 net 30", "net -3", "net 30 net 30"],
)  # fmt: skip
def test_unclear_terms_are_refused(said: str) -> None:
    with pytest.raises(TermsUnclear):
        parse_terms(said)
