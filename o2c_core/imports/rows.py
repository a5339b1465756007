"""The reading of rows: what every kind of record shares on its way from cells to the staging tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, Protocol

from o2c_core.customers.seller import Seller
from o2c_core.customers.terms import DAYS_MAX, PaymentTerms, TermsUnclear, parse_terms
from o2c_core.imports.binding import Binding, Get
from o2c_core.imports.cells import CellRefused, key, tidy
from o2c_core.imports.dates import Days
from o2c_core.imports.numbers import Numbers
from o2c_core.imports.profile import Profile
from o2c_core.imports.report import ImportReport
from o2c_core.imports.staging import Staging
from o2c_core.money import UnknownCurrency, exponent


class RowReader(Protocol):
    """Takes the rows of one record, one after the other, to the staging tables; refuses what it cannot read."""

    def take(self, line: int, row: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True)
class Reading:
    """What reading a file needs to know and to have at hand."""

    seller: Seller
    profile: Profile
    numbers: Numbers
    days: Days
    staging: Staging
    report: ImportReport


class Cells:
    """The cells of a row by field, converted. The report keeps which column was looked at last, for a refusal's reason."""

    def __init__(self, binding: Binding, reading: Reading) -> None:
        self._labels = {name: binding.label(name) for name in binding.fields}
        found = {name: binding.getter(name) for name in binding.fields}
        self._get: dict[str, Get] = {name: get for name, get in found.items() if get is not None}
        self._reading = reading
        self._report = reading.report

    def raw(self, name: str, row: Mapping[str, Any]) -> Any:
        get = self._get.get(name)
        if get is None:
            return None
        self._report.column = self._labels[name]
        raw = get(row)
        return None if raw == "" else raw

    def has(self, name: str) -> bool:
        return name in self._get

    def label(self, name: str) -> str:
        return self._labels.get(name, name)

    def key(self, name: str, row: Mapping[str, Any]) -> str | None:
        raw = self.raw(name, row)
        return None if raw is None else key(raw, self._report)

    def needed_key(self, name: str, row: Mapping[str, Any]) -> str:
        found = self.key(name, row)
        if found is None:
            self._report.column = self.label(name)
            raise CellRefused("is empty")
        return found

    def text(self, name: str, row: Mapping[str, Any]) -> str | None:
        raw = self.raw(name, row)
        return None if raw is None else tidy(raw, self._report)

    def day(self, name: str, row: Mapping[str, Any]) -> date | None:
        raw = self.raw(name, row)
        return None if raw is None or (type(raw) is str and not raw.strip()) else self._reading.days.read(raw)

    def needed_day(self, name: str, row: Mapping[str, Any]) -> date:
        found = self.day(name, row)
        if found is None:
            self._report.column = self.label(name)
            raise CellRefused("is empty")
        return found

    def number(self, name: str, row: Mapping[str, Any], currency: str | None = None) -> Decimal | None:
        raw = self.raw(name, row)
        if raw is None or (type(raw) is str and not raw.strip()):
            return None
        return self._reading.numbers.read(raw, currency)

    def minor(self, name: str, row: Mapping[str, Any], currency: str) -> int | None:
        """An amount in the currency's smallest unit. Raises: CellRefused when it has more decimals than the currency."""
        value = self.number(name, row, currency)
        return None if value is None else exact_minor(value, currency)

    def currency(self, row: Mapping[str, Any]) -> str:
        """The row's currency, else the profile's, else the seller's."""
        said = self.text("currency", row)
        if said is None:
            return str(self._reading.profile.defaults.get("currency") or self._reading.seller.currency)
        code = said.upper()
        check_currency(code)
        return code

    def terms(self, row: Mapping[str, Any]) -> PaymentTerms | None:
        """Payment terms: 30, "30 days", "30 dagen netto", and all that `parse_terms` knows, such as "2/10 net 30"."""
        said = self.text("terms_days", row)
        return None if said is None else _terms(said)


@lru_cache(maxsize=1_024)
def _terms(said: str) -> PaymentTerms:
    try:
        return parse_terms(said)
    except TermsUnclear:
        digits = [word for word in "".join(c if c.isdigit() or c == "." else " " for c in said).split() if word != "."]
    if len(digits) != 1 or not digits[0].removesuffix(".0").isdecimal():
        raise CellRefused(f"'{said}' is not a number of days to pay")
    days = int(digits[0].removesuffix(".0"))
    if days > DAYS_MAX:
        raise CellRefused(f"'{said}' is more than a year to pay")
    return PaymentTerms(days)


def check_currency(code: str) -> None:
    """Raises: CellRefused."""
    try:
        exponent(code)
    except UnknownCurrency as unknown:
        raise CellRefused(f"'{code}' is not a currency code of ISO 4217") from unknown


def exact_minor(value: Decimal, currency: str) -> int:
    """The amount in the smallest unit. Raises: CellRefused when it has more decimals than the currency has."""
    scaled = value.scaleb(exponent(currency))
    whole = int(scaled)
    if whole != scaled:
        raise CellRefused(f"'{value}' has more decimals than {currency} has")
    return whole


def line_minor(quantity: Decimal, unit_price: Decimal, currency: str) -> int:
    """What a line comes to, rounded half away from zero to the smallest unit: the rule of Money.rounded."""
    return int((quantity * unit_price).scaleb(exponent(currency)).quantize(Decimal(1), ROUND_HALF_UP))


_HUGE = Decimal(10) ** 11


def exact_quantity(value: Decimal) -> Decimal:
    """Raises: CellRefused for more than three decimals, which the ledger does not keep, or too much."""
    if value.as_tuple().exponent < -3 and value != value.quantize(Decimal("0.001")):  # type: ignore[operator]
        raise CellRefused(f"'{value}' has more than three decimals")
    if abs(value) >= _HUGE:
        raise CellRefused(f"'{value}' is too large to be believed")
    return value


def exact_price(value: Decimal) -> Decimal:
    """Raises: CellRefused for more than six decimals, which the ledger does not keep, or too much."""
    if value.as_tuple().exponent < -6 and value != value.quantize(Decimal("0.000001")):  # type: ignore[operator]
        raise CellRefused(f"'{value}' has more than six decimals")
    if abs(value) >= _HUGE:
        raise CellRefused(f"'{value}' is too large to be believed")
    return value


def normal(value: Decimal) -> str:
    """The number written in one way only: 2.1 and 2.10 are the same."""
    return f"{value.normalize():f}"
