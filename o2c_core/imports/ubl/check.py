"""All rules on one document: everything that is wrong with it, each with the id of its rule."""

from __future__ import annotations

from o2c_core.imports.ubl.einvoice import EInvoice
from o2c_core.imports.ubl.finding import SCHEMA, Finding
from o2c_core.imports.ubl.rules_codes import check_codes
from o2c_core.imports.ubl.rules_peppol import check_peppol
from o2c_core.imports.ubl.rules_presence import check_presence
from o2c_core.imports.ubl.rules_totals import check_decimals, check_totals
from o2c_core.imports.ubl.rules_vat import check_vat


def check_einvoice(einvoice: EInvoice) -> list[Finding]:
    """The findings in the order of the document's rules, each once; none when it may be taken over.

    Rules of Peppol are asked only of documents that say they are Peppol's. Where something could not be read, only that
    is said: what follows from a misread amount would be noise.
    """
    if einvoice.unreadable:
        return [Finding(SCHEMA, what) for what in einvoice.unreadable]
    findings = list(_foreign_amounts(einvoice))
    for check in (check_presence, check_codes, check_decimals, check_totals, check_vat):
        findings += check(einvoice)
    if einvoice.is_peppol:
        findings += check_peppol(einvoice)
    return list(dict.fromkeys(findings))


def _foreign_amounts(einvoice: EInvoice) -> list[Finding]:
    """Amounts of two currencies cannot be added; Peppol has a rule for it, plain UBL leaves it to common sense."""
    if not einvoice.currency:
        return []
    rule = "PEPPOL-EN16931-R051" if einvoice.is_peppol else SCHEMA
    return [Finding(rule, f"{what}, and the document is in {einvoice.currency}") for what in einvoice.foreign_amounts]
