"""Which rule a broken document breaks: each row breaks one thing in a document that is otherwise right."""

from __future__ import annotations

import pytest
from lxml import etree

from o2c_core.imports.ubl.check import check_einvoice
from o2c_core.imports.ubl.read_ubl import read_ubl
from tests.o2c_core.imports.ubl.documents import CUSTOMIZATION, Document, Item, Side, edited, rules

SELLER = "cac:AccountingSupplierParty/cac:Party"
BUYER = "cac:AccountingCustomerParty/cac:Party"
TOTAL = "cac:LegalMonetaryTotal"
LINE = "cac:InvoiceLine"
ROW = "cac:TaxTotal/cac:TaxSubtotal"
SIDE = "cac:AllowanceCharge"
MIXED = Document(
    lines=(Item("3", "33.335", off="-0.50"), Item("1", "8.00", rate="9"), Item("2", "5.00", category="Z", rate="0")),
    sides=(Side("-10.00"), Side("4.95", rate="9")),
    prepaid="20.00",
)


@pytest.mark.parametrize(
    "document",
    [
        Document(),
        MIXED,
        Document(kind="CreditNote", credits=("INV-6",), due_on=None),
        Document(lines=(Item("1000", "0.0315", base_quantity="100"),)),
        Document(lines=(Item("-2", "10.00"), Item("5", "10.00"))),
        Document(lines=(Item(category="O", rate=None),), seller_vat=None, buyer_vat=None),
        Document(lines=(Item(category="K", rate="0"),), buyer_country="BE", buyer_vat="BE0123456789"),
        Document(lines=(Item(category="AE", rate="0"),)),
        Document(lines=(Item(category="E", rate="0"), Item())),
        Document(currency="JPY", lines=(Item("3", "1000"),)),
        Document(currency="KWD"),
        Document(due_on=None, terms="Within 30 days"),
        Document(lines=(Item(rate="21.00"), Item(rate="21.00"))),
        Document(customization="urn:cen.eu:en16931:2017", profile=None, buyer_reference=None, buyer_endpoint=None),
        Document(customization=None, profile=None, buyer_reference=None),
        Document(
            customization="urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0", buyer_endpoint=None
        ),
    ],
)
def test_a_document_that_adds_up_keeps_every_rule(document: Document) -> None:
    assert rules(document.root()) == []


