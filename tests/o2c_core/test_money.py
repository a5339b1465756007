"""Money is exact, keeps its currency, and is written the way its reader writes it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core import money
from o2c_core.errors import Refused
from o2c_core.money import (
    MINOR_MAX,
    AmountTooLarge,
    CurrenciesDiffer,
    Money,
    NotAnAmount,
    UnknownCurrency,
    exponent,
    parse,
    show,
    show_plain,
    total,
)

EUR = "EUR"
minors = st.integers(-(10**15), 10**15)
currencies = st.sampled_from(["EUR", "GBP", "USD", "JPY", "KWD", "IQD", "CLP"])


@pytest.mark.parametrize(
    ("currency", "places"), [("EUR", 2), ("GBP", 2), ("JPY", 0), ("KWD", 3), ("IQD", 3), ("CLP", 0), ("CLF", 4)]
)
def test_a_currency_has_the_decimal_places_of_iso_4217(currency: str, places: int) -> None:
    assert exponent(currency) == places


@pytest.mark.parametrize("code", ["XXQ", "", "eur0", "XAU", "XXX"])
def test_what_is_no_currency_with_a_minor_unit_is_refused(code: str) -> None:
    with pytest.raises(UnknownCurrency):
        Money(1, code)


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "written"),
    [
        (124050, "EUR", "nl_NL", "€ 1.240,50"),
        (124050, "EUR", "de_DE", "1.240,50 €"),
        (124050, "EUR", "fr_FR", "1 240,50 €"),
        (124050, "GBP", "en_GB", "£1,240.50"),
        (-4500, "EUR", "nl_NL", "€ -45,00"),
        (1240, "JPY", "en_GB", "JP¥1,240"),
        (1240500, "KWD", "en_GB", "KWD1,240.500"),
        (1500, "IQD", "en_GB", "IQD1.500"),
        (5, "EUR", "nl_NL", "€ 0,05"),
    ],
)
def test_an_amount_is_written_the_way_its_reader_writes_it(
    minor: int, currency: str, locale: str, written: str
) -> None:
    shown = show(Money(minor, currency), locale)
    assert shown.replace("\xa0", " ").replace("\u202f", " ") == written


def test_a_text_message_gets_a_code_and_no_symbol_outside_gsm() -> None:
    assert show_plain(Money(12000, EUR), "nl_NL") == "EUR 120,00"
    assert show_plain(Money(1240500, "KWD"), "fr_FR") == "KWD 1 240,500"


@pytest.mark.parametrize(
    ("text", "currency", "locale", "minor"),
    [
        ("€ 1.240,50", "EUR", "nl", 124050),
        ("1.240,50 €", "EUR", "de", 124050),
        ("1 240,50 €", "EUR", "fr", 124050),
        ("£1,240.50", "GBP", "en_GB", 124050),
        ("EUR 45", "EUR", "nl", 4500),
        ("-12,5", "EUR", "nl", -1250),
        ("1.240", "EUR", "nl", 124000),
        ("1,240", "JPY", "en", 1240),
        ("1.234", "KWD", "en", 1234),
    ],
)
def test_an_amount_is_read_the_way_its_writer_writes_it(text: str, currency: str, locale: str, minor: int) -> None:
    assert parse(text, currency, locale) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "locale"),
    [
        ("12.50", "JPY", "en"),
        ("1,2345", "EUR", "nl"),
        ("12.50", "EUR", "nl"),
        ("twelve", "EUR", "en"),
        ("", "EUR", "en"),
        ("1e5", "EUR", "en"),
        ("nan", "EUR", "en"),
        ("1.2.3,4,5", "EUR", "nl"),
    ],
)
def test_what_is_not_an_amount_there_is_refused(text: str, currency: str, locale: str) -> None:
    with pytest.raises(NotAnAmount):
        parse(text, currency, locale)


@given(minors, currencies)
def test_what_is_shown_can_be_read_back(minor: int, currency: str) -> None:
    for locale in ("nl_NL", "en_GB", "de_DE", "fr_FR"):
        written = show_plain(Money(minor, currency), locale)
        assert parse(written, currency, locale) == Money(minor, currency)


@pytest.mark.parametrize(
    "locale", ["nl_NL", "nl_BE", "en_GB", "en_IN", "de_DE", "de_CH", "fr_FR", "fr_CH", "es_ES", "ja_JP"]
)
@given(minor=minors, currency=currencies)
def test_an_amount_is_shown_as_its_locales_pattern_says(locale: str, minor: int, currency: str) -> None:
    pattern, language = money._pattern(locale, currency)
    amount = Money(minor, currency)
    by_pattern = pattern.apply(amount.major, language, currency=currency, currency_digits=False)
    assert show(amount, locale) == by_pattern


@given(minors, minors, currencies, currencies)
def test_currencies_never_mix(a: int, b: int, one: str, other: str) -> None:
    left, right = Money(a, one), Money(b, other)
    if one == other:
        assert (left + right) - right == left
        assert (left < right) == (a < b)
    else:
        for mix in (lambda: left + right, lambda: left - right, lambda: left < right, lambda: left >= right):
            with pytest.raises(CurrenciesDiffer):
                mix()


@given(st.lists(minors, max_size=20))
def test_a_sum_is_the_sum(parts: list[int]) -> None:
    assert total((Money(part, EUR) for part in parts), EUR) == Money(sum(parts), EUR)


@pytest.mark.parametrize(
    ("major", "minor"), [("0.005", 1), ("-0.005", -1), ("0.0049", 0), ("2.675", 268), ("1e3", 100000)]
)
def test_rounding_is_half_away_from_zero(major: str, minor: int) -> None:
    assert Money.rounded(Decimal(major), EUR).minor == minor


@pytest.mark.parametrize("major", ["10000000000000.01", "-10000000000000.01", "999999999989000000001"])
def test_a_price_times_a_quantity_that_no_ledger_holds_is_refused(major: str) -> None:
    assert Money.rounded(Decimal("10000000000000"), EUR).minor == MINOR_MAX
    with pytest.raises(AmountTooLarge):
        Money.rounded(Decimal(major), EUR)


@pytest.mark.parametrize("major", ["0.005", "NaN", "Infinity", "abc", ""])
def test_an_exact_amount_is_exact_or_refused(major: str) -> None:
    with pytest.raises(Refused):
        Money.of(major, EUR)
