"""Figures as a document's reader writes them: money, prices, quantities, rates and days, all in one locale."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import NumberPattern, format_decimal, parse_pattern

from o2c_core import days, money
from o2c_core.money import Money

# Prices may be finer than the currency's smallest unit: screws cost tenths of a cent.
PRICE_DECIMALS_MAX = 6


@dataclass(frozen=True)
class Figures:
    """Writes for one reader."""

    locale: str

    def money(self, amount: Money) -> str:
        """The amount, with a true minus sign, which is as wide as a figure."""
        return _spaced(money.show(amount, self.locale)).replace("-", "−")

    def price(self, major: Decimal, currency: str) -> str:
        """A price in major units with the decimals of its currency, and more where it is finer."""
        pattern, language = _price_pattern(self.locale, currency)
        return _spaced(str(pattern.apply(major, language, currency=currency, currency_digits=False))).replace("-", "−")

    def quantity(self, number: Decimal) -> str:
        return str(format_decimal(number, format=_quantity_pattern(self.locale), locale=self.locale))

    def rate(self, percent: Decimal) -> str:
        """A rate given in percent: 21 is "21 %" or "21%", as the locale has it."""
        language = Locale.parse(self.locale)
        pattern = parse_pattern(language.percent_formats[None].pattern)
        pattern.frac_prec = (0, 2)
        return str(pattern.apply(percent / 100, language))

    def day(self, day: date) -> str:
        return days.show(day, self.locale)

    def short_day(self, day: date) -> str:
        return days.show_short(day, self.locale)

    def country(self, code: str) -> str:
        """The country's name in the reader's language; the code itself when nobody knows it."""
        return str(Locale.parse(self.locale).territories.get(code.upper(), code))


def _spaced(amount: str) -> str:
    """A code that stands for a missing symbol keeps off the figure: KWD 1.500. Source: CLDR, currencySpacing."""
    return re.sub(r"(?<=[A-Z])(?=[-\d])", "\u00a0", amount)


@lru_cache(maxsize=512)
def _price_pattern(locale: str, currency: str) -> tuple[NumberPattern, Locale]:
    language = Locale.parse(locale)
    pattern = parse_pattern(language.currency_formats["standard"].pattern)
    pattern.frac_prec = (money.exponent(currency), max(PRICE_DECIMALS_MAX, money.exponent(currency)))
    return pattern, language


@lru_cache(maxsize=64)
def _quantity_pattern(locale: str) -> NumberPattern:
    pattern = parse_pattern(Locale.parse(locale).decimal_formats[None].pattern)
    pattern.frac_prec = (0, 3)
    return pattern
