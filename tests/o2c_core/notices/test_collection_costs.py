"""What is asked beside interest: the scale of collection costs, fixed sums, and VAT only where it cannot be reclaimed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.money import Money
from o2c_core.notices.costs import TooManySmallClaims, check_small_claims, collection_costs, fixed_sum, vat_on
from o2c_core.notices.interest import OtherMoney
from o2c_core.notices.tables import NotInTheTables

ON = date(2026, 3, 16)


def scale(minor: int, kind: str = "consumer") -> Money:
    return collection_costs(Money(minor, "EUR"), country="NL", kind=kind, on=ON)


@pytest.mark.parametrize("line", [
    "125        40", "266.67     40", "1000       150", "2500       375", "5000       625", "10000      875",
    "23000      1005", "200000     2775", "1000000    6775", "1000000.01 6775", "99999999   6775",
    "0.01       40", "266.66     40", "266.70     40.01", "2500.10    375.01", "10000.50   875.01",
])  # fmt: skip
@pytest.mark.parametrize("kind", ["consumer", "business"])
def test_the_dutch_scale_of_collection_costs(line: str, kind: str) -> None:
    principal, costs = line.split()
    assert scale(Money.of(principal, "EUR").minor, kind) == Money.of(costs, "EUR")


def test_nothing_owed_costs_nothing() -> None:
    assert scale(0).is_zero
    assert scale(-100).is_zero


def test_the_scale_counts_what_is_asked_together_and_not_invoice_by_invoice() -> None:
    assert scale(40_000) == Money(6_000, "EUR")
    assert scale(20_000) + scale(20_000) == Money(8_000, "EUR")


@pytest.mark.parametrize("country", ["DE", "FR", "GB", "EU", "US"])
def test_other_countries_have_no_scale(country: str) -> None:
    with pytest.raises(NotInTheTables, match="no scale of collection costs"):
        collection_costs(Money(100_00, "EUR"), country=country, kind="business", on=ON)


@pytest.mark.parametrize("line", [
    # United Kingdom: by the size of each debt.
    "GB GBP 999.99              40",
    "GB GBP 1000                70",
    "GB GBP 9999.99             70",
    "GB GBP 10000               100",
    "GB GBP 0.01                40",
    "GB GBP 999.99,1000,10000   210",
    # The directive, Germany, France: forty euros for each late invoice; the Netherlands once for all.
    "EU EUR 10,20,30            120",
    "DE EUR 10,20               80",
    "FR EUR 99999               40",
    "NL EUR 10,20,30            40",
    "EU EUR 0                   0",
])  # fmt: skip
def test_fixed_sums(line: str) -> None:
    country, currency, debts, expected = line.split()
    amounts = [Money.of(debt, currency) for debt in debts.split(",")]
    assert fixed_sum(amounts, currency, country=country, kind="business", on=ON) == Money.of(expected, currency)


@pytest.mark.parametrize("country", ["NL", "DE", "FR", "GB", "EU"])
def test_consumers_never_owe_a_fixed_sum(country: str) -> None:
    with pytest.raises(NotInTheTables, match="no fixed sum for late payment for a consumer"):
        fixed_sum([Money(100_00, "EUR")], "EUR", country=country, kind="consumer", on=ON)


def test_sums_in_another_currency_are_not_converted() -> None:
    with pytest.raises(OtherMoney):
        fixed_sum([Money(100_00, "USD")], "USD", country="NL", kind="business", on=ON)
    with pytest.raises(OtherMoney):
        collection_costs(Money(100_00, "USD"), country="NL", kind="business", on=ON)


@pytest.mark.parametrize(
    ("costs", "percent", "may_reclaim", "vat"),
    [(150_00, "21", True, 0), (150_00, "21", False, 31_50), (40_00, "21", False, 8_40), (4001, "21", False, 840), (40_00, "0", False, 0)],
)  # fmt: skip
def test_vat_is_on_the_costs_only_where_the_seller_cannot_reclaim_it(
    costs: int, percent: str, may_reclaim: bool, vat: int
) -> None:
    assert vat_on(Money(costs, "EUR"), Decimal(percent), may_reclaim=may_reclaim) == Money(vat, "EUR")


@given(st.integers(1, 10**11), st.integers(0, 10**11))
def test_the_scale_never_falls_and_stays_within_its_bounds(minor: int, more: int) -> None:
    less, greater = scale(minor), scale(minor + more)
    assert less <= greater
    assert Money(40_00, "EUR") <= less <= Money(6_775_00, "EUR")


@given(st.integers(26_667, 10**9))
def test_above_the_minimum_the_costs_are_never_more_than_fifteen_percent(minor: int) -> None:
    assert scale(minor).minor * 100 <= 15 * minor + 50


@pytest.mark.parametrize("line", [
    # earlier small claims (days ago, principal, costs)         this one   may it
    "-                                                          200        yes",
    "10/200/40 20/200/40                                        200        yes",
    "10/200/40 20/200/40 30/200/40                              200        no",
    # Half a year ago, and claims that were not small, do not count.
    "10/200/40 20/200/40 185/200/40                             200        yes",
    "10/200/40 20/200/40 30/266.67/40                           200        yes",
    # A claim that is not small itself is not capped.
    "10/200/40 20/200/40 30/200/40                              266.67     yes",
])  # fmt: skip
def test_the_costs_over_small_claims_of_a_consumer_are_capped_together(line: str) -> None:
    *earlier, principal, may = line.split()
    before = []
    for one in earlier:
        if one != "-":
            days, claim, costs = one.split("/")
            before.append((ON - timedelta(days=int(days)), Money.of(claim, "EUR"), Money.of(costs, "EUR")))

    def check(kind: str) -> None:
        check_small_claims(Money.of(40, "EUR"), Money.of(principal, "EUR"), before, country="NL", kind=kind, on=ON)

    check("business")
    if may == "yes":
        check("consumer")
    else:
        with pytest.raises(TooManySmallClaims):
            check("consumer")
