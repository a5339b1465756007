"""What the tests of documents share: invoices to print, and reading a PDF back."""

import re
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pypdfium2

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import BankAccount, Seller
from o2c_core.documents.invoice_copy import InvoiceFacts, Settled
from o2c_core.documents.payment import Disputed
from o2c_core.invoices.invoice import Instalment, Invoice, InvoiceLine, TaxSubtotal

TODAY = date(2026, 3, 16)
HOME = {"en": "GB", "nl": "NL", "de": "DE", "fr": "FR"}
IBAN = "NL91ABNA0417164300"
HOLDER = "Van Dijk Groothandel B.V."


def a_seller(
    *, account_currency: str | None = "EUR", iban: str = IBAN, holder: str = HOLDER, **fields: object
) -> Seller:
    """A seller with one account; without a currency there is no account."""
    seller = Seller(
        **{
            "ref": "vandijk",
            "name": "Van Dijk",
            "country": "NL",
            "currency": "EUR",
            "language": "nl",
            "email": "administratie@vandijk.example",
        }
        | fields
    )
    if account_currency:
        seller.bank_accounts.append(BankAccount(iban=iban, bic="ABNANL2A", holder=holder, currency=account_currency))
    return seller


def a_customer(language: str = "nl", **fields: object) -> Customer:
    return Customer(
        **{"id": uuid4(), "ref": "C0042", "name": "Bakkerij Jansen", "country": HOME[language], "language": language, "currency": "EUR"}
        | fields
    )  # fmt: skip


def an_invoice(total: int = 12_100, *, lines: int = 1, currency: str = "EUR", **fields: object) -> Invoice:
    """An invoice of lines with 21 % tax on all of it; `total` counts minor units, tax included."""
    net = total * 100 // 121
    invoice = Invoice(
        **{
            "number": "INV-2026-0042",
            "issued_on": TODAY - timedelta(days=14),
            "due_on": TODAY + timedelta(days=16),
            "currency": currency,
            "net_minor": net,
            "tax_minor": total - net,
            "total_minor": total,
            "discount_minor": 0,
            "is_in_instalments": False,
        }
        | fields
    )
    invoice.taxes.append(TaxSubtotal(category="S", rate=Decimal(21), base_minor=net, tax_minor=total - net))
    for position in range(1, lines + 1):
        invoice.lines.append(
            InvoiceLine(
                position=position,
                sku=f"ART-{position}",
                description=f"Article number {position}",
                quantity=Decimal("2.5"),
                unit_price=Decimal("0.1275"),
                amount_minor=net // lines,
                tax_category="S",
                tax_rate=Decimal(21),
            )
        )
    return invoice


def in_parts(invoice: Invoice, *parts: tuple[int, int]) -> Invoice:
    """The invoice in instalments of (days from today, minor units)."""
    invoice.is_in_instalments = True
    for position, (days, minor) in enumerate(parts, 1):
        due_on = TODAY + timedelta(days=days)
        invoice.instalments.append(Instalment(position=position, due_on=due_on, amount_minor=minor))
    return invoice


def facts(
    invoice: Invoice | None = None,
    *,
    language: str = "nl",
    settled: tuple[Settled, ...] = (),
    disputed: tuple[Disputed, ...] = (),
    seller: Seller | None = None,
    **customer: object,
) -> InvoiceFacts:
    return InvoiceFacts(
        seller or a_seller(), a_customer(language, **customer), invoice or an_invoice(), settled, disputed, TODAY
    )


def text_of(pdf: bytes) -> str:
    """The text of all pages, spaces of every kind made plain."""
    return re.sub(r"\s+", " ", " ".join(pages_of(pdf)))


def pages_of(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        found = []
        for page in document:
            words = page.get_textpage()
            found.append(words.get_text_bounded())
            words.close()
            page.close()
        return found


def metadata_of(pdf: bytes) -> dict[str, str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return document.get_metadata_dict()


def plain(text: str) -> str:
    """The text with plain spaces, as it is read back."""
    return re.sub(r"\s+", " ", text)
