"""Statements as documents, and the words all documents are made of."""

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, meta
from sqlalchemy.orm import Session

import o2c_core.documents.wording as wording_package
from o2c_core.customers.customer import LANGUAGES
from o2c_core.documents.payment import Disputed, reference_for
from o2c_core.documents.statement_copy import render_statement, statement_page
from o2c_core.documents.typeset import typeset
from o2c_core.invoices.statement import KINDS, OpenItem, Statement, running
from o2c_core.money import Money
from tests import build
from tests.o2c_core.documents.papers import TODAY, a_customer, a_seller, metadata_of, pages_of, plain, text_of

FROM = TODAY - timedelta(days=90)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def claim(number: str, minor: int, due: int) -> OpenItem:
    due_on = TODAY + timedelta(days=due)
    return OpenItem("invoice", number, due_on - timedelta(days=30), due_on, eur(minor), eur(minor), max(0, -due))


def waiting(minor: int) -> OpenItem:
    return OpenItem("payment", "RF18", TODAY, None, eur(-minor), eur(-minor), 0)


def a_statement(*items: OpenItem) -> Statement:
    """A statement whose movements bring about just those open items."""
    moves = [(item.on, item.kind, item.number, item.open.minor) for item in items]
    return Statement(a_customer().id, "EUR", FROM, TODAY, eur(0), running(moves, eur(0)), items)


def page(statement: Statement, language: str = "nl", **options: Any) -> dict[str, Any]:
    return statement_page(a_seller(), a_customer(language), statement, **options)


def pay(said: dict[str, Any]) -> dict[str, str]:
    return {name: plain(value) for name, value in said["pay"]["rows"]}


def test_what_is_asked_is_what_is_open_less_what_waits_and_what_is_objected_to() -> None:
    statement = a_statement(claim("INV-1", 10_000, -40), claim("INV-2", 5_000, 10), waiting(2_000))
    said = page(statement, disputed=[Disputed("D-1", "INV-2", eur(1_000)), Disputed("D-2", "INV-OLD", eur(700))])
    assert pay(said)["Bedrag"] == "€ 120,00"
    assert plain(said["hero"]["amount"]) == "€ 120,00"
    assert plain(said["hero"]["note"]) == "Van dit bedrag is € 100,00 over de vervaldatum."
    assert [plain(amount) for _, amount in said["ageing"]] == [
        "€ 50,00", "€ 0,00", "€ 100,00", "€ 0,00", "€ 0,00", "€ −20,00",
    ]  # fmt: skip
    assert plain(said["open"]["total"][1]) == "€ 130,00"
    assert [note for note in said["notes"] if "D-2" in note] == []
    assert len(said["notes"]) == 2


@pytest.mark.parametrize(("items", "disputed", "note"), [
    ([claim("INV-1", 40_615, -6)], 1_125, "Van dit bedrag is € 394,90 over de vervaldatum."),
    ([claim("INV-1", 10_000, -6), claim("INV-2", 5_000, 6)], 10_000, ""),
    ([claim("INV-1", 10_000, -6), waiting(3_000)], 0, "Van dit bedrag is € 70,00 over de vervaldatum."),
    ([claim("INV-1", 10_000, 6)], 0, "Niets hiervan is over de vervaldatum."),
])  # fmt: skip
def test_no_more_is_late_than_is_asked_for(items: list[OpenItem], disputed: int, note: str) -> None:
    said = page(a_statement(*items), disputed=[Disputed("D-1", "INV-1", eur(disputed))] if disputed else [])
    assert plain(said["hero"]["note"]) == note


@pytest.mark.parametrize(("items", "disputed", "label", "sentence"), [
    ([], 0, "Op 16 maart 2026 staat niets open", "Er hoeft niets te worden betaald."),
    ([waiting(500)], 0, "In uw voordeel op 16 maart 2026", "Er hoeft niets te worden betaald."),
    ([claim("INV-1", 400, 5), waiting(500)], 0, "In uw voordeel op 16 maart 2026", "Wat wij van u hebben ontvangen, dekt wat open staat."),
    ([claim("INV-1", 400, 5)], 400, "Nog te betalen, stand op 16 maart 2026", "Er hoeft niets te worden betaald tot uw bezwaar is beantwoord."),
    ([claim("INV-1", 400, 5)], 0, "Nog te betalen, stand op 16 maart 2026", ""),
])  # fmt: skip
def test_a_statement_with_nothing_to_pay_says_why(
    items: list[OpenItem], disputed: int, label: str, sentence: str
) -> None:
    said = page(a_statement(*items), disputed=[Disputed("D-1", "INV-1", eur(disputed))] if disputed else [])
    assert (plain(said["hero"]["label"]), said["pay"]["sentence"]) == (label, sentence)
    assert (said["pay"]["qr"] is None) is bool(sentence)


