"""What Peppol BIS Billing 3.0 asks beyond EN 16931.

Source: docs.peppol.eu/poacc/billing/3.0, rules PEPPOL-EN16931-R001 to R130; national rules are not checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from o2c_core.imports.ubl.einvoice import Adjustment, EInvoice, Line
from o2c_core.imports.ubl.finding import Finding

SPECIFICATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROCESS = re.compile(r"urn:fdc:peppol\.eu:2017:poacc:billing:\d{2}:1\.0")
DIRECT_DEBIT = ("49", "59")
# Peppol's own slack where an amount is a product: two cents either way.
PRODUCT_OFF_BY_MAX = Decimal("0.02")

_DOCUMENT: tuple[tuple[str, str, Callable[[EInvoice], object]], ...] = (
    ("R001", "it has no business process (BT-23)", lambda e: e.profile),
    ("R002", "it has more than one note (BT-22)",
     lambda e: len(e.notes) <= 1 or e.supplier.country == e.buyer.country == "DE"),
    ("R003", "it has neither a buyer reference nor a purchase order (BT-10, BT-13)",
     lambda e: e.buyer_reference or e.purchase_order),
    ("R004", f"its specification (BT-24) is not {SPECIFICATION}",
     lambda e: (e.customization or "").startswith(SPECIFICATION)),
    ("R005", "its accounting currency is the currency of the document (BT-6)",
     lambda e: not e.tax_currency or e.tax_currency != e.currency),
    ("R007", "its business process (BT-23) is not written as urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
     lambda e: not e.profile or PROCESS.fullmatch(e.profile)),
    ("R010", "the buyer has no electronic address (BT-49)", lambda e: e.buyer.endpoint),
    ("R020", "the seller has no electronic address (BT-34)", lambda e: e.supplier.endpoint),
    ("R053", "it does not have exactly one tax total with subtotals (BG-22)", lambda e: e.tax_totals[0] == 1),
    ("R054", "it has a tax total without subtotals and no accounting currency, or the other way round (BT-6, BT-111)",
     lambda e: e.tax_totals[1] == (1 if e.tax_currency else 0)),
    ("R055", "the VAT in the accounting currency has another sign than the VAT (BT-110, BT-111)",
     lambda e: (e.accounting_tax or 0) * (e.totals.tax or 0) >= 0),
    ("R061", "a direct debit has no mandate (BT-89)",
     lambda e: all(means.mandate for means in e.means if means.code in DIRECT_DEBIT)),
)  # fmt: skip
_LINE: tuple[tuple[str, str, Callable[[Line], object]], ...] = (
    ("R121", "has a base quantity that is not above zero (BT-149)",
     lambda line: line.base_quantity is None or line.base_quantity > 0),
    ("R130", "has another unit for its price than for its quantity (BT-150)",
     lambda line: not line.base_unit or line.quantity is None or line.base_unit == line.unit),
    ("R046", "has a net price that is not the gross price less its discount (BT-146 to BT-148)",
     lambda line: line.gross_price is None or line.price == line.gross_price - (line.price_discount or 0)),
)  # fmt: skip


def check_peppol(einvoice: EInvoice) -> Iterator[Finding]:
    """What Peppol finds wrong with a document that says it is Peppol's."""
    yield from (_finding(rule, what) for rule, what, holds in _DOCUMENT if not holds(einvoice))
    if einvoice.empty_elements:
        yield _finding("R008", f"it has empty elements: {', '.join(einvoice.empty_elements[:5])}")
    for line in einvoice.lines:
        yield from (_finding(rule, f"line {line.id} {what}") for rule, what, holds in _LINE if not holds(line))
        yield from _line_amount(line)
        yield from _adjustments(f"line {line.id}", line.adjustments)
    yield from _adjustments("the document", einvoice.adjustments)


def _line_amount(line: Line) -> Iterator[Finding]:
    if line.net is not None and abs(line.net - line.computed) > PRODUCT_OFF_BY_MAX:
        yield _finding(
            "R120", f"the net amount of line {line.id} is {line.net}, and quantity times price with its allowances and "
            f"charges is {_short(line.computed)} (BT-131)",
        )  # fmt: skip


def _adjustments(where: str, adjustments: tuple[Adjustment, ...]) -> Iterator[Finding]:
    for each in adjustments:
        noun = f"{'a charge' if each.is_charge else 'an allowance'} of {where}"
        if each.percent is not None and each.base is None:
            yield _finding("R041", f"{noun} has a percentage and no base amount")
        elif each.percent is None and each.base is not None:
            yield _finding("R042", f"{noun} has a base amount and no percentage")
        elif each.percent is not None and each.base is not None:
            computed = each.base * each.percent / 100
            if abs((each.amount or 0) - computed) > PRODUCT_OFF_BY_MAX:
                yield _finding(
                    "R040", f"{noun} is {each.amount}, and its base times its percentage is {_short(computed)}"
                )
        if each.indicator not in ("true", "false"):
            yield _finding("R043", f"{noun} does not say true or false in ChargeIndicator")


def _short(amount: Decimal) -> str:
    return f"{amount:.4f}".rstrip("0").rstrip(".")


def _finding(rule: str, sentence: str) -> Finding:
    return Finding(f"PEPPOL-EN16931-{rule}", sentence)
