"""What a document must contain, and what may not stand without its companion.

Source: EN 16931-1 clause 6.4 (BR-01 to BR-65, BR-CO-03, -04, -09, -18, -21 to -26), as bound to UBL by CEN's schematron.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from o2c_core.imports.ubl.einvoice import Adjustment, EInvoice, Line, PaymentMeans, TaxRow
from o2c_core.imports.ubl.finding import Finding

CREDIT_TRANSFER = ("30", "58")

# Each row: the rule, what is wrong when it is broken, and the question that must be answered with yes.
_DOCUMENT: tuple[tuple[str, str, Callable[[EInvoice], object]], ...] = (
    # UBL that claims nothing is only asked for its facts; who names a process must say by which specification.
    ("BR-01", "it names a process but no specification (BT-24)", lambda e: e.is_plain or e.customization),
    ("BR-02", "it has no number (BT-1)", lambda e: e.number),
    ("BR-03", "it has no day of issue (BT-2)", lambda e: e.issued_on),
    ("BR-04", "it does not say what type of document it is (BT-3)", lambda e: e.type_code),
    ("BR-05", "it has no currency (BT-5)", lambda e: e.currency),
    ("BR-06", "the seller has no name (BT-27)", lambda e: e.supplier.called if e.is_plain else e.supplier.name),
    ("BR-07", "the buyer has no name (BT-44)", lambda e: e.buyer.called if e.is_plain else e.buyer.name),
    ("BR-08", "the seller has no postal address (BG-5)", lambda e: e.supplier.has_address),
    ("BR-09", "the seller's address has no country (BT-40)", lambda e: e.supplier.country),
    ("BR-10", "the buyer has no postal address (BG-8)", lambda e: e.buyer.has_address),
    ("BR-11", "the buyer's address has no country (BT-55)", lambda e: e.buyer.country),
    ("BR-12", "it has no sum of the lines' net amounts (BT-106)", lambda e: e.totals.lines is not None),
    ("BR-13", "it has no total without VAT (BT-109)", lambda e: e.totals.net is not None),
    ("BR-14", "it has no total with VAT (BT-112)", lambda e: e.totals.gross is not None),
    ("BR-15", "it has no amount due for payment (BT-115)", lambda e: e.totals.payable is not None),
    ("BR-16", "it has no lines (BG-25)", lambda e: e.lines),
    ("BR-53", "the VAT in the accounting currency is missing (BT-111)",
     lambda e: not e.tax_currency or e.tax_currency == e.currency or e.accounting_tax is not None),
    ("BR-55", "a reference to an earlier invoice has no number (BT-25)", lambda e: all(e.preceding)),
    ("BR-62", "the seller's electronic address has no scheme (BT-34-1)",
     lambda e: e.supplier.endpoint is None or e.supplier.endpoint.scheme),
    ("BR-63", "the buyer's electronic address has no scheme (BT-49-1)",
     lambda e: e.buyer.endpoint is None or e.buyer.endpoint.scheme),
    ("BR-CO-03", "the VAT point is given as a day and as a code (BT-7, BT-8)",
     lambda e: not (e.has_tax_point_day and e.has_tax_point_code)),
    ("BR-CO-18", "it has no VAT breakdown (BG-23)", lambda e: e.taxes),
    ("BR-CO-25", "an amount is due, and neither a due day nor payment terms are given (BT-9, BT-20)",
     lambda e: e.is_credit_note or (e.totals.payable or 0) <= 0 or e.due_on or e.terms_note),
    ("BR-CO-26", "the seller has no identifier, registration or VAT number (BT-29, BT-30, BT-31)",
     lambda e: e.supplier.ids or e.supplier.company_id or e.supplier.vat_id),
)  # fmt: skip
_LINE: tuple[tuple[str, str, Callable[[Line], object]], ...] = (
    ("BR-21", "has no id (BT-126)", lambda line: line.id),
    ("BR-22", "has no quantity (BT-129)", lambda line: line.quantity is not None),
    ("BR-23", "has no unit (BT-130)", lambda line: line.unit),
    ("BR-24", "has no net amount (BT-131)", lambda line: line.net is not None),
    ("BR-25", "has no item name (BT-153)", lambda line: line.name),
    ("BR-26", "has no price (BT-146)", lambda line: line.price is not None),
    ("BR-27", "has a price below zero (BT-146)", lambda line: (line.price or 0) >= 0),
    ("BR-28", "has a gross price below zero (BT-148)", lambda line: (line.gross_price or 0) >= 0),
    ("BR-CO-04", "has no VAT category (BT-151)", lambda line: line.category),
)
_TAX: tuple[tuple[str, str, Callable[[TaxRow], object]], ...] = (
    ("BR-45", "has no taxable amount (BT-116)", lambda row: row.base is not None),
    ("BR-46", "has no tax amount (BT-117)", lambda row: row.tax is not None),
    ("BR-47", "has no category (BT-118)", lambda row: row.category),
    ("BR-48", "has no rate (BT-119)", lambda row: row.rate is not None or row.category == "O"),
)
_MEANS: tuple[tuple[str, str, Callable[[PaymentMeans], object]], ...] = (
    ("BR-49", "a means of payment has no code (BT-81)", lambda means: means.code),
    ("BR-61", "a credit transfer has no account to pay to (BT-84)",
     lambda means: means.code not in CREDIT_TRANSFER or means.account),
)  # fmt: skip
# Where the adjustment stands and whether it is a charge decides which of four rules it breaks.
_ADJUSTMENT: tuple[tuple[dict[tuple[str, bool], str], str, Callable[[Adjustment], object]], ...] = (
    ({("document", False): "BR-31", ("document", True): "BR-36", ("line", False): "BR-41", ("line", True): "BR-43"},
     "has no amount", lambda each: each.amount is not None),
    ({("document", False): "BR-32", ("document", True): "BR-37"}, "has no VAT category", lambda each: each.category),
    ({("document", False): "BR-33", ("document", True): "BR-38", ("line", False): "BR-42", ("line", True): "BR-44"},
     "has no reason", lambda each: each.reason),
)  # fmt: skip


def check_presence(einvoice: EInvoice) -> Iterator[Finding]:
    """Everything that is missing."""
    yield from (Finding(rule, sentence) for rule, sentence, holds in _DOCUMENT if not holds(einvoice))
    for place, line in enumerate(einvoice.lines, 1):
        where = f"line {line.id or place}"
        yield from (Finding(rule, f"{where} {what}") for rule, what, holds in _LINE if not holds(line))
        yield from _adjustments("line", where, line.adjustments)
    yield from _adjustments("document", "the document", einvoice.adjustments)
    for row in einvoice.taxes:
        where = f"the VAT breakdown of category {row.category or '?'}"
        yield from (Finding(rule, f"{where} {what}") for rule, what, holds in _TAX if not holds(row))
    for means in einvoice.means:
        yield from (Finding(rule, sentence) for rule, sentence, holds in _MEANS if not holds(means))


def _adjustments(level: str, where: str, adjustments: tuple[Adjustment, ...]) -> Iterator[Finding]:
    for each in adjustments:
        noun = "a charge" if each.is_charge else "an allowance"
        for rules, what, holds in _ADJUSTMENT:
            rule = rules.get((level, each.is_charge))
            if rule is not None and not holds(each):
                yield Finding(rule, f"{noun} of {where} {what}")
