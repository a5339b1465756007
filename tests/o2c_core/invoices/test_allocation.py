"""Money set against what is open, instalments filled in turn, and discounts for paying early."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from o2c_core.errors import Refused
from o2c_core.invoices.allocation import (
    InTheFuture,
    MoreThanIsLeft,
    MoreThanIsOpen,
    NotAboveZero,
    NothingLeft,
    NotTheirInvoice,
    OpenItem,
    OtherCurrency,
    Part,
    allocate_explicit,
    allocate_oldest_first,
    check_happened,
    check_left,
    discount_taken,
    instalments_open,
    newest_first,
    overdue_minor,
)
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from tests.build import DAY


def the_id(number: int) -> UUID:
    return UUID(int=number)


def an_item(number: int, open_minor: int, due_in: int = 0, currency: str = "EUR") -> OpenItem:
    return OpenItem(the_id(number), f"INV-{number}", DAY + timedelta(days=due_in), open_minor, currency)


def given(parts: list[Part]) -> dict[int, int]:
    return {part.invoice_id.int: part.minor for part in parts}


@pytest.mark.parametrize(
    ("items", "amount", "expected"),
    [
        ([(1, 100, 5), (2, 100, -5)], 150, {2: 100, 1: 50}),
        ([(1, 100, 5), (2, 100, -5)], 250, {2: 100, 1: 100}),
        ([(1, 100, 0), (2, 100, 0)], 50, {1: 50}),
        ([(1, 0, -9), (2, 100, 0)], 100, {2: 100}),
        ([(1, -20, -9), (2, 100, 0)], 100, {2: 100}),
        ([(1, 30, -30), (2, 50, 0), (1, 70, 30)], 60, {1: 30, 2: 30}),
        ([(1, 30, -30), (2, 50, 0), (1, 70, 30)], 100, {1: 50, 2: 50}),
        ([(1, 50, -30), (1, -10, 30)], 100, {1: 40}),
        ([], 100, {}),
        ([(1, 100, 0)], 0, {}),
    ],
)
def test_the_oldest_due_is_filled_first_and_what_is_too_much_stays_over(
    items: list[tuple[int, int, int]], amount: int, expected: dict[int, int]
) -> None:
    assert given(allocate_oldest_first([an_item(*item) for item in items], amount)) == expected


ITEMS = [an_item(1, 10_000), an_item(2, 5_000), an_item(2, 2_000, 30), an_item(3, 500, currency="JPY"), an_item(4, 0)]


@pytest.mark.parametrize(
    ("wanted", "amount", "refusal", "sentence"),
    [
        ({1: Money(10_001, "EUR")}, 20_000, MoreThanIsOpen, "100.01 EUR is more than is open on invoice INV-1, which is 100.00 EUR."),
        ({2: Money(7_001, "EUR")}, 20_000, MoreThanIsOpen, "70.01 EUR is more than is open on invoice INV-2, which is 70.00 EUR."),
        ({4: Money(1, "EUR")}, 20_000, MoreThanIsOpen, "0.01 EUR is more than is open on invoice INV-4, which is 0.00 EUR."),
        ({1: Money(9_000, "EUR"), 2: Money(7_000, "EUR")}, 15_000, MoreThanIsLeft, "160.00 EUR is more than is left of the money, which is 150.00 EUR."),
        ({3: Money(500, "JPY")}, 15_000, OtherCurrency, "500 JPY out of 150.00 EUR cannot be set against invoice INV-3, which is in JPY."),
        ({3: Money(500, "EUR")}, 15_000, OtherCurrency, "5.00 EUR out of 150.00 EUR cannot be set against invoice INV-3, which is in JPY."),
        ({1: Money(0, "EUR")}, 15_000, NotAboveZero, "An amount of money to be booked is more than zero."),
        ({1: Money(-5, "EUR")}, 15_000, NotAboveZero, "An amount of money to be booked is more than zero."),
        ({9: Money(5, "EUR")}, 15_000, NotTheirInvoice, "There is no such invoice on this customer's account."),
        ({1: Money(5, "EUR")}, 0, NothingLeft, "Nothing is left of it: all of it has been set against invoices or paid back."),
    ],
)  # fmt: skip
def test_what_cannot_be_done_exactly_as_asked_is_refused_in_a_sentence(
    wanted: dict[int, Money], amount: int, refusal: type[Refused], sentence: str
) -> None:
    with pytest.raises(refusal) as refused:
        allocate_explicit(ITEMS, {the_id(number): money for number, money in wanted.items()}, Money(amount, "EUR"))
    assert str(refused.value) == sentence


def test_exactly_what_was_asked_for_is_given() -> None:
    wanted = {the_id(2): Money(7_000, "EUR"), the_id(1): Money(1, "EUR")}
    assert given(allocate_explicit(ITEMS, wanted, Money(7_001, "EUR"))) == {2: 7_000, 1: 1}


@pytest.mark.parametrize(("currency", "minor"), [("JPY", 1_500), ("KWD", 1_234_567), ("EUR", 1)])
def test_every_currency_is_counted_in_its_own_smallest_unit(currency: str, minor: int) -> None:
    item = an_item(1, minor, currency=currency)
    assert given(allocate_explicit([item], {the_id(1): Money(minor, currency)}, Money(minor, currency))) == {1: minor}
    with pytest.raises(MoreThanIsOpen):
        allocate_explicit([item], {the_id(1): Money(minor + 1, currency)}, Money(minor + 1, currency))


@pytest.mark.parametrize(
    ("allocated", "expected"),
    [
        (0, [30, 30, 40]),
        (10, [20, 30, 40]),
        (30, [0, 30, 40]),
        (75, [0, 0, 25]),
        (100, [0, 0, 0]),
        (110, [0, 0, -10]),
        (-10, [40, 30, 40]),
    ],
)
def test_money_fills_the_earliest_instalment_first(allocated: int, expected: list[int]) -> None:
    parts = [(DAY, 30), (DAY + timedelta(days=30), 30), (DAY + timedelta(days=60), 40)]
    assert [left for _, left in instalments_open(parts, allocated)] == expected


@pytest.mark.parametrize(("on", "late"), [(-1, 0), (0, 0), (1, 30), (30, 30), (31, 60), (61, 100)])
def test_of_instalments_only_those_missed_are_overdue(on: int, late: int) -> None:
    parts = [(DAY, 30), (DAY + timedelta(days=30), 30), (DAY + timedelta(days=60), 40)]
    assert overdue_minor(parts, DAY + timedelta(days=on)) == late


@pytest.mark.parametrize(
    ("paid", "days", "taken"),
    [
        (9_800, 0, 200),
        (9_800, 10, 200),
        (9_800, 11, 0),
        (9_799, 10, 0),
        (9_900, 10, 100),
        (10_000, 10, 0),
        (10_100, 10, 0),
        (0, 10, 0),
    ],
)
def test_who_pays_all_but_the_discount_in_time_keeps_it(paid: int, days: int, taken: int) -> None:
    invoice = Invoice(total_minor=10_000, discount_minor=200, discount_until_on=DAY + timedelta(days=10))
    assert discount_taken(invoice, paid, DAY + timedelta(days=days)) == taken


def test_without_such_terms_paying_too_little_early_is_paying_too_little() -> None:
    assert discount_taken(Invoice(total_minor=100, discount_minor=0, discount_until_on=None), 98, DAY) == 0


@pytest.mark.parametrize(
    ("needed", "expected"),
    [
        (0, []),
        (10, [(3, 30, 20)]),
        (30, [(3, 30, 0)]),
        (50, [(3, 30, 0), (2, 50, 30)]),
        (200, [(3, 30, 0), (2, 50, 0), (1, 100, 0)]),
    ],
)
def test_what_was_set_last_is_taken_back_first(needed: int, expected: list[tuple[int, int, int]]) -> None:
    allocations = [(the_id(3), 30), (the_id(2), 50), (the_id(1), 100)]
    assert [(id_.int, minor, again) for id_, minor, again in newest_first(allocations, needed)] == expected


def test_tomorrow_cannot_be_booked() -> None:
    check_happened(DAY, DAY)
    with pytest.raises(InTheFuture) as refused:
        check_happened(date(2026, 3, 17), DAY)
    assert str(refused.value) == "2026-03-17 is in the future; today is 2026-03-16."


def test_money_of_another_currency_is_never_what_is_left() -> None:
    with pytest.raises(OtherCurrency):
        check_left(Money(1, "USD"), Money(100, "EUR"))