@pytest.mark.parametrize(
    "line",
    [
        "BR-01               -cbc:CustomizationID",
        "BR-02               -cbc:ID",
        "BR-02               cbc:ID= ",
        "BR-03               -cbc:IssueDate",
        "BR-04               -cbc:InvoiceTypeCode",
        "BR-05               -cbc:DocumentCurrencyCode",
        "BR-06               -{seller}/cac:PartyLegalEntity/cbc:RegistrationName",
        "BR-07               -{buyer}/cac:PartyLegalEntity/cbc:RegistrationName",
        "BR-08               -{seller}/cac:PostalAddress",
        "BR-09               -{seller}/cac:PostalAddress/cac:Country",
        "BR-10               -{buyer}/cac:PostalAddress",
        "BR-11               -{buyer}/cac:PostalAddress/cac:Country",
        "BR-12               -{total}/cbc:LineExtensionAmount",
        "BR-13               -{total}/cbc:TaxExclusiveAmount",
        "BR-14               -{total}/cbc:TaxInclusiveAmount",
        "BR-15               -{total}/cbc:PayableAmount",
        "BR-16               -{line}",
        "BR-21               -{line}/cbc:ID",
        "BR-22               -{line}/cbc:InvoicedQuantity",
        "BR-23               {line}/cbc:InvoicedQuantity@unitCode=",
        "BR-24               -{line}/cbc:LineExtensionAmount",
        "BR-25               -{line}/cac:Item/cbc:Name",
        "BR-26               -{line}/cac:Price",
        "BR-27               {line}/cac:Price/cbc:PriceAmount=-10.00",
        "BR-31               -{side}/cbc:Amount",
        "BR-32               -{side}/cac:TaxCategory/cbc:ID",
        "BR-33               -{side}/cbc:AllowanceChargeReason",
        "BR-28               {line}/cac:Price/cac:AllowanceCharge/cbc:BaseAmount=-1.00",
        "BR-36               -{side}/cbc:Amount",
        "BR-37               -{side}/cac:TaxCategory/cbc:ID",
        "BR-38               -{side}/cbc:AllowanceChargeReason",
        "BR-41               -{line}/{side}/cbc:Amount",
        "BR-42               -{line}/{side}/cbc:AllowanceChargeReason",
        "BR-43               {line}/{side}/cbc:ChargeIndicator=true ; -{line}/{side}/cbc:Amount",
        "BR-44               {line}/{side}/cbc:ChargeIndicator=true ; -{line}/{side}/cbc:AllowanceChargeReason",
        "BR-45               -{row}/cbc:TaxableAmount",
        "BR-46               -{row}/cbc:TaxAmount",
        "BR-47               -{row}/cac:TaxCategory/cbc:ID",
        "BR-48               -{row}/cac:TaxCategory/cbc:Percent",
        "BR-49               -cac:PaymentMeans/cbc:PaymentMeansCode",
        "BR-53               cbc:TaxCurrencyCode=SEK",
        "BR-55               cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID= ",
        "BR-61               -cac:PaymentMeans/cac:PayeeFinancialAccount",
        "BR-62               {seller}/cbc:EndpointID@schemeID=",
        "BR-63               {buyer}/cbc:EndpointID@schemeID=",
        "BR-CO-03            cbc:TaxPointDate=2026-03-02 ; cac:InvoicePeriod/cbc:DescriptionCode=35",
        "BR-CO-04            -{line}/cac:Item/cac:ClassifiedTaxCategory",
        "BR-CO-09            {seller}/cac:PartyTaxScheme/cbc:CompanyID=123456782B01",
        "BR-CO-10            {total}/cbc:LineExtensionAmount=0.00",
        "BR-CO-11            {total}/cbc:AllowanceTotalAmount=9.99",
        "BR-CO-11            -{total}/cbc:AllowanceTotalAmount",
        "BR-CO-12            {total}/cbc:ChargeTotalAmount=5.00",
        "BR-CO-13            {total}/cbc:TaxExclusiveAmount=0.00",
        "BR-CO-14            cac:TaxTotal/cbc:TaxAmount=0.00",
        "BR-CO-15            {total}/cbc:TaxInclusiveAmount=0.00",
        "BR-CO-16            {total}/cbc:PayableAmount=0.00",
        "BR-CO-16            -{total}/cbc:PrepaidAmount",
        "BR-CO-16            {total}/cbc:PayableRoundingAmount=0.01",
        "BR-CO-17            {row}/cbc:TaxAmount=0.00",
        "BR-CO-18            -{row}",
        "BR-CO-25            -cbc:DueDate",
        "BR-CO-26            -{seller}/cac:PartyLegalEntity/cbc:CompanyID ; -{seller}/cac:PartyTaxScheme",
        "BR-DEC-01           {side}/cbc:Amount=10.001",
        "BR-DEC-02           {side}/cbc:BaseAmount=100.001",
        "BR-DEC-05           {side}/cbc:ChargeIndicator=true ; {side}/cbc:Amount=10.001",
        "BR-DEC-06           {side}/cbc:ChargeIndicator=true ; {side}/cbc:BaseAmount=100.001",
        "BR-DEC-09           {total}/cbc:LineExtensionAmount=117.505",
        "BR-DEC-10           {total}/cbc:AllowanceTotalAmount=10.000",
        "BR-DEC-11           {total}/cbc:ChargeTotalAmount=4.950",
        "BR-DEC-12           {total}/cbc:TaxExclusiveAmount=100.0001",
        "BR-DEC-13           cac:TaxTotal/cbc:TaxAmount=20.001",
        "BR-DEC-14           {total}/cbc:TaxInclusiveAmount=20.001",
        "BR-DEC-15           cbc:TaxCurrencyCode=SEK ; {accounting}/cbc:TaxAmount=235.201 ; {accounting}/cbc:TaxAmount@currencyID=SEK",
        "BR-DEC-16           {total}/cbc:PrepaidAmount=20.000",
        "BR-DEC-17           {total}/cbc:PayableRoundingAmount=0.001",
        "BR-DEC-18           {total}/cbc:PayableAmount=20.001",
        "BR-DEC-19           {row}/cbc:TaxableAmount=20.001",
        "BR-DEC-20           {row}/cbc:TaxAmount=20.001",
        "BR-DEC-23           {line}/cbc:LineExtensionAmount=20.001",
        "BR-DEC-24           {line}/{side}/cbc:Amount=0.501",
        "BR-DEC-25           {line}/{side}/cbc:BaseAmount=100.001",
        "BR-DEC-27           {line}/{side}/cbc:ChargeIndicator=true ; {line}/{side}/cbc:Amount=0.501",
        "BR-DEC-28           {line}/{side}/cbc:ChargeIndicator=true ; {line}/{side}/cbc:BaseAmount=100.001",
        "BR-CL-01            cbc:InvoiceTypeCode=381",
        "BR-CL-04            cbc:DocumentCurrencyCode=EURO",
        "BR-CL-05            cbc:TaxCurrencyCode=KRONA",
        "BR-CL-14            {buyer}/cac:PostalAddress/cac:Country/cbc:IdentificationCode=XX",
        "BR-CL-14            {seller}/cac:PostalAddress/cac:Country/cbc:IdentificationCode=nl",
        "BR-CL-16            cac:PaymentMeans/cbc:PaymentMeansCode=bank",
        "BR-CL-17            {row}/cac:TaxCategory/cbc:ID=HIGH",
        "BR-CL-18            {line}/cac:Item/cac:ClassifiedTaxCategory/cbc:ID=HIGH",
        "BR-S-01             -{row}",
        "BR-S-02             -{seller}/cac:PartyTaxScheme",
        "BR-S-05             {line}/cac:Item/cac:ClassifiedTaxCategory/cbc:Percent=0",
        "BR-S-06             {side}/cac:TaxCategory/cbc:Percent=0",
        "BR-S-08             {row}/cbc:TaxableAmount=89.52",
        "BR-S-08             {line}/cac:Item/cac:ClassifiedTaxCategory/cbc:Percent=9",
        "BR-S-10             {row}/cac:TaxCategory/cbc:TaxExemptionReason=None",
        "PEPPOL-EN16931-R001 -cbc:ProfileID",
        "PEPPOL-EN16931-R002 +cbc:Note",
        "PEPPOL-EN16931-R003 -cbc:BuyerReference",
        "PEPPOL-EN16931-R004 cbc:CustomizationID=urn:fdc:peppol.eu:2017:poacc:billing:2.0",
        "PEPPOL-EN16931-R005 cbc:TaxCurrencyCode=EUR",
        "PEPPOL-EN16931-R007 cbc:ProfileID=urn:fdc:peppol.eu:2017:poacc:billing:1:1.0",
        "PEPPOL-EN16931-R008 cbc:AccountingCost= ",
        "PEPPOL-EN16931-R010 -{buyer}/cbc:EndpointID",
        "PEPPOL-EN16931-R020 -{seller}/cbc:EndpointID",
        "PEPPOL-EN16931-R040 {side}/cbc:MultiplierFactorNumeric=10 ; {side}/cbc:BaseAmount=100.30",
        "PEPPOL-EN16931-R041 {side}/cbc:MultiplierFactorNumeric=10",
        "PEPPOL-EN16931-R042 {side}/cbc:BaseAmount=100.00",
        "PEPPOL-EN16931-R043 {side}/cbc:ChargeIndicator=0",
        "PEPPOL-EN16931-R046 {line}/cac:Price/cac:AllowanceCharge/cbc:BaseAmount=40.00",
        "PEPPOL-EN16931-R051 {total}/cbc:PayableAmount@currencyID=USD",
        "PEPPOL-EN16931-R053 -{row}",
        "PEPPOL-EN16931-R054 cbc:TaxCurrencyCode=SEK",
        "PEPPOL-EN16931-R055 cbc:TaxCurrencyCode=SEK ; {accounting}/cbc:TaxAmount=-1.00 ; {accounting}/cbc:TaxAmount@currencyID=SEK",
        "PEPPOL-EN16931-R061 cac:PaymentMeans/cbc:PaymentMeansCode=59",
        "PEPPOL-EN16931-R120 {line}/cac:Price/cbc:PriceAmount=33.35",
        "PEPPOL-EN16931-R120 {line}/cbc:InvoicedQuantity=4",
        "PEPPOL-EN16931-R121 {line}/cac:Price/cbc:BaseQuantity=0",
        "PEPPOL-EN16931-R130 {line}/cac:Price/cbc:BaseQuantity@unitCode=KGM",
        "UBL                 +cac:LegalMonetaryTotal",
        "UBL                 +{total}/cbc:PayableAmount",
        "UBL                 +cbc:ID",
        "UBL                 +cac:TaxTotal",
        "UBL                 {total}/cbc:PayableAmount=97,50",
        "UBL                 {total}/cbc:PayableAmount=1e2",
        "UBL                 {total}/cbc:PayableAmount=NaN",
        "UBL                 {total}/cbc:PayableAmount=99999999999999999.00",
        "UBL                 {line}/cbc:InvoicedQuantity=٣",
        "UBL                 cbc:IssueDate=02-03-2026",
        "UBL                 cbc:DueDate=2026-02-30",
        "UBL                 {side}/cbc:ChargeIndicator=no",
        "UBL                 {row}/cac:TaxCategory/cac:TaxScheme/cbc:ID=GST",
    ],
)  # fmt: skip
def test_what_is_broken_is_refused_by_the_rule_that_says_so(line: str) -> None:
    rule, _, said = line.partition(" ")
    edits = said.format(
        seller=SELLER, buyer=BUYER, total=TOTAL, line=LINE, row=ROW, side=SIDE, accounting="cac:TaxTotal[last()]"
    )
    root = Document(**{**vars(MIXED), "note": "Thank you"}).root()
    if "{accounting}" in said:
        root.append(etree.SubElement(root, root.findall("{*}TaxTotal")[0].tag))
    broken = rules(edited(root, *(edit.lstrip() for edit in edits.split(" ; "))))
    assert rule in broken


