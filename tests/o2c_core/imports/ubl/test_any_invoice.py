"""Whatever a seller invoices: consistent documents pass, and one cent changed anywhere is noticed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.imports.ubl.content import content_of
from o2c_core.imports.ubl.read_ubl import read_ubl
from tests.o2c_core.imports.ubl.documents import SPACES, Document, Item, Side, rules

CATEGORIES = st.sampled_from(
    [("S", "21"), ("S", "9"), ("S", "5.5"), ("Z", "0"), ("E", "0"), ("AE", "0"), ("K", "0"), ("G", "0")]
)


def decimals(places: int, low: str, high: str) -> st.SearchStrategy[str]:
    return st.decimals(Decimal(low), Decimal(high), places=places).map(str)


@st.composite
def items(draw: st.DrawFn) -> Item:
    category, rate = draw(CATEGORIES)
    return Item(
        quantity=draw(decimals(3, "-50", "5000")),
        price=draw(decimals(4, "0", "900")),
        category=category,
        rate=rate,
        base_quantity=draw(st.none() | st.sampled_from(["1", "100", "12.5"])),
        off=draw(st.none() | decimals(2, "-20", "20")),
    )


@st.composite
def sides(draw: st.DrawFn) -> Side:
    category, rate = draw(CATEGORIES)
    return Side(draw(decimals(2, "-50", "50")), category, rate)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    kind = draw(st.sampled_from(["Invoice", "CreditNote"]))
    return Document(
        kind=kind,
        lines=tuple(draw(st.lists(items(), min_size=1, max_size=6))),
        sides=tuple(draw(st.lists(sides(), max_size=3))),
        prepaid=draw(st.none() | decimals(2, "0", "500")),
        rounding=draw(st.none() | decimals(2, "-0.49", "0.5")),
        buyer_country="BE",
        buyer_vat="BE0123456789",
    )


@given(documents())
def test_a_consistent_document_keeps_every_rule_and_its_lines_and_taxes_sum_to_what_is_kept(document: Document) -> None:
    root = document.root()
    assert rules(root) == []
    content = content_of(read_ubl(root))
    assert sum(line.amount_minor for line in content.lines) == content.net_minor
    assert sum(row.base_minor for row in content.taxes) == content.net_minor
    assert sum(row.tax_minor for row in content.taxes) == content.tax_minor
    assert content.net_minor + content.tax_minor == content.total_minor


# Where each amount stands that must be right to the cent, in invoices and credit notes alike.
EXACT = [
    "cac:LegalMonetaryTotal/*",
    "cac:TaxTotal/cbc:TaxAmount",
    "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxableAmount",
    "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount",
    "cac:AllowanceCharge/cbc:Amount",
    "*/cbc:LineExtensionAmount",
]


@given(documents(), st.data(), st.sampled_from(["0.01", "-0.01"]))
def test_one_cent_more_or_less_on_any_one_amount_is_refused_by_a_rule_of_sums(
    document: Document, data: st.DataObject, by: str
) -> None:
    root = document.root()
    amounts = [element for path in EXACT for element in root.findall(path, SPACES)]
    element = data.draw(st.sampled_from(amounts))
    element.text = str(Decimal(element.text or "0") + Decimal(by))
    assert any(
        rule.startswith(("BR-CO-1", "BR-S-", "BR-Z-", "BR-E-", "BR-AE-", "BR-IC-", "BR-G-")) for rule in rules(root)
    )


@given(documents(), decimals(2, "-20", "20"), st.sampled_from(["0.04", "-0.04", "1.00", "75.00"]))
def test_a_discount_of_a_line_off_by_more_than_rounding_is_refused(document: Document, off: str, by: str) -> None:
    root = replace(document, lines=(replace(document.lines[0], off=off), *document.lines[1:])).root()
    discount = root.find("*/cac:AllowanceCharge/cbc:Amount", SPACES)
    assert discount is not None
    discount.text = str(Decimal(discount.text or "0") + Decimal(by))
    assert "PEPPOL-EN16931-R120" in rules(root)


@pytest.mark.parametrize("kind", ["Invoice", "CreditNote"])
def test_the_same_document_always_has_the_same_fingerprint_and_another_amount_another(kind: str) -> None:
    first = content_of(read_ubl(Document(kind=kind).root()))
    assert first.fingerprint == content_of(read_ubl(Document(kind=kind).root())).fingerprint
    assert first.fingerprint != content_of(read_ubl(Document(kind=kind, lines=(Item("11"),)).root())).fingerprint
