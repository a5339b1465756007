"""What was read in a way worth knowing, and what a person has to do about it."""

from __future__ import annotations

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.imports.ubl.einvoice import ZERO, EInvoice
from o2c_core.imports.ubl.recognise import plain_name
from o2c_core.imports.ubl.report import EInvoiceReport
from o2c_core.imports.ubl.rules_totals import rounded_taxes
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.money import Money


def remarks_on(
    einvoice: EInvoice, seller: Seller, customer: Customer, document: Invoice | CreditNote, report: EInvoiceReport
) -> list[str]:
    """The remarks on a document that was taken over, or was there already."""
    said = []
    currency, totals = einvoice.currency, einvoice.totals
    names = {plain_name(einvoice.buyer.name), plain_name(einvoice.buyer.trading_name)}
    if plain_name(customer.name) not in names:
        said.append(f"the buyer is called {einvoice.buyer.called} there and {customer.name} here")
    if totals.prepaid:
        prepaid = Money.of(totals.prepaid, currency)
        said.append(
            f"{prepaid} was paid before, it says; until that payment is recorded, all of {report.total} is open"
        )
    if totals.rounding:
        payable = Money.of(totals.payable or ZERO, currency)
        said.append(f"it asks for {payable} after rounding; {report.total} is kept as its total")
    if isinstance(document, Invoice):
        if einvoice.due_on is None:
            said.append(f"it has no due day; by the terms agreed it is due on {document.due_on.isoformat()}")
        elif einvoice.issued_on is not None and einvoice.due_on < einvoice.issued_on:
            said.append(f"it was due on {einvoice.due_on.isoformat()}, before its day of issue")
        if einvoice.accounts and not seller.bank_accounts:
            said.append(f"the seller has no account on record to compare {' and '.join(einvoice.accounts)} with")
        if report.order is None and (einvoice.sales_order or einvoice.purchase_order) and report.outcome != "unchanged":
            named = einvoice.sales_order or einvoice.purchase_order
            said.append(f"it names the order {named}, which is not known here; it stands on its own")
        if einvoice.preceding:
            said.append(f"it refers to an earlier invoice, {', '.join(einvoice.preceding)}, which stays as it is")
    elif report.allocated is not None and report.allocated < report.total:
        left = report.total - report.allocated
        said.append(
            f"{left} of it is not set against an invoice by this import and stays as credit unless it was before"
        )
    if einvoice.tax_currency and einvoice.tax_currency != currency:
        said.append(f"it also states its VAT in {einvoice.tax_currency}, which is not kept")
    if einvoice.terms_note:
        said.append(f"its payment terms are words and were not interpreted: '{einvoice.terms_note[:120]}'")
    said += [
        f"the VAT of category {row.category} on {row.base} is {row.tax}, off by rounding within what EN 16931 allows"
        for row in rounded_taxes(einvoice)
    ]
    return said