@pytest.mark.parametrize(
    ("category", "name"), [("Z", "BR-Z"), ("E", "BR-E"), ("AE", "BR-AE"), ("K", "BR-IC"), ("G", "BR-G"), ("O", "BR-O")]
)
@pytest.mark.parametrize(
    ("number", "edits"),
    [
        ("01", ["-{row}"]),
        ("05", ["{line}/cac:Item/cac:ClassifiedTaxCategory/cbc:Percent=6"]),
        ("08", ["{row}/cbc:TaxableAmount=99.99"]),
        ("09", ["{row}/cbc:TaxAmount=0.01", "cac:TaxTotal/cbc:TaxAmount=0.01"]),
        ("10", ["-{row}/cac:TaxCategory/cbc:TaxExemptionReason"]),
    ],
)
def test_a_category_without_tax_has_rules_of_its_own(category: str, name: str, number: str, edits: list[str]) -> None:
    outside = category == "O"
    document = Document(
        lines=(Item(category=category, rate=None if outside else "0"),),
        seller_vat=None if outside else "NL123456782B01",
        buyer_vat=None if outside else "BE0123456789",
    )
    if (category, number) == ("Z", "10"):
        edits = ["{row}/cac:TaxCategory/cbc:TaxExemptionReason=None"]
    broken = rules(edited(document.root(), *(edit.format(line=LINE, row=ROW) for edit in edits)))
    assert f"{name}-{number}" in broken


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        (Document(lines=(Item(category="AE", rate="0"),), buyer_vat=None, buyer_company=None), "BR-AE-02"),
        (Document(lines=(Item(category="K", rate="0"),), buyer_vat=None), "BR-IC-02"),
        (Document(lines=(Item(category="G", rate="0"),), seller_vat=None), "BR-G-02"),
        (Document(lines=(Item(category="O", rate=None),)), "BR-O-02"),
        (Document(lines=(Item(category="O", rate=None), Item()), seller_vat=None, buyer_vat=None), "BR-O-11"),
        (Document(sides=(Side("-5.00", category="E", rate="0"),), seller_vat=None), "BR-E-03"),
        (Document(sides=(Side("5.00", category="E", rate="0"),), seller_vat=None), "BR-E-04"),
    ],
)
def test_a_category_says_which_numbers_seller_and_buyer_need(document: Document, rule: str) -> None:
    assert rule in rules(document.root())


