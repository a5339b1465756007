"""The tax of an invoice: per category and rate, never per line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from o2c_core.errors import Refused
from o2c_core.money import CurrenciesDiffer, Money

RATED = "S"
# UNCL5305 as EN 16931 uses it: standard, zero rated, exempt, reverse charge, intra-Community supply, export, not
# subject to VAT. All but the first bear no tax.
CATEGORIES = (RATED, "Z", "E", "AE", "K", "G", "O")
# What a buyer reads about why there is no tax; zero rated gives no reason. Source: EN 16931 BR-E-10, BR-AE-10, BR-IC-10,
# BR-G-10, BR-O-10 and the names of the code list VATEX.
EXEMPTION_REASONS = {
    "E": "Exempt from tax",
    "AE": "Reverse charge",
    "K": "Intra-Community supply",
    "G": "Export outside the EU",
    "O": "Not subject to VAT",
}
RATE_MAX = Decimal(100)


class TaxUnknown(Refused):
    """Without the tax category and rate of every line there is no saying what the tax is."""


class NoSuchTaxCategory(Refused):
    """That is not a tax category: S, Z, E, AE, K, G, O."""


class TaxRateWrong(Refused):
    """The standard category S has a rate above zero and at most 100; every other category has none."""


class TaxMixed(Refused):
    """What is not subject to VAT (category O) cannot stand on one invoice with what is."""


@dataclass(frozen=True)
class Taxed:
    """A net amount and what is taxed on it; `rate` is in percent."""

    category: str
    rate: Decimal
    net: Money


class TaxPart(NamedTuple):
    """The tax of one category and rate, with the sum it is taken of."""

    category: str
    rate: Decimal
    base_minor: int
    tax_minor: int


def check_tax(category: str | None, rate: Decimal | None) -> tuple[str, Decimal]:
    """The category and rate, where a category without tax needs no rate to be said.

    Raises: TaxUnknown; NoSuchTaxCategory; TaxRateWrong. Source: EN 16931 BR-S-05, BR-Z-05, BR-E-05, BR-AE-05, BR-IC-05,
    BR-G-05, BR-O-05.
    """
    if category is None:
        raise TaxUnknown
    if category not in CATEGORIES:
        raise NoSuchTaxCategory(f"'{category}' is not a tax category: {', '.join(CATEGORIES)}.", category=category)
    if category == RATED:
        if rate is None:
            raise TaxUnknown
        if not (rate.is_finite() and 0 < rate <= RATE_MAX and rate == round(rate, 2)):
            raise TaxRateWrong(category=category, rate=str(rate))
        return category, rate
    if rate:
        raise TaxRateWrong(category=category, rate=str(rate))
    return category, Decimal(0)


def tax_per_category(lines: Iterable[Taxed], currency: str) -> list[TaxPart]:
    """The tax of each category and rate among the lines, rounded once, half up; by category, highest rate first.

    Raises: as check_tax; TaxMixed; CurrenciesDiffer. Source: EN 16931 BR-CO-17 and BR-S-08: the sum of a category's
    lines times its rate, rounded to the currency's smallest unit; BR-O-11: O stands alone.
    """
    bases: dict[tuple[str, Decimal], int] = {}
    for line in lines:
        if line.net.currency != currency:
            raise CurrenciesDiffer(one=line.net.currency, other=currency)
        key = check_tax(line.category, line.rate)
        bases[key] = bases.get(key, 0) + line.net.minor
    if len(bases) > 1 and any(category == "O" for category, _ in bases):
        raise TaxMixed
    in_order = sorted(bases.items(), key=lambda base: (CATEGORIES.index(base[0][0]), -base[0][1]))
    return [TaxPart(category, rate, base, _tax(base, rate)) for (category, rate), base in in_order]


def _tax(base_minor: int, rate: Decimal) -> int:
    return int((base_minor * rate / 100).quantize(Decimal(1), ROUND_HALF_UP))
