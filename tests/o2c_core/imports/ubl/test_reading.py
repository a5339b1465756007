"""Reading UBL: what is taken from where, what is no UBL, and files that mean harm."""

from __future__ import annotations

import gzip
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from o2c_core.errors import Refused
from o2c_core.imports.ubl.einvoice import PartyId
from o2c_core.imports.ubl.read_ubl import NotAnEInvoice, is_einvoice, read_ubl
from o2c_core.imports.xml import read_xml
from tests.o2c_core.imports.ubl.documents import IBAN, UBL, Document, Item, a_document, edited, rules

LAUGHS = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 12))


def test_an_invoice_is_read_with_its_business_terms() -> None:
    document = Document(
        purchase_order="PO-9",
        sales_order="SO-1001",
        terms="30 days",
        lines=(Item("4", "2.50", base_quantity="2", off="-1.00"),),
    )
    read = read_ubl(document.root())
    assert (read.kind, read.number, read.issued_on, read.due_on) == (
        "invoice",
        "INV-7",
        date(2026, 3, 2),
        date(2026, 4, 1),
    )
    assert (read.purchase_order, read.sales_order, read.buyer_reference) == ("PO-9", "SO-1001", "Inkoop")
    assert (read.accounts, read.payment_reference, read.terms_note) == ((IBAN,), "RF18539007547034", "30 days")
    assert read.buyer.endpoint == PartyId("87654321", "0106")
    assert (read.buyer.called, read.buyer.vat_id, read.buyer.email) == (
        "Bakkerij Jansen",
        "NL001234567B01",
        "ap@jansen.example",
    )
    (line,) = read.lines
    assert (line.net, line.computed, line.sku, line.category, line.rate) == (
        Decimal(4),
        Decimal(4),
        "ART-1",
        "S",
        Decimal(21),
    )
    assert [each.signed for each in line.adjustments] == [Decimal("-1.00")]
    assert (read.taxes[0].base, read.taxes[0].tax, read.totals.payable) == (
        Decimal("4.00"),
        Decimal("0.84"),
        Decimal("4.84"),
    )


def test_a_credit_note_is_a_document_of_its_own_with_positive_amounts_and_the_invoice_it_is_for() -> None:
    read = read_ubl(Document(kind="CreditNote", number="CN-1", credits=("INV-6", "INV-7")).root())
    assert (read.kind, read.number, read.type_code, read.preceding) == (
        "credit_note",
        "CN-1",
        "381",
        ("INV-6", "INV-7"),
    )
    assert (read.lines[0].quantity, read.totals.gross) == (Decimal(10), Decimal("121.00"))


def test_a_credit_notes_due_day_stands_with_its_first_means_of_payment() -> None:
    root = edited(
        Document(kind="CreditNote").root(), "cac:PaymentMeans/cbc:PaymentDueDate=2026-05-01", "+cac:PaymentMeans"
    )
    assert read_ubl(root).due_on == date(2026, 5, 1)
    assert rules(root) == []


def test_words_are_taken_with_single_spaces_and_an_account_without_any() -> None:
    root = edited(
        Document().root(),
        "cbc:ID=  INV \n 7 ",
        "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID=nl91 abna 0417 1643 00",
    )
    assert (read_ubl(root).number, read_ubl(root).accounts) == ("INV 7", (IBAN,))


@pytest.mark.parametrize("day", ["2026-03-02Z", "2026-03-02+01:00", " 2026-03-02 "])
def test_a_day_may_carry_a_time_zone(day: str) -> None:
    assert read_ubl(edited(Document().root(), f"cbc:IssueDate={day}")).issued_on == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("xml", "is_ubl"),
    [
        (f'<Invoice xmlns="{UBL}Invoice-2"/>', True),
        (f'<CreditNote xmlns="{UBL}CreditNote-2"/>', True),
        (f'<Order xmlns="{UBL}Order-2"/>', False),
        ("<Invoice/>", False),
        (f'<CreditNote xmlns="{UBL}Invoice-2"/>', False),
        ('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>', False),
        ('<CrossIndustryInvoice xmlns="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"/>', False),
    ],
)
def test_only_invoices_and_credit_notes_of_ubl_are_einvoices(xml: str, is_ubl: bool) -> None:
    root = etree.fromstring(xml)
    assert is_einvoice(root) == is_ubl
    if is_ubl:
        assert "BR-02" in rules(root)
    else:
        with pytest.raises(NotAnEInvoice, match="outermost element is"):
            read_ubl(root)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            f'<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/passwd">]><Invoice xmlns="{UBL}Invoice-2">&x;</Invoice>',
            "document type",
        ),
        (
            f'<!DOCTYPE Invoice [<!ENTITY l0 "lol">{LAUGHS}]><Invoice xmlns="{UBL}Invoice-2">&l11;</Invoice>',
            "document type|not XML that can be read",
        ),
        ('<!DOCTYPE Invoice SYSTEM "http://127.0.0.1:1/x.dtd"><Invoice/>', "document type"),
        (Document().xml()[:900], "is not XML that can be read"),
        ("", "is not XML that can be read"),
        ("number;total\nINV-7;121,00\n", "is not XML that can be read"),
    ],
)
def test_a_file_that_means_harm_or_stops_in_the_middle_is_refused_in_a_sentence(
    tmp_path: Path, content: str, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        read_ubl(read_xml(a_document(tmp_path, content.encode())))


def test_a_compressed_document_is_read_too(tmp_path: Path) -> None:
    packed = a_document(tmp_path, gzip.compress(Document().xml().encode()), "einvoice.xml.gz")
    assert read_ubl(read_xml(packed)).number == "INV-7"


def test_what_is_wrong_a_thousand_times_does_not_fill_the_report() -> None:
    root = Document(lines=tuple(Item() for _ in range(200))).root()
    for place, net in enumerate(root.iter("{*}LineExtensionAmount")):
        net.text = f"x{place}"
    assert len(read_ubl(root).unreadable) == 50


def test_a_number_nobody_could_have_given_is_refused() -> None:
    root = edited(Document().root(), "cbc:ID=" + "9" * 3_000)
    assert read_ubl(root).unreadable == ("ID is 3,000 characters long",)


def test_elements_inside_an_amount_are_refused() -> None:
    root = Document().root()
    payable = root.find(".//{*}PayableAmount")
    assert payable is not None
    etree.SubElement(payable, "b").text = "1000000.00"
    assert read_ubl(root).unreadable == ("LegalMonetaryTotal/PayableAmount has elements inside it where words belong",)


def test_a_comment_cannot_split_an_amount(tmp_path: Path) -> None:
    content = Document().xml().replace(">121.00</cbc:PayableAmount>", ">12<!-- -->1.00</cbc:PayableAmount>")
    assert "<!-- -->" in content
    assert read_ubl(read_xml(a_document(tmp_path, content.encode()))).totals.payable == Decimal("121.00")