@pytest.mark.parametrize(
    ("edits", "broken"),
    [
        (["-cac:Delivery"], ["BR-IC-11", "BR-IC-12"]),
        (["-cac:Delivery/cbc:ActualDeliveryDate"], ["BR-IC-11"]),
        (["-cac:Delivery/cac:DeliveryLocation"], ["BR-IC-12"]),
    ],
)
def test_a_supply_within_the_union_says_when_and_where_it_went(edits: list[str], broken: list[str]) -> None:
    document = Document(lines=(Item(category="K", rate="0"),), buyer_vat="BE0123456789")
    assert rules(edited(document.root(), *edits)) == broken


def test_peppols_rules_are_asked_only_of_documents_that_say_they_are_peppols() -> None:
    bare = Document(customization="urn:cen.eu:en16931:2017", profile=None, buyer_reference=None, buyer_endpoint=None)
    edits = [f"-{SELLER}/cbc:EndpointID", f"{LINE}/cac:Price/cbc:PriceAmount=10.50"]
    assert rules(edited(bare.root(), *edits)) == []
    peppol = Document(**{**vars(bare), "customization": CUSTOMIZATION})
    assert {rule.rpartition("-")[2] for rule in rules(edited(peppol.root(), *edits))} == {
        "R001",
        "R003",
        "R010",
        "R020",
        "R120",
    }


