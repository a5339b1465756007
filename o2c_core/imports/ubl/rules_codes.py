"""Codes that must be in their list.

Source: EN 16931-1 clause 6.4.5 (BR-CL) and BR-CO-09; UNTDID 1001 for types of document, ISO 4217, ISO 3166-1, UNCL 4461 and
UNCL 5305. Units, identifier schemes and reasons are not checked: nothing in the ledger follows from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from babel import Locale

from o2c_core.imports.ubl.einvoice import EInvoice
from o2c_core.imports.ubl.finding import Finding
from o2c_core.imports.ubl.rules_vat import CATEGORIES
from o2c_core.money import UnknownCurrency, exponent

_INVOICE_TYPES = {
    str(code) for code in (
        71, 80, 81, 82, 84, 102, 130, 202, 203, 204, 211, 218, 219, 295, 325, 326, 331, 380, 382, 383, 384, 385, 386, 387, 388,
        389, 390, 393, 394, 395, 456, 457, 527, 553, 575, 623, 633, 751, 780, 817, 870, 875, 876, 877, 935,
    )
}  # fmt: skip
_CREDIT_NOTE_TYPES = {str(code) for code in (81, 83, 261, 262, 296, 308, 381, 396, 420, 458, 502, 503, 532)}
_PAYMENT_MEANS = re.compile(r"[1-9]\d?|ZZZ")
# Territories of CLDR that are no countries of ISO 3166-1, and the codes VAT numbers have beside it.
_NO_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"})
_CODES_BESIDE = frozenset({"1A", "XI"})
_VAT_PREFIXES_BESIDE = frozenset({"EL", "XI", "1A"})


@lru_cache
def countries() -> frozenset[str]:
    """The alpha-2 codes of ISO 3166-1, with 1A (Kosovo) and XI (Northern Ireland) as EN 16931 has them."""
    codes = {str(code) for code in Locale("en").territories}
    return frozenset({code for code in codes - _NO_COUNTRIES if len(code) == 2 and code.isalpha()} | _CODES_BESIDE)


def check_codes(einvoice: EInvoice) -> Iterator[Finding]:
    types = _CREDIT_NOTE_TYPES if einvoice.is_credit_note else _INVOICE_TYPES
    if einvoice.type_code and einvoice.type_code not in types:
        noun = "a credit note" if einvoice.is_credit_note else "an invoice"
        yield Finding("BR-CL-01", f"'{einvoice.type_code}' is not a type of {noun} (BT-3)")
    for rule, what, code in (("BR-CL-04", "BT-5", einvoice.currency), ("BR-CL-05", "BT-6", einvoice.tax_currency)):
        if code and not _is_currency(code):
            yield Finding(rule, f"'{code}' is not a currency of ISO 4217 ({what})")
    places = (
        ("the seller's country (BT-40)", einvoice.supplier.country),
        ("the buyer's country (BT-55)", einvoice.buyer.country),
        ("the country it went to (BT-80)", einvoice.deliver_to_country),
    )
    for what, code in places:
        if code and code not in countries():
            yield Finding("BR-CL-14", f"{what} is '{code}', which is not a code of ISO 3166-1")
    for means in einvoice.means:
        if means.code and not _PAYMENT_MEANS.fullmatch(means.code):
            yield Finding("BR-CL-16", f"'{means.code}' is not a means of payment of UNCL 4461 (BT-81)")
    breakdown = {row.category for row in einvoice.taxes} | {each.category for each in einvoice.adjustments}
    lines = {line.category for line in einvoice.lines}
    for rule, used in (("BR-CL-17", breakdown), ("BR-CL-18", lines)):
        yield from (
            Finding(rule, f"'{code}' is not a VAT category of UNCL 5305")
            for code in sorted(used - {""} - CATEGORIES.keys())
        )
    numbers = (
        ("the seller's", einvoice.supplier.vat_id),
        ("the tax representative's", einvoice.representative_vat_id),
        ("the buyer's", einvoice.buyer.vat_id),
    )
    for whose, number in numbers:
        if number and number[:2].upper() not in countries() | _VAT_PREFIXES_BESIDE:
            yield Finding("BR-CO-09", f"{whose} VAT number '{number}' does not begin with a country")


def _is_currency(code: str) -> bool:
    try:
        exponent(code)
    except UnknownCurrency:
        return False
    return True
