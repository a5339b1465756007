"""UBL documents for tests: consistent ones are built, broken ones are edited from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from lxml import etree

from o2c_core.imports.ubl.check import check_einvoice
from o2c_core.imports.ubl.read_ubl import read_ubl

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
SPACES = {"cbc": f"{UBL}CommonBasicComponents-2", "cac": f"{UBL}CommonAggregateComponents-2"}
CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
IBAN = "NL91ABNA0417164300"
REASONS = {
    "E": "Article 11",
    "AE": "Reverse charge",
    "K": "Intra-community supply",
    "G": "Export",
    "O": "Not subject to VAT",
}


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Item:
    """A line. Its net is computed; `off` is a line allowance below zero, a line charge above."""

    quantity: str = "10"
    price: str = "10.00"
    category: str = "S"
    rate: str | None = "21"
    base_quantity: str | None = None
    off: str | None = None
    sku: str = "ART-1"

    @property
    def net(self) -> Decimal:
        worth = Decimal(self.quantity) * Decimal(self.price) / Decimal(self.base_quantity or 1)
        return cents(worth + Decimal(self.off or 0))


@dataclass(frozen=True)
class Side:
    """An allowance (below zero) or charge of the whole document."""

    amount: str
    category: str = "S"
    rate: str | None = "21"


@dataclass(frozen=True)
class Document:
    kind: str = "Invoice"
    number: str = "INV-7"
    issued_on: str = "2026-03-02"
    due_on: str | None = "2026-04-01"
    currency: str = "EUR"
    lines: tuple[Item, ...] = (Item(),)
    sides: tuple[Side, ...] = ()
    prepaid: str | None = None
    rounding: str | None = None
    customization: str | None = CUSTOMIZATION
    profile: str | None = PROFILE
    buyer_reference: str | None = "Inkoop"
    purchase_order: str | None = None
    sales_order: str | None = None
    credits: tuple[str, ...] = ()
    seller_name: str = "Van Dijk Groothandel B.V."
    seller_vat: str | None = "NL123456782B01"
    seller_company: str | None = "12345678"
    buyer_name: str = "Bakkerij Jansen"
    buyer_id: str | None = "1001"
    buyer_company: str | None = "87654321"
    buyer_vat: str | None = "NL001234567B01"
    buyer_endpoint: str | None = "87654321"
    buyer_country: str = "NL"
    iban: str | None = IBAN
    reference: str | None = "RF18539007547034"
    note: str | None = None
    terms: str | None = None
    extra: dict[str, str] = field(default_factory=dict)

    def root(self) -> etree._Element:
        return etree.fromstring(self.xml().encode())

    def taxes(self) -> dict[tuple[str, str | None], Decimal]:
        """What each category and rate covers."""
        covered: dict[tuple[str, str | None], Decimal] = {}
        for category, rate, amount in (
            *((line.category, line.rate, line.net) for line in self.lines),
            *((side.category, side.rate, Decimal(side.amount)) for side in self.sides),
        ):
            covered[category, rate] = covered.get((category, rate), Decimal(0)) + amount
        return covered

    def xml(self) -> str:
        credit = self.kind == "CreditNote"
        taxes = {key: (base, cents(base * Decimal(key[1] or 0) / 100)) for key, base in self.taxes().items()}
        lines = sum((line.net for line in self.lines), Decimal(0))
        allowances = -sum((Decimal(side.amount) for side in self.sides if side.amount.startswith("-")), Decimal(0))
        charges = sum((Decimal(side.amount) for side in self.sides if not side.amount.startswith("-")), Decimal(0))
        net = lines - allowances + charges
        tax = sum((tax for _, tax in taxes.values()), Decimal(0))
        payable = net + tax - Decimal(self.prepaid or 0) + Decimal(self.rounding or 0)
        means = one("cac:PaymentMeans", one("cbc:PaymentMeansCode", "30" if self.iban else "10") + one("cbc:PaymentID", self.reference)
                    + one("cac:PayeeFinancialAccount", one("cbc:ID", self.iban)))  # fmt: skip
        totals = (
            self.money("cbc:LineExtensionAmount", lines) + self.money("cbc:TaxExclusiveAmount", net)
            + self.money("cbc:TaxInclusiveAmount", net + tax) + self.money("cbc:AllowanceTotalAmount", allowances or None)
            + self.money("cbc:ChargeTotalAmount", charges or None) + self.money("cbc:PrepaidAmount", self.prepaid)
            + self.money("cbc:PayableRoundingAmount", self.rounding) + self.money("cbc:PayableAmount", payable)
        )  # fmt: skip
        order = one("cbc:ID", self.purchase_order) + one("cbc:SalesOrderID", self.sales_order)
        content = (
            one("cbc:CustomizationID", self.customization) + one("cbc:ProfileID", self.profile) + one("cbc:ID", self.number)
            + one("cbc:IssueDate", self.issued_on) + ("" if credit else one("cbc:DueDate", self.due_on))
            + one(f"cbc:{self.kind}TypeCode", "381" if credit else "380") + one("cbc:Note", self.note)
            + one("cbc:DocumentCurrencyCode", self.currency) + one("cbc:BuyerReference", self.buyer_reference)
            + one("cac:OrderReference", order)
            + "".join(one("cac:BillingReference", one("cac:InvoiceDocumentReference", one("cbc:ID", each))) for each in self.credits)
            + one("cac:AccountingSupplierParty", self.party(self.seller_name, None, "12345678", self.seller_company, self.seller_vat, "NL"))
            + one("cac:AccountingCustomerParty", self.party(
                self.buyer_name, self.buyer_id, self.buyer_endpoint, self.buyer_company, self.buyer_vat, self.buyer_country))
            + one("cac:Delivery", one("cbc:ActualDeliveryDate", "2026-03-01") + one("cac:DeliveryLocation", one("cac:Address", one(
                "cac:Country", one("cbc:IdentificationCode", self.buyer_country)))))
            + means + one("cac:PaymentTerms", one("cbc:Note", self.terms))
            + "".join(self.side(side) for side in self.sides)
            + one("cac:TaxTotal", self.money("cbc:TaxAmount", tax) + "".join(
                one("cac:TaxSubtotal", self.money("cbc:TaxableAmount", base) + self.money("cbc:TaxAmount", amount)
                    + self.category("cac:TaxCategory", *key, reason=True))
                for key, (base, amount) in taxes.items()))
            + one("cac:LegalMonetaryTotal", totals)
            + "".join(self.line(place, line) for place, line in enumerate(self.lines, 1))
        )  # fmt: skip
        declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in SPACES.items())
        return f'<{self.kind} xmlns="{UBL}{self.kind}-2" {declared}>{content}</{self.kind}>'

    def money(self, tag: str, amount: Decimal | str | None) -> str:
        return "" if amount is None else f'<{tag} currencyID="{self.currency}">{amount}</{tag}>'

    def category(self, tag: str, category: str, rate: str | None, *, reason: bool = False) -> str:
        why = one("cbc:TaxExemptionReason", REASONS.get(category)) if reason else ""
        scheme = one("cac:TaxScheme", one("cbc:ID", "VAT"))
        return one(tag, one("cbc:ID", category) + one("cbc:Percent", rate) + why + scheme)

    def side(self, side: Side) -> str:
        taken_off = side.amount.startswith("-")
        return one("cac:AllowanceCharge", one("cbc:ChargeIndicator", "false" if taken_off else "true")
                   + one("cbc:AllowanceChargeReason", "Discount" if taken_off else "Freight")
                   + self.money("cbc:Amount", side.amount.lstrip("-"))
                   + self.category("cac:TaxCategory", side.category, side.rate))  # fmt: skip

    def line(self, place: int, line: Item) -> str:
        credit = self.kind == "CreditNote"
        quantity = "cbc:CreditedQuantity" if credit else "cbc:InvoicedQuantity"
        off = "" if line.off is None else one("cac:AllowanceCharge", one(
            "cbc:ChargeIndicator", "false" if line.off.startswith("-") else "true")
            + one("cbc:AllowanceChargeReason", "Agreed") + self.money("cbc:Amount", line.off.lstrip("-")))  # fmt: skip
        item = one("cac:Item", one("cbc:Name", f"Article {place}") + one("cac:SellersItemIdentification", one("cbc:ID", line.sku))
                   + self.category("cac:ClassifiedTaxCategory", line.category, line.rate))  # fmt: skip
        price = one("cac:Price", self.money("cbc:PriceAmount", line.price) + (
            "" if line.base_quantity is None else f'<cbc:BaseQuantity unitCode="C62">{line.base_quantity}</cbc:BaseQuantity>'))  # fmt: skip
        return one(f"cac:{'CreditNote' if credit else 'Invoice'}Line", one("cbc:ID", str(place))
                   + f'<{quantity} unitCode="C62">{line.quantity}</{quantity}>'
                   + self.money("cbc:LineExtensionAmount", line.net) + off + item + price)  # fmt: skip

    def party(
        self, name: str, id_: str | None, endpoint: str | None, company: str | None, vat: str | None, country: str
    ) -> str:
        scheme = one("cac:TaxScheme", one("cbc:ID", "VAT"))
        return one(
            "cac:Party",
            ("" if endpoint is None else f'<cbc:EndpointID schemeID="0106">{endpoint}</cbc:EndpointID>')
            + one("cac:PartyIdentification", one("cbc:ID", id_))
            + one("cac:PostalAddress", one("cbc:StreetName", "Marktplein 1") + one("cbc:CityName", "Utrecht")
                  + one("cbc:PostalZone", "3511 AA") + one("cac:Country", one("cbc:IdentificationCode", country)))
            + ("" if vat is None else one("cac:PartyTaxScheme", one("cbc:CompanyID", vat) + scheme))
            + one("cac:PartyLegalEntity", one("cbc:RegistrationName", name) + one("cbc:CompanyID", company))
            + one("cac:Contact", one("cbc:ElectronicMail", "ap@jansen.example")),
        )  # fmt: skip


def one(tag: str, content: str | None) -> str:
    """The element; nothing at all where there is nothing in it."""
    return f"<{tag}>{content}</{tag}>" if content else ""


def edited(root: etree._Element, *edits: str) -> etree._Element:
    """The document with elements taken out ("-path"), added ("+path" to add a copy) or set ("path=value", "path@name=value")."""
    for edit in edits:
        if edit[0] in "-+":
            found = root.findall(edit[1:], SPACES)
            assert found, edit
            for element in found:
                parent = element.getparent()
                assert parent is not None
                if edit[0] == "-":
                    parent.remove(element)
                else:
                    parent.insert(parent.index(element), etree.fromstring(etree.tostring(element)))
            continue
        path, _, value = edit.partition("=")
        path, _, attribute = path.partition("@")
        element = root
        for step in path.split("/"):
            below = element.find(step, SPACES)
            prefix, _, local = step.partition(":")
            element = etree.SubElement(element, f"{{{SPACES[prefix]}}}{local}") if below is None else below
        if attribute:
            element.set(attribute, value)
        else:
            element.text = value
    return root


def rules(root: etree._Element) -> list[str]:
    """The ids of the rules the document breaks, each once."""
    return list(dict.fromkeys(finding.rule for finding in check_einvoice(read_ubl(root))))


def a_document(folder: Path, document: Document | bytes | etree._Element, name: str = "einvoice.xml") -> Path:
    path = folder / name
    if isinstance(document, Document):
        document = document.xml().encode()
    path.write_bytes(document if isinstance(document, bytes) else etree.tostring(document))
    return path