def test_an_amount_in_another_currency_is_refused_also_where_peppol_is_not_spoken() -> None:
    plain = Document(customization=None, profile=None)
    (finding,) = check_einvoice(read_ubl(edited(plain.root(), f"{TOTAL}/cbc:PayableAmount@currencyID=USD")))
    assert str(finding) == "UBL: LegalMonetaryTotal/PayableAmount is in USD, and the document is in EUR"


def test_the_vat_in_the_accounting_currency_is_no_part_of_what_is_owed() -> None:
    root = edited(Document().root(), "cbc:TaxCurrencyCode=SEK", "+cac:TaxTotal")
    second = root.findall("{*}TaxTotal")[0]
    for row in second.findall("{*}TaxSubtotal"):
        second.remove(row)
    amount = second.find("{*}TaxAmount")
    assert amount is not None
    amount.text, _ = "235.20", amount.set("currencyID", "SEK")
    einvoice = read_ubl(root)
    assert check_einvoice(einvoice) == []
    assert (str(einvoice.totals.tax), str(einvoice.accounting_tax)) == ("21.00", "235.20")


@pytest.mark.parametrize(
    ("tax", "broken"),
    [("21.99", []), ("20.01", []), ("22.00", ["BR-CO-17"]), ("20.00", ["BR-CO-17"]), ("-21.00", ["BR-CO-17"])],
)
def test_vat_of_a_category_may_be_off_by_less_than_one_unit_because_sellers_round_their_lines(
    tax: str, broken: list[str]
) -> None:
    gross = f"{100 + float(tax):.2f}"
    edits = [
        f"{ROW}/cbc:TaxAmount={tax}",
        f"cac:TaxTotal/cbc:TaxAmount={tax}",
        f"{TOTAL}/cbc:TaxInclusiveAmount={gross}",
        f"{TOTAL}/cbc:PayableAmount={gross}",
    ]
    assert rules(edited(Document().root(), *edits)) == broken


@pytest.mark.parametrize(
    ("currency", "price", "broken"), [("JPY", "100.50", True), ("JPY", "100.00", False), ("KWD", "100.50", False)]
)
def test_amounts_have_no_more_decimals_than_their_currency(currency: str, price: str, broken: bool) -> None:
    document = Document(currency=currency, lines=(Item("1", price, category="Z", rate="0"),))
    assert any(rule.startswith("BR-DEC-") for rule in rules(document.root())) == broken


def test_every_finding_is_reported_with_its_amounts() -> None:
    root = edited(Document().root(), f"{TOTAL}/cbc:PayableAmount=120.00", f"{TOTAL}/cbc:LineExtensionAmount=99.00")
    assert [str(finding) for finding in check_einvoice(read_ubl(root))] == [
        "BR-CO-10: the sum of the lines (BT-106) is 99.00, and the lines come to 100.00",
        "BR-CO-13: the total without VAT (BT-109) is 100.00, and lines less allowances plus charges are 99.00",
        "BR-CO-16: the amount due (BT-115) is 120.00, and the total less what was paid plus rounding is 121.00",
    ]
