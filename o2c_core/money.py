"""Money: whole minor units of one ISO 4217 currency, never a float and never mixed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from babel import Locale
from babel.numbers import NumberFormatError, NumberPattern, parse_decimal, parse_pattern
from iso4217 import Currency

from o2c_core.errors import Refused


class UnknownCurrency(Refused):
    """That is not a currency code of ISO 4217."""


class CurrenciesDiffer(Refused):
    """Amounts in different currencies cannot be added, subtracted or compared."""


class NotAnAmount(Refused):
    """That is not an amount of money."""


class AmountTooLarge(Refused):
    """An amount of more than fifteen figures is not believed."""


# Below this in the smallest unit, a thousand amounts still add up within what the database counts in eight bytes.
MINOR_MAX = 10**15


@lru_cache
def exponent(currency: str) -> int:
    """How many decimal places the currency has: EUR 2, JPY 0, KWD 3.

    Raises: UnknownCurrency, also for codes without a minor unit such as gold.
    Source: ISO 4217 list one. CLDR's digits (which Babel shows by default) differ for some currencies, IQD for one.
    """
    try:
        places = Currency(currency).exponent
    except ValueError as unknown:
        raise UnknownCurrency(currency=currency) from unknown
    if places is None:
        raise UnknownCurrency(currency=currency)
    return int(places)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount; `minor` counts the smallest unit (cents, yen, fils) and may be negative."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        exponent(self.currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def of(cls, major: Decimal | int | str, currency: str) -> Money:
        """The amount given in major units, exactly.

        Raises: NotAnAmount when it has more decimals than the currency.
        """
        try:
            scaled = Decimal(major).scaleb(exponent(currency))
        except InvalidOperation as odd:
            raise NotAnAmount(text=str(major)) from odd
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise NotAnAmount(text=str(major), currency=currency)
        return cls(int(scaled), currency)

    @classmethod
    def rounded(cls, major: Decimal, currency: str) -> Money:
        """The amount given in major units, rounded half away from zero to the currency's smallest unit.

        Raises: NotAnAmount; AmountTooLarge, since a price times a quantity may be larger than either looks.
        """
        if not major.is_finite():
            raise NotAnAmount(text=str(major))
        if abs(major.scaleb(exponent(currency))) > MINOR_MAX:
            raise AmountTooLarge(text=str(major), currency=currency)
        return cls(int(major.scaleb(exponent(currency)).quantize(Decimal(1), ROUND_HALF_UP)), currency)

    @property
    def major(self) -> Decimal:
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    @property
    def is_zero(self) -> bool:
        return self.minor == 0

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrenciesDiffer(one=self.currency, other=other.currency)

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __gt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor > other.minor

    def __ge__(self, other: Money) -> bool:
        self._same(other)
        return self.minor >= other.minor

    def __str__(self) -> str:
        return f"{self.major} {self.currency}"


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum in `currency`; zero when there is nothing.

    Raises: CurrenciesDiffer.
    """
    result = Money.zero(currency)
    for amount in amounts:
        result += amount
    return result


@lru_cache(maxsize=512)
def _pattern(locale: str, currency: str) -> tuple[NumberPattern, Locale]:
    language = Locale.parse(locale)
    pattern = parse_pattern(language.currency_formats["standard"].pattern)
    pattern.frac_prec = (exponent(currency), exponent(currency))
    return pattern, language


def show(amount: Money, locale: str) -> str:
    """The amount as a reader in that locale writes it: nl_NL "€ 1.240,50", en_GB "£1,240.50", de_DE "1.240,50 €".

    The number of decimals is the currency's own by ISO 4217. Spaces are the no-break ones CLDR prescribes.
    """
    around = _around(locale, amount.currency)
    if around is None or amount.minor < 0:
        return _shown(amount, locale)
    return around.written(amount.minor)


def _shown(amount: Money, locale: str) -> str:
    pattern, language = _pattern(locale, amount.currency)
    return str(pattern.apply(amount.major, language, currency=amount.currency, currency_digits=False))


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around the figures of an amount in a locale that groups them by three."""

    before: str
    group: str
    point: str
    places: int
    after: str

    def written(self, minor: int) -> str:
        major, rest = divmod(minor, 10**self.places)
        part = f"{self.point}{rest:0{self.places}}" if self.places else ""
        return f"{self.before}{f'{major:,}'.replace(',', self.group)}{part}{self.after}"


# Of every length a number is grouped differently for, and none of them is its own neighbour with another digit.
_SAMPLES = (0, 1, 12, 123, 1_234, 12_345, 123_456, 1_234_567, 12_345_678, 123_456_789, 12_345_678_901)


@lru_cache(maxsize=512)
def _around(locale: str, currency: str) -> _Around | None:
    """Read off a written amount, and only used where it writes every sample as CLDR does: thousands of amounts of one
    locale are written in the time that one takes by its pattern. None where figures are grouped another way."""
    places = exponent(currency)
    minor = 1_234_567 * 10**places + (89 if places else 0)
    found = re.fullmatch(
        r"(\D*)1(?P<group>\D*)234(?P=group)567(?:(\D+)0*89)?(\D*)", _shown(Money(minor, currency), locale)
    )
    if found is None:
        return None
    around = _Around(found[1], found["group"], found[3] or "", places, found[4])
    same = all(around.written(minor) == _shown(Money(minor, currency), locale) for minor in _SAMPLES)
    return around if same else None


def show_plain(amount: Money, locale: str) -> str:
    """The amount for a text message: code first and no symbol outside the GSM alphabet, "EUR 1.240,50"."""
    pattern, language = _pattern(locale, amount.currency)
    number = parse_pattern(language.decimal_formats[None].pattern)
    number.frac_prec = pattern.frac_prec
    return f"{amount.currency} {number.apply(amount.major, language)}".replace("\u202f", " ").replace("\xa0", " ")


_MARKS = re.compile(r"[€£$¥\s\u00a0\u202f]|\b[A-Z]{3}\b")


def parse(text: str, currency: str, locale: str) -> Money:
    """The amount somebody wrote in that locale, with or without symbol or code: "€ 1.240,50" is 124050 cents in nl.

    Raises: NotAnAmount for anything else, also when the separators are those of another locale or the currency
    has fewer decimals.
    """
    bare = _MARKS.sub("", text)
    if not bare or not re.fullmatch(r"[-+]?[\d.,'’]*\d", bare):
        raise NotAnAmount(text=text)
    try:
        value = parse_decimal(bare, locale=locale, strict=True)
    except NumberFormatError as odd:
        raise NotAnAmount(text=text, locale=locale) from odd
    return Money.of(value, currency)
