"""Tax is taken of the sum of a category, once."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.errors import Refused
from o2c_core.invoices.tax import (
    CATEGORIES,
    NoSuchTaxCategory,
    Taxed,
    TaxMixed,
    TaxRateWrong,
    TaxUnknown,
    check_tax,
    tax_per_category,
)
from o2c_core.money import CurrenciesDiffer, Money

RATES = [Decimal("21"), Decimal("9"), Decimal("5.5"), Decimal("19"), Decimal("0.01"), Decimal("100.00")]
rated = st.tuples(st.just("S"), st.sampled_from(RATES))
untaxed = st.tuples(st.sampled_from(["Z", "E", "AE", "K", "G"]), st.just(Decimal(0)))
lines_of = st.lists(
    st.builds(
        lambda kind, minor: Taxed(kind[0], kind[1], Money(minor, "EUR")),
        rated | untaxed,
        st.integers(-(10**9), 10**12),
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("lines", "taxes"),
    [
        ([], []),
        # Per line each 0.12 at 21 % rounds up to 0.03, 0.09 in all; together 0.36 bears 0.08.
        (["S 21 12", "S 21 12", "S 21 12"], ["S 21 36 8"]),
        # Per line each 0.02 at 21 % rounds to nothing; together 0.10 bears 0.02.
        (["S 21 2", "S 21 2", "S 21 2", "S 21 2", "S 21 2"], ["S 21 10 2"]),
        # Half a cent goes up; on what is taken off it goes the same way, so that taking off all leaves nothing.
        (["S 5 10"], ["S 5 10 1"]),
        (["S 5 -10"], ["S 5 -10 -1"]),
        (["S 9 1000", "S 21 1000", "S 9 500"], ["S 21 1000 210", "S 9 1500 135"]),
        (["E 0 900", "Z 0 800", "S 21 100"], ["S 21 100 21", "Z 0 800 0", "E 0 900 0"]),
        (["AE 0 123456"], ["AE 0 123456 0"]),
        (["O 0 100", "O 0 200"], ["O 0 300 0"]),
        (["S 21.00 100", "S 21 100"], ["S 21 200 42"]),
    ],
)
def test_the_tax_of_a_category_is_rounded_once(lines: list[str], taxes: list[str]) -> None:
    split = [line.split() for line in lines]
    taxed = [Taxed(category, Decimal(rate), Money(int(minor), "EUR")) for category, rate, minor in split]
    said = [
        f"{category} {rate.normalize():f} {base} {tax}" for category, rate, base, tax in tax_per_category(taxed, "EUR")
    ]
    assert said == taxes


@pytest.mark.parametrize(
    ("category", "rate", "failure"),
    [
        (None, None, TaxUnknown), (None, "21", TaxUnknown), ("S", None, TaxUnknown),
        ("X", "21", NoSuchTaxCategory), ("s", "21", NoSuchTaxCategory), ("", "0", NoSuchTaxCategory),
        ("S", "0", TaxRateWrong), ("S", "-21", TaxRateWrong), ("S", "100.01", TaxRateWrong), ("S", "21.005", TaxRateWrong),
        ("S", "NaN", TaxRateWrong), ("S", "Infinity", TaxRateWrong),
        ("Z", "21", TaxRateWrong), ("AE", "0.01", TaxRateWrong), ("O", "21", TaxRateWrong),
    ],
)  # fmt: skip
def test_a_tax_that_cannot_be_is_refused(category: str | None, rate: str | None, failure: type[Refused]) -> None:
    with pytest.raises(failure):
        check_tax(category, None if rate is None else Decimal(rate))


@pytest.mark.parametrize("category", CATEGORIES[1:])
def test_a_category_without_tax_needs_no_rate(category: str) -> None:
    assert check_tax(category, None) == check_tax(category, Decimal("0.00")) == (category, Decimal(0))


@pytest.mark.parametrize("other", [("S", "21"), ("Z", "0"), ("AE", "0")])
def test_what_is_not_subject_to_tax_stands_alone(other: tuple[str, str]) -> None:
    lines = [
        Taxed("O", Decimal(0), Money(100, "EUR")),
        Taxed(other[0], Decimal(other[1]), Money(100, "EUR")),
    ]
    with pytest.raises(TaxMixed):
        tax_per_category(lines, "EUR")


def test_currencies_are_never_mixed() -> None:
    with pytest.raises(CurrenciesDiffer):
        tax_per_category([Taxed("S", Decimal(21), Money(100, "USD"))], "EUR")


@given(lines_of)
def test_the_bases_are_the_lines_and_every_category_comes_once(lines: list[Taxed]) -> None:
    parts = tax_per_category(lines, "EUR")
    assert sum(part.base_minor for part in parts) == sum(line.net.minor for line in lines)
    assert len({(part.category, part.rate) for part in parts}) == len(parts)
    assert {(part.category, part.rate) for part in parts} == {(line.category, line.rate) for line in lines}


@given(lines_of)
def test_no_category_is_more_than_half_a_cent_off_and_only_the_standard_one_bears_tax(lines: list[Taxed]) -> None:
    for part in tax_per_category(lines, "EUR"):
        exact = Fraction(part.base_minor) * Fraction(part.rate) / 100
        assert abs(part.tax_minor - exact) <= Fraction(1, 2)
        assert part.tax_minor == 0 or part.category == "S"


@given(lines_of, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_and_how_they_are_cut_do_not_matter(lines: list[Taxed], chance) -> None:  # type: ignore[no-untyped-def]
    cut: list[Taxed] = []
    for line in lines:
        piece = chance.randint(-500, 500)
        cut.append(Taxed(line.category, line.rate, Money(piece, "EUR")))
        cut.append(Taxed(line.category, line.rate, Money(line.net.minor - piece, "EUR")))
    chance.shuffle(cut)
    assert tax_per_category(cut, "EUR") == tax_per_category(lines, "EUR")


@given(lines_of)
def test_taking_back_everything_takes_back_all_tax(lines: list[Taxed]) -> None:
    back = [Taxed(line.category, line.rate, -line.net) for line in lines]
    taken = {(part.category, part.rate): part.tax_minor for part in tax_per_category(back, "EUR")}
    assert {key: -tax for key, tax in taken.items()} == {
        (part.category, part.rate): part.tax_minor for part in tax_per_category(lines, "EUR")
    }
