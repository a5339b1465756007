"""From the XML of a UBL 2.1 invoice or credit note to an `EInvoice`.

Source: OASIS UBL 2.1; the binding of EN 16931's business terms to it in CEN/TS 16931-3-2 and Peppol BIS Billing 3.0.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from lxml import etree

from o2c_core.errors import Refused
from o2c_core.imports.ubl.einvoice import Adjustment, EInvoice, Line, Party, PartyId, PaymentMeans, TaxRow, Totals
from o2c_core.imports.ubl.reading import CREDIT_NOTE, INVOICE, NAME_CHARACTERS_MAX, Fields, empty_elements


class NotAnEInvoice(Refused):
    """That is not an invoice or a credit note in UBL 2.1."""


_KINDS = {f"{{{INVOICE}}}Invoice": "invoice", f"{{{CREDIT_NOTE}}}CreditNote": "credit_note"}
_PRICE_DISCOUNT = "cac:Price/cac:AllowanceCharge"


def is_einvoice(root: etree._Element) -> bool:
    """Whether the document is a UBL invoice or credit note, whatever may be wrong with it."""
    return root.tag in _KINDS


def read_ubl(root: etree._Element) -> EInvoice:
    """Everything the ledger and the rules ask about. What cannot be read is in `unreadable`, in sentences.

    Raises: NotAnEInvoice.
    """
    if not is_einvoice(root):
        name = etree.QName(root).localname
        raise NotAnEInvoice(f"That is not an invoice or a credit note in UBL 2.1: its outermost element is {name}.")
    kind = _KINDS[str(root.tag)]
    noun = "Invoice" if kind == "invoice" else "CreditNote"
    of = Fields(root)
    of.currency = of.name(root, "cbc:DocumentCurrencyCode")
    tax_currency = of.name(root, "cbc:TaxCurrencyCode")
    line_at, quantity_at = f"cac:{noun}Line", "cbc:InvoicedQuantity" if kind == "invoice" else "cbc:CreditedQuantity"
    taxes, tax, accounting_tax, tax_totals = _taxes(of, tax_currency)
    delivery = of.all(root, "cac:Delivery")
    dated = [of.day(each, "cbc:ActualDeliveryDate") for each in delivery] + of.all(root, "cac:InvoicePeriod")
    deliver_to = "cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode"
    # What was noted is taken last, when everything else has been read.
    return EInvoice(
        kind=kind,
        customization=_given(of, "cbc:CustomizationID"),
        profile=_given(of, "cbc:ProfileID"),
        number=of.name(root, "cbc:ID"),
        type_code=of.name(root, f"cbc:{noun}TypeCode"),
        issued_on=of.day(root, "cbc:IssueDate"),
        due_on=_due_day(of, kind),
        currency=of.currency,
        tax_currency=tax_currency,
        buyer_reference=of.name(root, "cbc:BuyerReference"),
        purchase_order=of.name(root, "cac:OrderReference/cbc:ID"),
        sales_order=of.name(root, "cac:OrderReference/cbc:SalesOrderID"),
        preceding=tuple(
            of.name(each, "cac:InvoiceDocumentReference/cbc:ID") for each in of.all(root, "cac:BillingReference")
        ),
        notes=tuple(of.words(each) for each in of.all(root, "cbc:Note")),
        terms_note=" ".join(of.words(each) for each in of.all(root, "cac:PaymentTerms/cbc:Note")),
        supplier=_party(of, "cac:AccountingSupplierParty/cac:Party"),
        buyer=_party(of, "cac:AccountingCustomerParty/cac:Party"),
        representative_vat_id=of.name(root, "cac:TaxRepresentativeParty/cac:PartyTaxScheme/cbc:CompanyID"),
        payee_name=of.name(root, "cac:PayeeParty/cac:PartyName/cbc:Name"),
        deliver_to_country=next((of.name(each, deliver_to) for each in delivery), ""),
        is_delivery_dated=any(each is not None for each in dated),
        has_tax_point_day=bool(of.all(root, "cbc:TaxPointDate")),
        has_tax_point_code=bool(of.all(root, "cac:InvoicePeriod/cbc:DescriptionCode")),
        means=tuple(_means(of, each) for each in of.all(root, "cac:PaymentMeans")),
        lines=tuple(_line(of, each, quantity_at) for each in of.all(root, line_at)),
        adjustments=_adjustments(of, root, "cac:AllowanceCharge"),
        taxes=taxes,
        totals=_totals(of, tax),
        accounting_tax=accounting_tax,
        tax_totals=tax_totals,
        empty_elements=empty_elements(root),
        foreign_amounts=tuple(dict.fromkeys(of.foreign)),
        unreadable=tuple(of.unreadable),
    )


def _due_day(of: Fields, kind: str) -> date | None:
    """A credit note has no due day of its own in UBL; it may stand with the means of payment, the first of which counts."""
    if kind == "invoice":
        return of.day(of.root, "cbc:DueDate")
    return next((of.day(each, "cbc:PaymentDueDate") for each in of.all(of.root, "cac:PaymentMeans")), None)


def _given(of: Fields, path: str) -> str | None:
    """The words there; None only where the element itself is absent."""
    return of.text(of.root, path) if of.all(of.root, path) else None


def _party(of: Fields, path: str) -> Party:
    party = of.first(of.root, path)
    vat, other = "", ""
    for scheme in of.all(party, "cac:PartyTaxScheme"):
        value = of.name(scheme, "cbc:CompanyID")
        if of.name(scheme, "cac:TaxScheme/cbc:ID").upper() == "VAT":
            vat = vat or value
        else:
            other = other or value
    trading = of.all(party, "cac:PartyName/cbc:Name")
    address = of.first(party, "cac:PostalAddress")
    ids = (_id(of, party, each) for each in of.all(party, "cac:PartyIdentification"))
    return Party(
        name=of.name(party, "cac:PartyLegalEntity/cbc:RegistrationName"),
        trading_name=of.words(trading[0], NAME_CHARACTERS_MAX) if trading else "",
        endpoint=_id(of, party, party, "cbc:EndpointID"),
        ids=tuple(each for each in ids if each is not None),
        company_id=_id(of, party, party, "cac:PartyLegalEntity/cbc:CompanyID"),
        vat_id=vat,
        tax_number=other,
        has_address=address is not None,
        street=of.text(address, "cbc:StreetName"),
        city=of.text(address, "cbc:CityName"),
        postcode=of.text(address, "cbc:PostalZone"),
        country=of.name(address, "cac:Country/cbc:IdentificationCode"),
        email=of.name(party, "cac:Contact/cbc:ElectronicMail"),
    )


def _id(
    of: Fields, party: etree._Element | None, parent: etree._Element | None, path: str = "cbc:ID"
) -> PartyId | None:
    element = of.first(parent, path) if party is not None else None
    value = of.words(element, NAME_CHARACTERS_MAX)
    return PartyId(value, (element.get("schemeID") or "").strip()) if element is not None and value else None


def _means(of: Fields, means: etree._Element) -> PaymentMeans:
    references = of.all(means, "cbc:PaymentID")
    account = "cac:PayeeFinancialAccount"
    return PaymentMeans(
        code=of.name(means, "cbc:PaymentMeansCode"),
        account=of.name(means, f"{account}/cbc:ID").replace(" ", "").upper(),
        account_name=of.name(means, f"{account}/cbc:Name"),
        bic=of.name(means, f"{account}/cac:FinancialInstitutionBranch/cbc:ID"),
        reference=of.words(references[0], NAME_CHARACTERS_MAX) if references else "",
        mandate=of.name(means, "cac:PaymentMandate/cbc:ID"),
    )


def _category(of: Fields, parent: etree._Element | None, path: str) -> tuple[str, Decimal | None]:
    """The VAT category and its rate; a category of another tax is noted, because only VAT is understood here."""
    element = of.first(parent, path)
    scheme = of.name(element, "cac:TaxScheme/cbc:ID").upper()
    if scheme not in ("", "VAT"):
        of.note(f"a tax other than VAT is named: '{scheme[:20]}'")
    return of.name(element, "cbc:ID"), of.rate(element, "cbc:Percent")


def _adjustments(of: Fields, parent: etree._Element, path: str) -> tuple[Adjustment, ...]:
    read = []
    for element in of.all(parent, path):
        category, rate = _category(of, element, "cac:TaxCategory")
        indicator = of.name(element, "cbc:ChargeIndicator")
        if indicator not in ("true", "false", "1", "0"):
            of.note(f"AllowanceCharge/ChargeIndicator is '{indicator[:20]}', neither true nor false")
        reasons = of.all(element, "cbc:AllowanceChargeReason") + of.all(element, "cbc:AllowanceChargeReasonCode")
        read.append(
            Adjustment(
                indicator=indicator,
                amount=of.amount(element, "cbc:Amount"),
                base=of.amount(element, "cbc:BaseAmount"),
                percent=of.rate(element, "cbc:MultiplierFactorNumeric"),
                reason=" ".join(of.words(reason) for reason in reasons).strip(),
                category=category,
                rate=rate,
            )
        )
    return tuple(read)


def _line(of: Fields, line: etree._Element, quantity_at: str) -> Line:
    category, rate = _category(of, line, "cac:Item/cac:ClassifiedTaxCategory")
    quantity = of.first(line, quantity_at)
    base = of.first(line, "cac:Price/cbc:BaseQuantity")
    descriptions = of.all(line, "cac:Item/cbc:Description")
    return Line(
        id=of.name(line, "cbc:ID"),
        quantity=of.quantity(line, quantity_at),
        unit="" if quantity is None else quantity.get("unitCode", "").strip(),
        net=of.amount(line, "cbc:LineExtensionAmount"),
        price=of.amount(line, "cac:Price/cbc:PriceAmount"),
        base_quantity=of.quantity(line, "cac:Price/cbc:BaseQuantity"),
        base_unit="" if base is None else base.get("unitCode", "").strip(),
        gross_price=of.amount(line, f"{_PRICE_DISCOUNT}/cbc:BaseAmount"),
        price_discount=of.amount(line, f"{_PRICE_DISCOUNT}/cbc:Amount"),
        adjustments=_adjustments(of, line, "cac:AllowanceCharge"),
        name=of.text(line, "cac:Item/cbc:Name"),
        description=" ".join(of.words(each) for each in descriptions),
        sku=of.name(line, "cac:Item/cac:SellersItemIdentification/cbc:ID"),
        category=category,
        rate=rate,
    )


def _taxes(of: Fields, tax_currency: str) -> tuple[tuple[TaxRow, ...], Decimal | None, Decimal | None, tuple[int, int]]:
    """The VAT breakdown, the VAT in all, the same in the accounting currency, and how many totals there are.

    A second total without subtotals is the VAT in the accounting currency (BT-111), which is no part of what is owed.
    """
    totals = of.all(of.root, "cac:TaxTotal")
    with_rows = [each for each in totals if of.all(each, "cac:TaxSubtotal")]
    without = [each for each in totals if not of.all(each, "cac:TaxSubtotal")]
    accounting = None
    if tax_currency and tax_currency != of.currency:
        in_accounting = [each for each in without if _currency_of(of, each) == tax_currency]
        without = [each for each in without if each not in in_accounting]
        if in_accounting:
            kept, of.currency = of.currency, tax_currency
            accounting = of.amount(in_accounting[0], "cbc:TaxAmount")
            of.currency = kept
    told = (len(with_rows), len(totals) - len(with_rows))
    main = next(iter(with_rows or without), None)
    if len(with_rows) + len(without) > 1:
        of.note("TaxTotal is given more than once in the currency of the document")
    rows = []
    for row in of.all(main, "cac:TaxSubtotal"):
        category, rate = _category(of, row, "cac:TaxCategory")
        rows.append(
            TaxRow(
                category=category,
                rate=rate,
                base=of.amount(row, "cbc:TaxableAmount"),
                tax=of.amount(row, "cbc:TaxAmount"),
                reason=of.text(row, "cac:TaxCategory/cbc:TaxExemptionReason"),
                reason_code=of.name(row, "cac:TaxCategory/cbc:TaxExemptionReasonCode"),
            )
        )
    return tuple(rows), of.amount(main, "cbc:TaxAmount"), accounting, told


def _currency_of(of: Fields, total: etree._Element) -> str:
    amount = of.first(total, "cbc:TaxAmount")
    return "" if amount is None else amount.get("currencyID", "").strip()


def _totals(of: Fields, tax: Decimal | None) -> Totals:
    said = of.first(of.root, "cac:LegalMonetaryTotal")
    return Totals(
        lines=of.amount(said, "cbc:LineExtensionAmount"),
        allowances=of.amount(said, "cbc:AllowanceTotalAmount"),
        charges=of.amount(said, "cbc:ChargeTotalAmount"),
        net=of.amount(said, "cbc:TaxExclusiveAmount"),
        tax=tax,
        gross=of.amount(said, "cbc:TaxInclusiveAmount"),
        prepaid=of.amount(said, "cbc:PrepaidAmount"),
        rounding=of.amount(said, "cbc:PayableRoundingAmount"),
        payable=of.amount(said, "cbc:PayableAmount"),
    )
