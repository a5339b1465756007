"""Copies of invoices: what is on the page, and what becomes of it in the PDF."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from o2c_core.documents.invoice_copy import InvoiceFacts, Settled, invoice_facts, invoice_page, render_invoice
from o2c_core.documents.payment import Disputed
from o2c_core.documents.typeset import typeset
from o2c_core.invoices.invoice import TaxSubtotal
from o2c_core.money import Money
from tests import build
from tests.o2c_core.documents.papers import (
    HOME,
    TODAY,
    a_seller,
    an_invoice,
    facts,
    in_parts,
    metadata_of,
    pages_of,
    plain,
    text_of,
)


def page(known: InvoiceFacts) -> dict[str, Any]:
    return invoice_page(known)


def pay(known: InvoiceFacts) -> dict[str, str]:
    return {name: plain(value) for name, value in page(known)["pay"]["rows"]}


def paid(minor: int, kind: str = "payment", number: str = "") -> Settled:
    return Settled(kind, number, TODAY - timedelta(days=5), Money(minor, "EUR"))


def sums(known: InvoiceFacts) -> list[tuple[str, str]]:
    return [(plain(label), plain(amount)) for label, amount, _ in page(known)["sums"]]


def test_the_page_asks_for_what_is_open_and_not_for_the_total() -> None:
    known = facts(an_invoice(12_100), settled=(paid(2_000), paid(100, "credit_note", "CN-7")))
    assert plain(page(known)["hero"]["amount"]) == "€ 100,00"
    assert pay(known)["Bedrag"] == "€ 100,00"
    assert sums(known) == [
        ("Nettobedrag", "€ 100,00"),
        ("Btw 21% over € 100,00", "€ 21,00"),
        ("Factuurbedrag", "€ 121,00"),
        ("Betaling van 11 mrt 2026", "€ −20,00"),
        ("Creditnota CN-7 van 11 mrt 2026", "€ −1,00"),
        ("Open op 16 mrt 2026", "€ 100,00"),
    ]


def test_how_to_pay_names_the_account_holder_and_a_structured_reference() -> None:
    assert pay(facts()) == {
        "Bedrag": "€ 121,00",
        "Ten name van": "Van Dijk Groothandel B.V.",
        "IBAN": "NL91 ABNA 0417 1643 00",
        "BIC": "ABNANL2A",
        "Betalingskenmerk": "RF73 INV2 0260 042",
        "Uiterlijk": "1 april 2026",
    }


@pytest.mark.parametrize(("number", "reference", "written"), [
    ("INV-2026-0042", None, "RF73 INV2 0260 042"),
    ("INV-2026-0042", "RF18539007547034", "RF18 5390 0754 7034"),
    ("INV-2026-0042", "4711 0815", "4711 0815"),
    ("A-VERY-LONG-INVOICE-NUMBER-2026-0042", None, "A-VERY-LONG-INVOICE-NUMBER-2026-0042"),
])  # fmt: skip
def test_the_reference_is_the_invoice_s_own_else_made_from_its_number(
    number: str, reference: str | None, written: str
) -> None:
    assert pay(facts(an_invoice(number=number, payment_reference=reference)))["Betalingskenmerk"] == written


@pytest.mark.parametrize(("known", "has_code", "sentence"), [
    (facts(), True, ""),
    (facts(an_invoice(number="A-VERY-LONG-INVOICE-NUMBER-2026-0042")), True, ""),
    (facts(settled=(paid(12_100),)), False, "Er hoeft niets te worden betaald."),
    (facts(disputed=(Disputed("D-1", "INV-2026-0042", Money(12_100, "EUR")),)), False, "Er hoeft niets te worden betaald tot uw bezwaar is beantwoord."),
    (facts(an_invoice(currency="GBP")), False, ""),
    (facts(an_invoice(currency="GBP"), seller=a_seller(account_currency="GBP", iban="GB33BUKB20201555555555")), False, ""),
    (facts(seller=a_seller(account_currency="GBP")), False, ""),
    (facts(seller=a_seller(iban="NL00ABNA0417164300")), False, ""),
    (facts(seller=a_seller(account_currency=None)), False, "Vraag ons hoe u kunt betalen: administratie@vandijk.example."),
    (facts(seller=a_seller(account_currency=None, email=None)), False, "Vraag ons hoe u kunt betalen."),
])  # fmt: skip
def test_there_is_a_code_only_for_euros_that_are_open_to_an_account_in_euros(
    known: InvoiceFacts, has_code: bool, sentence: str
) -> None:
    panel = page(known)["pay"]
    assert (panel["qr"] is not None, panel["sentence"]) == (has_code, sentence)
    # Either there is a sentence, or all that has to be typed over.
    assert bool(panel["rows"]) is not bool(sentence)


def test_the_part_the_customer_objected_to_is_named_and_not_asked_for() -> None:
    known = facts(disputed=(Disputed("D-118", "INV-2026-0042", Money(2_100, "EUR")),))
    assert sums(known)[-3:] == [
        ("Open op 16 mrt 2026", "€ 121,00"),
        ("Hierover hebt u bezwaar gemaakt (D-118)", "€ −21,00"),
        ("Te betalen", "€ 100,00"),
    ]
    assert pay(known)["Bedrag"] == "€ 100,00"
    assert "D-118" in page(known)["notes"][0]


@pytest.mark.parametrize(("parts", "settled", "asked", "by"), [
    ([(-10, 4_000), (20, 4_000), (50, 4_100)], 0, "€ 40,00", None),
    ([(-10, 4_000), (20, 4_000), (50, 4_100)], 1_000, "€ 30,00", None),
    ([(-10, 4_000), (20, 4_000), (50, 4_100)], 4_000, "€ 40,00", "5 april 2026"),
    ([(-10, 4_000), (20, 4_000), (50, 4_100)], 9_000, "€ 31,00", "5 mei 2026"),
    ([(-40, 4_000), (-10, 4_000), (50, 4_100)], 1_000, "€ 70,00", None),
    ([(0, 4_000), (50, 8_100)], 0, "€ 40,00", "16 maart 2026"),
])  # fmt: skip
def test_of_an_invoice_in_instalments_the_late_ones_are_asked_for_else_the_next(
    parts: list[tuple[int, int]], settled: int, asked: str, by: str | None
) -> None:
    known = facts(in_parts(an_invoice(), *parts), settled=(paid(settled),) if settled else ())
    assert (pay(known)["Bedrag"], pay(known).get("Uiterlijk")) == (asked, by)
    assert len(page(known)["instalments"]["rows"]) == len(parts)


@pytest.mark.parametrize(("due", "note"), [
    (16, "Te betalen uiterlijk 1 april 2026."),
    (0, "Te betalen uiterlijk 16 maart 2026."),
    (-1, "De betaaldatum was 15 maart 2026: één dag te laat."),
    (-14, "De betaaldatum was 2 maart 2026: 14 dagen te laat."),
])  # fmt: skip
def test_the_page_says_until_when_or_how_late(due: int, note: str) -> None:
    assert plain(page(facts(an_invoice(due_on=TODAY + timedelta(days=due))))["hero"]["note"]) == note


@pytest.mark.parametrize(
    ("until", "settled", "is_offered"), [(3, 0, True), (0, 0, True), (-1, 0, False), (3, 12_000, False)]
)
def test_paying_early_is_offered_while_it_can_still_be_taken(until: int, settled: int, is_offered: bool) -> None:
    invoice = an_invoice(discount_minor=242, discount_until_on=TODAY + timedelta(days=until))
    notes = page(facts(invoice, settled=(paid(settled),) if settled else ()))["notes"]
    assert bool(notes) is is_offered
    if is_offered:
        assert "€ 2,42" in plain(notes[0])
        assert "€ 118,58" in plain(notes[0])


def test_tax_is_told_per_category_with_the_reason_where_there_is_none() -> None:
    invoice = an_invoice(10_000, net_minor=10_000, tax_minor=0)
    invoice.taxes = [
        TaxSubtotal(category="AE", rate=Decimal(0), base_minor=9_000, tax_minor=0, exemption_reason="Article 196"),
        TaxSubtotal(category="L", rate=Decimal("7.5"), base_minor=1_000, tax_minor=0),
    ]
    labels = [label for label, _ in sums(facts(invoice, language="en"))]
    assert labels[1:3] == ["VAT reverse charge, on €90.00", "Tax L 7.5% on €10.00"]
    assert page(facts(invoice))["notes"] == ["Article 196"]


@pytest.mark.parametrize(("language", "asked", "title"), [
    ("en", "€121.00", "Invoice"), ("nl", "€ 121,00", "Factuur"), ("de", "121,00 €", "Rechnung"), ("fr", "121,00 €", "Facture"),
])  # fmt: skip
def test_the_pdf_is_in_the_customer_s_language_and_says_so_to_machines(language: str, asked: str, title: str) -> None:
    pdf = typeset("invoice", page(facts(language=language)), TODAY)
    assert pdf.startswith(b"%PDF-")
    assert asked in text_of(pdf)
    assert metadata_of(pdf)["Title"] == f"{title} INV-2026-0042"
    assert metadata_of(pdf)["Author"] == "Van Dijk"
    assert f"/Lang({language}-{HOME[language]})".encode() in pdf
    assert b"<pdfaid:part>3" in pdf
    assert b"<pdfaid:conformance>B" in pdf


MARKUP = '#panic("x") *bold* _it_ $x^2$ @ref <lab> \\ // /* `raw` = H #import "/etc/passwd": * "quote" \\u{41} [b] {c}'


@pytest.mark.parametrize("name", [
    MARKUP, "A\x00\x07B", "}]", '"}', "-- ---", "x" * 400, " ", "<script>alert(1)</script>", "\u202egnp.exe", "’‘“”",
])  # fmt: skip
def test_a_name_is_printed_and_never_run(name: str) -> None:
    pdf = typeset("invoice", page(facts(name=name, seller=a_seller(name=name))), TODAY)
    assert "121,00" in text_of(pdf)
    if name == MARKUP:
        assert text_of(pdf).replace(" ", "").count('#panic("x")*bold*_it_$x^2$@ref<lab>\\///*') >= 2


# A document takes some twenty milliseconds to set.
@settings(max_examples=min(settings().max_examples, 300))
@given(st.text(max_size=60))
def test_any_name_a_customer_may_have_gives_a_document(name: str) -> None:
    invoice = an_invoice()
    invoice.lines[0].description = name
    assert typeset("invoice", page(facts(invoice, name=name)), TODAY).startswith(b"%PDF-")


def test_text_no_font_can_draw_gives_a_plain_pdf_and_not_a_failure() -> None:
    pdf = typeset("invoice", page(facts(name="株式会社 ベーカリー")), TODAY)
    assert b"pdfaid" not in pdf
    assert "121,00" in text_of(pdf)


def test_sixty_lines_run_over_pages_each_with_the_head_of_the_table_and_its_number() -> None:
    pages = pages_of(typeset("invoice", page(facts(an_invoice(lines=60), language="en")), TODAY))
    assert len(pages) >= 2
    for number, text in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in plain(text)
        if "Article number" in text:
            assert "Description" in text
    assert all(f"Article number {line} " in plain(" ".join(pages)) for line in (1, 30, 60))
    assert "How to pay" in pages[-1]


@pytest.mark.parametrize(
    ("currency", "total", "written"), [("JPY", 121_000, "JP¥121,000"), ("KWD", 1_210, "KWD 1.210")]
)
def test_currencies_have_their_own_decimals(currency: str, total: int, written: str) -> None:
    assert written in text_of(
        typeset("invoice", page(facts(an_invoice(total, currency=currency), language="en")), TODAY)
    )


def test_the_same_facts_give_the_same_bytes() -> None:
    assert typeset("invoice", page(facts()), TODAY) == typeset("invoice", page(facts()), TODAY)


def test_what_settled_the_invoice_is_read_from_its_allocations(session: Session) -> None:
    customer = build.a_customer(session, build.a_seller(session))
    invoice = build.an_invoice(session, customer, "INV-2026-0042", total_minor=12_100)
    payment = build.a_payment(session, invoice, 2_000, on=TODAY - timedelta(days=3))
    build.a_credit_note(session, customer, 100, against=invoice)
    known = invoice_facts(session, invoice, TODAY)
    assert [(one.kind, one.on, one.amount.minor) for one in known.settled] == [
        ("payment", payment.received_on, 2_000),
        ("credit_note", build.DAY, 100),
    ]
    assert known.open == Money(10_000, "EUR")
    assert "€ 100,00" in text_of(render_invoice(session, invoice, TODAY))


def test_a_payment_that_comes_in_between_is_on_the_next_copy(session: Session) -> None:
    invoice = build.an_invoice(session, build.a_customer(session, build.a_seller(session)), total_minor=12_100)
    before = text_of(render_invoice(session, invoice, TODAY))
    build.a_payment(session, invoice, 12_100)
    after = text_of(render_invoice(session, invoice, TODAY))
    assert "Zo betaalt u" in before
    assert "Zo betaalt u" not in after
    assert "Er hoeft niets te worden betaald." in after
