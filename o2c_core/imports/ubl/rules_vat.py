"""What each VAT category asks of the lines, the breakdown and the parties.

Source: EN 16931-1 clause 6.4.4 (BR-S, BR-Z, BR-E, BR-AE, BR-IC, BR-G, BR-O, BR-AF, BR-AG); categories by UNCL 5305. The
taxable amount is compared exactly, as the standard says it: CEN's schematron lets BR-S-08 be off by a unit of the currency.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from o2c_core.imports.ubl.einvoice import ZERO, EInvoice, TaxRow
from o2c_core.imports.ubl.finding import Finding
from o2c_core.imports.ubl.rules_totals import total

_ANY_NUMBER = "a VAT number or tax registration of the seller (BT-31, BT-32)"
_VAT_NUMBER = "a VAT number of the seller (BT-31)"


@dataclass(frozen=True)
class Category:
    """One category: the name its rules have, and what they ask. `rate` is positive, zero, none or free."""

    rules: str
    name: str
    rate: str
    needs_reason: bool
    is_split_by_rate: bool = False
    seller: str = _ANY_NUMBER
    buyer: str = ""

    @property
    def is_taxed(self) -> bool:
        return self.rate in ("positive", "free")


CATEGORIES = {
    "S": Category("BR-S", "standard rate", "positive", needs_reason=False, is_split_by_rate=True),
    "Z": Category("BR-Z", "zero rate", "zero", needs_reason=False),
    "E": Category("BR-E", "exempt", "zero", needs_reason=True),
    "AE": Category("BR-AE", "reverse charge", "zero", needs_reason=True, buyer="a VAT number or registration"),
    "K": Category(
        "BR-IC", "intra-community supply", "zero", needs_reason=True, seller=_VAT_NUMBER, buyer="a VAT number"
    ),
    "G": Category("BR-G", "export outside the EU", "zero", needs_reason=True, seller=_VAT_NUMBER),
    "O": Category("BR-O", "not subject to VAT", "none", needs_reason=True, seller=""),
    "L": Category("BR-AF", "Canary Islands IGIC", "free", needs_reason=False, is_split_by_rate=True),
    "M": Category("BR-AG", "Ceuta and Melilla IPSI", "free", needs_reason=False, is_split_by_rate=True),
}


@dataclass(frozen=True)
class _Use:
    """Where a category is used: on a line (rules -02 and -05), in an allowance (-03, -06) or in a charge (-04, -07)."""

    category: str
    rate: Decimal | None
    amount: Decimal
    where: str
    place: int


def check_vat(einvoice: EInvoice) -> Iterator[Finding]:
    """What the categories used find wrong. Codes that are no category are left to the rules of code lists."""
    uses = list(_uses(einvoice))
    used = {use.category for use in uses} | {row.category for row in einvoice.taxes}
    for code, category in CATEGORIES.items():
        if code in used:
            mine = [use for use in uses if use.category == code]
            rows = [row for row in einvoice.taxes if row.category == code]
            for rule in (_breakdown, _bases, _rows):
                yield from rule(category, code, mine, rows)
            for use in mine:
                yield from _rate(category, use)
            yield from _parties(category, einvoice, mine)
    if "O" in used and len(used - {"O"}) > 0:
        yield Finding(
            "BR-O-11", f"what is not subject to VAT stands beside other categories: {', '.join(sorted(used))}"
        )
    if "K" in used:
        if not einvoice.is_delivery_dated:
            yield Finding("BR-IC-11", "an intra-community supply has no day of delivery or period (BT-72, BG-14)")
        if not einvoice.deliver_to_country:
            yield Finding("BR-IC-12", "an intra-community supply does not say which country it went to (BT-80)")


def _uses(e: EInvoice) -> Iterator[_Use]:
    for line in e.lines:
        yield _Use(line.category, line.rate, line.net or ZERO, f"line {line.id}", 0)
    for each in e.adjustments:
        place, noun = (2, "a charge") if each.is_charge else (1, "an allowance")
        yield _Use(each.category, each.rate, each.signed, f"{noun} of the document", place)


def _breakdown(category: Category, code: str, uses: list[_Use], rows: list[TaxRow]) -> Iterator[Finding]:
    """-01: what is used is in the breakdown; a category that is not split by rate is there once."""
    if uses and not rows:
        yield Finding(f"{category.rules}-01", f"category {code} ({category.name}) is used and not in the VAT breakdown")
    elif len(rows) > 1 and not category.is_split_by_rate:
        yield Finding(
            f"{category.rules}-01", f"category {code} ({category.name}) is in the VAT breakdown {len(rows)} times"
        )


def _bases(category: Category, code: str, uses: list[_Use], rows: list[TaxRow]) -> Iterator[Finding]:
    """-08: the taxable amount is the lines less allowances plus charges of that category, and of that rate where it is split."""
    rule = f"{category.rules}-08"
    if not category.is_split_by_rate:
        expected = total(use.amount for use in uses)
        yield from (
            Finding(rule, f"the taxable amount of category {code} is {row.base}, and what it covers comes to {expected}")
            for row in rows if row.base is not None and row.base != expected
        )  # fmt: skip
        return
    for rate in _rates(use.rate for use in uses) | _rates(row.rate for row in rows):
        expected = total(use.amount for use in uses if use.rate == rate)
        stated = [row.base for row in rows if row.rate == rate and row.base is not None]
        at = f"category {code} at {'no rate' if rate is None else f'{rate} %'}"
        if not stated and rows:
            yield Finding(rule, f"{at} comes to {expected} and is not in the VAT breakdown")
        elif len(stated) > 1:
            yield Finding(rule, f"{at} is in the VAT breakdown {len(stated)} times")
        elif stated and stated[0] != expected:
            yield Finding(rule, f"the taxable amount of {at} is {stated[0]}, and what it covers comes to {expected}")


def _rates(rates: Iterable[Decimal | None]) -> set[Decimal | None]:
    return set(rates)


def _rows(category: Category, code: str, uses: list[_Use], rows: list[TaxRow]) -> Iterator[Finding]:  # noqa: ARG001
    """-09: no tax where there is none; -10: why there is none, and no such reason where there is."""
    for row in rows:
        has_reason = bool(row.reason or row.reason_code)
        if not category.is_taxed and row.tax:
            yield Finding(
                f"{category.rules}-09", f"category {code} ({category.name}) has tax, {row.tax}, and may have none"
            )
        if category.needs_reason and not has_reason:
            yield Finding(
                f"{category.rules}-10", f"category {code} ({category.name}) gives no exemption reason (BT-120, BT-121)"
            )
        elif has_reason and not category.needs_reason:
            yield Finding(
                f"{category.rules}-10", f"category {code} ({category.name}) gives an exemption reason, and has none"
            )


_RATES: dict[str, tuple[str, Callable[[Decimal | None], bool]]] = {
    "positive": ("a rate above zero", lambda rate: rate is not None and rate > 0),
    "zero": ("a rate of 0", lambda rate: rate is not None and rate == 0),
    "none": ("no rate", lambda rate: rate is None),
    "free": ("a rate of 0 or above", lambda rate: rate is not None and rate >= 0),
}


def _rate(category: Category, use: _Use) -> Iterator[Finding]:
    """-05, -06, -07: the rate that lines, allowances and charges of the category have."""
    what, holds = _RATES[category.rate]
    if not holds(use.rate):
        said = "none" if use.rate is None else f"{use.rate} %"
        yield Finding(
            f"{category.rules}-{5 + use.place:02}",
            f"{use.where} has category {use.category} ({category.name}), which has {what}, and its rate is {said}",
        )


def _parties(category: Category, e: EInvoice, uses: list[_Use]) -> Iterator[Finding]:
    """-02, -03, -04: the numbers that seller and buyer need, or may not have, when the category is used there."""
    vat_number = e.supplier.vat_id or e.representative_vat_id
    missing = []
    if category.rate == "none":
        if vat_number or e.buyer.vat_id:
            missing.append("no VAT number of the seller or the buyer on it")
    elif not (vat_number or (category.seller == _ANY_NUMBER and e.supplier.tax_number)):
        missing.append(category.seller)
    by_registration = e.buyer.company_id is not None and "registration" in category.buyer
    if category.buyer and not (e.buyer.vat_id or by_registration):
        missing.append(f"{category.buyer} of the buyer (BT-48)")
    for place in sorted({use.place for use in uses}):
        yield from (
            Finding(f"{category.rules}-{2 + place:02}", f"what is of category {uses[0].category} needs {what}")
            for what in missing
        )