@pytest.mark.parametrize(("numbers", "reference"), [
    (["INV2026001"], "RF10INV2026001"),
    (["INV-1", "INV-2"], "INV-1 INV-2"),
    ([f"INV-2026-{number:04}" for number in range(10)], " ".join(f"INV-2026-{number:04}" for number in range(10))),
    ([f"INV-2026-{number:04}" for number in range(11)], "C0042"),
    ([], "C0042"),
])  # fmt: skip
def test_a_payment_for_several_invoices_names_them_while_they_fit(numbers: list[str], reference: str) -> None:
    assert reference_for(numbers, "C0042") == reference


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_gives_a_pdf_with_every_kind_of_movement(language: str) -> None:
    moves = [(TODAY - timedelta(days=9), kind, "X-1", 100) for kind in KINDS]
    items = (
        OpenItem("invoice", "X-1", FROM, TODAY, eur(900), eur(900), 0, (2, 3)),
        waiting(0),
        OpenItem("credit_note", "CN-1", TODAY, None, eur(0), eur(0), 0),
    )
    statement = Statement(a_customer().id, "EUR", FROM, TODAY, eur(0), running(moves, eur(0)), items)
    pdf = typeset("statement", page(statement, language, disputed=[Disputed("D-1", "X-1", eur(50))]), TODAY)
    assert "D-1" in text_of(pdf)
    assert "RF" in text_of(pdf)
    assert metadata_of(pdf)["Title"].endswith(" EUR")
    assert b"<pdfaid:part>3" in pdf


def test_a_long_statement_repeats_its_head_on_every_page() -> None:
    moves = [(FROM + timedelta(days=place // 2), "invoice", f"INV-{place:04}", 100) for place in range(150)]
    statement = Statement(
        a_customer().id, "EUR", FROM, TODAY, eur(0), running(moves, eur(0)), (claim("INV-1", 15_000, 1),)
    )
    pages = pages_of(typeset("statement", page(statement, "en"), TODAY))
    assert len(pages) >= 4
    assert all("Charged" in text for text in pages if "INV-01" in text)
    assert "INV-0149" in " ".join(pages)


def test_the_statement_of_a_real_account_has_its_figures(session: Session) -> None:
    customer = build.a_customer(session, build.a_seller(session))
    invoice = build.an_invoice(session, customer, "INV-7", total_minor=12_100, due_on=TODAY - timedelta(days=5))
    build.a_payment(session, invoice, 2_100)
    text = text_of(render_statement(session, customer, "EUR", FROM, TODAY))
    assert "€ 121,00" in text
    assert "€ 21,00" in text
    assert "Van dit bedrag is € 100,00 over de vervaldatum." in text


def test_every_language_has_the_same_sentences_with_values_of_the_same_names() -> None:
    def shape(language: str) -> dict[str, set[str]]:
        text = Path(wording_package.__file__).with_name(f"{language}.toml").read_text()
        return {
            f"{group}.{name}": meta.find_undeclared_variables(Environment(autoescape=True).parse(sentence))
            for group, sentences in tomllib.loads(text).items()
            for name, sentence in sentences.items()
        }

    assert {language: shape(language) == shape("en") for language in LANGUAGES} == dict.fromkeys(LANGUAGES, True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_shouts_or_blames(language: str) -> None:
    text = Path(wording_package.__file__).with_name(f"{language}.toml").read_text()
    said = [sentence for sentences in tomllib.loads(text).values() for sentence in sentences.values()]
    assert not [sentence for sentence in said if "!" in sentence.replace("!=", "")]
    assert not [sentence for sentence in said if "failed to" in sentence or "kindly" in sentence]
    assert date(2026, 3, 16) == TODAY
